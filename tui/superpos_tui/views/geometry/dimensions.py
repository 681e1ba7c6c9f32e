"""How the shapes use the dimensions: shared out among them, and on the paper's scale of D."""

from itertools import pairwise

import numpy as np

from superpos_core.geometry.measures import largest_sum_of_dimensionality
from superpos_core.theory import DIMENSIONALITY_MARKS
from superpos_tui.drawing.glyphs import FULL, NEARLY_FULL, NEARLY_WIDE, SHADES
from superpos_tui.drawing.numbers import fixed
from superpos_tui.drawing.palette import Ink
from superpos_tui.drawing.text_lines import Line, Piece, line
from superpos_tui.measures.geometry import (
    dimensions_per_feature,
    lane_geometry,
    sum_of_dimensionality,
)
from superpos_tui.scene import Scene
from superpos_tui.views.geometry.graph_layout import shapes_by_size

NEAR = 0.03
"""A shape is at a mark of the scale if its D is this close to it."""
MAX_BAR = 60
LABEL = len("2/5  ")
NOBODY = "·"


def shares_of_shapes(scene: Scene, width: int) -> list[Line]:
    """ΣD_i of m, and D*, above a bar of m dimensions with a piece for each shape."""
    most = largest_sum_of_dimensionality(scene.config.features, scene.hidden)
    total = fixed(scene.of(sum_of_dimensionality), len(str(most)) + len(".00"), 2).strip()
    per_feature = fixed(scene.of(dimensions_per_feature), 4, 2)
    return [
        line(
            ("dimensions ", Ink.MUTED),
            (f"ΣD {total}", Ink.TEXT),
            (f" of {most}", Ink.MUTED),
            ("   D* ", Ink.MUTED),
            (per_feature, Ink.TEXT),
        ),
        line(*_bar(scene, min(width, MAX_BAR))),
    ]


def _bar(scene: Scene, width: int) -> list[Piece]:
    """One piece per shape, as long as its share of the dimensions; the rest is empty."""
    shapes = scene.of(shapes_by_size)
    shares = [len(shape.features) * shape.dimensionality for shape in shapes]
    ends = np.rint(np.cumsum([0, *shares]) / scene.hidden * width).astype(int)
    pieces: list[Piece] = []
    for index, (start, end) in enumerate(pairwise(np.minimum(ends, width).tolist())):
        if end > start:
            ink = (Ink.MUTED, Ink.FAINT)[index % 2]
            pieces.append((FULL * (end - start - 1) + NEARLY_WIDE, ink))
    used = sum(len(text) for text, _ in pieces)
    return [*pieces, (SHADES[0] * (width - used), Ink.FAINT)]


def scale_of_shapes(scene: Scene, width: int) -> list[Line]:
    """The marks of the scale of D, with the number of features at each as a bar."""
    counted = _counted(scene)
    names = max(len(name) for _, name, _ in counted)
    digits = len(str(scene.config.features))
    room = max(width - LABEL - names - 2 - digits - 1, 0)
    lines = [line((f"{'D':<{LABEL}}{'shape':<{names}}  features", Ink.MUTED))]
    for label, name, count in counted:
        length = -(-count * room // scene.config.features)
        text = f"{label:<{LABEL}}{name:<{names}}  {count or NOBODY:>{digits}} "
        ink = Ink.TEXT if count else Ink.FAINT
        lines.append(line((text, ink), (NEARLY_FULL * length, Ink.MUTED)))
    return lines


def _counted(scene: Scene) -> list[tuple[str, str, int]]:
    """The label and the name of each mark, and the features in regular shapes there."""
    geometry, marks = scene.of(lane_geometry), DIMENSIONALITY_MARKS
    counts, others = [0] * len(marks), 0
    for shape in geometry.shapes:
        away = [abs(mark.value - shape.dimensionality) for mark in marks]
        if shape.known and min(away) <= NEAR:
            counts[int(np.argmin(away))] += len(shape.features)
        else:
            others += len(shape.features)
    *shapes, ignored = marks
    return [
        *((mark.label, mark.shape, count) for mark, count in zip(shapes, counts, strict=False)),
        ("", "other shapes", others),
        (ignored.label, ignored.shape, len(geometry.ignored)),
    ]
