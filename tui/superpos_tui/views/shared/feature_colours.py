"""The colours of features, according to the chosen colouring, and a legend for them."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from superpos_core.task.data import distribution_named
from superpos_tui.drawing.cells import Cells, InkArray
from superpos_tui.drawing.palette import (
    FULL_COLOURS,
    Ink,
    Palette,
    category_ink,
    sequential_inks,
    superposition_inks,
)
from superpos_tui.measures.geometry import lane_geometry, superposition
from superpos_tui.scene import Scene
from superpos_tui.views.shared.colouring import Colouring
from superpos_tui.views.shared.legends import importance_legend, superposition_legend

SWATCH = "■"
GAP = 2
"""Columns between two swatches."""


def feature_inks(scene: Scene) -> InkArray:
    """The ink of every feature, shape (n,), according to the chosen colouring."""
    if scene.options.of(Colouring).by == "superposition":
        return superposition_inks(scene.of(superposition))
    if scene.options.of(Colouring).by == "importance":
        return sequential_inks(scene.importance / scene.importance.max())
    inks = np.full(scene.config.features, Ink.MUTED, dtype=np.uint16)
    for index, (_, features) in enumerate(_groups(scene)):
        inks[list(features)] = category_ink(index)
    return inks


def _groups(scene: Scene) -> list[tuple[str, Sequence[int]]]:
    """Groups of features, with names: the data's sets, or else the shapes.

    Larger shapes come first; single features are not groups.
    """
    config = scene.config
    if distribution_named(config.distribution).has_sets:
        starts = range(0, config.features, config.set_size)
        return [
            (f"set {index}", range(start, start + config.set_size))
            for index, start in enumerate(starts)
        ]
    shapes = [shape for shape in scene.of(lane_geometry).shapes if len(shape.features) > 1]
    shapes.sort(key=lambda shape: -len(shape.features))
    return [(shape.name, shape.features) for shape in shapes]


def colour_legend(scene: Scene, width: int, palette: Palette) -> Cells:
    """A row that explains ``feature_inks``, at most ``width`` wide; empty without colours."""
    if palette.depth == "none":
        return Cells.blank(0, 1)
    if scene.options.of(Colouring).by == "group":
        return _swatches(scene, width)
    if scene.options.of(Colouring).by == "importance":
        most = "unknown" if "importance" in scene.unknown else f"{scene.importance.max():g}"
        legend = importance_legend(most, FULL_COLOURS)
    else:
        legend = superposition_legend(FULL_COLOURS)
    return legend if legend.width <= width else Cells.blank(0, 1)


def _swatches(scene: Scene, width: int) -> Cells:
    """Such as ``■ digon  ■ digon  ■ pentagon``, as many as fit."""
    names = [f"{SWATCH} {name}" for name, _ in _groups(scene)]
    ends = [x - GAP for x in accumulate(len(name) + GAP for name in names)]
    fitting = [(name, end) for name, end in zip(names, ends, strict=True) if end <= width]
    legend = Cells.blank(fitting[-1][1] if fitting else 0, 1)
    for index, (name, end) in enumerate(fitting):
        legend.write_right(end, 0, name, Ink.MUTED)
        legend.write(end - len(name), 0, SWATCH, category_ink(index))
    return legend
