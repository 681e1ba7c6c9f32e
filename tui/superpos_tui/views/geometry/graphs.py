"""The shapes of more than three dimensions: one small graph each, as in the paper.

A shape fills dimensions of its own, so each is drawn by itself. A dot is a feature; lines join
those that overlap, in the colour of W_i·W_j.
"""

import math
from collections.abc import Sequence

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN, Canvas
from superpos_tui.drawing.cells import Cells, InkArray
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.numbers import fixed
from superpos_tui.drawing.palette import Ink, Palette, diverging_inks
from superpos_tui.drawing.squares import LIMIT
from superpos_tui.drawing.text_lines import cut
from superpos_tui.measures.geometry import lane_geometry
from superpos_tui.scene import Scene
from superpos_tui.views.geometry.graph_layout import Box, GraphLayout
from superpos_tui.views.shared.feature_colours import colour_legend, feature_inks
from superpos_tui.views.shared.labels import Label, write_labels
from superpos_tui.views.shared.legends import signs, text_row
from superpos_tui.views.shared.strokes import draw_discs, draw_lines

MAX_EDGES = 80
"""Of more overlapping pairs, the strongest are drawn: more lines than this cover one another."""
SHADES = 4
"""Lines have so few shades per sign, and are ordered by them: while training, most of them look the
same from frame to frame."""
MAX_LABELS = 24
"""A shape of more features has no numbers."""
SIZES, APART = (6, 4, 3), 5
"""Discs are of the largest of these sizes that is so many times in the distance of neighbours."""
LINE = "━"


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The pictures with their names; the legend in the last row."""
    cells = Cells.blank(width, height)
    layout = GraphLayout.of(scene, width, height)
    canvas = Canvas(width, height)
    _draw_edges(canvas, layout.boxes)
    _draw_nodes(canvas, layout.boxes, feature_inks(scene))
    canvas.paint(cells, 0, 0)
    for box in layout.boxes:
        _write_caption(cells, box, scene)
    taken = cells.glyphs != " "
    for box in layout.boxes:
        write_labels(cells, taken, _labels(box, scene), range(box.top, box.caption_row))
    if not layout.boxes:
        cells.write_centred(height // 2, _why_empty(scene), Ink.MUTED)
    _write_legend(cells, layout, scene, palette)
    return cells


def feature_at(scene: Scene, width: int, height: int, x: int, y: int) -> int | None:
    """The nearest feature of the shape in whose box a cell is."""
    box = GraphLayout.of(scene, width, height).box_at(x, y)
    if box is None:
        return None
    middle = DOTS_ACROSS * x + (DOTS_ACROSS - 1) / 2, DOTS_DOWN * y + (DOTS_DOWN - 1) / 2
    nearest = int(np.argmin(np.linalg.norm(box.nodes - middle, axis=1)))
    return box.picture.shape.features[nearest]


def _draw_edges(canvas: Canvas, boxes: Sequence[Box]) -> None:
    """Draw the strongest edges of each picture; few and where there is room they are thick."""
    for thick in (False, True):
        alike = [_strongest(box) for box in boxes if _has_thick_lines(box) == thick]
        if alike:
            starts, ends, shades = (np.concatenate(parts) for parts in zip(*alike, strict=True))
            draw_lines(canvas, starts, ends, diverging_inks(shades / SHADES, LIMIT), thick=thick)


def _strongest(box: Box) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Both ends of the strongest edges, shape (e, 2), and their shades, weaker ones first."""
    shades = np.rint(SHADES * box.picture.products)
    # Of the same strength, negative ones are above: that is where the ReLU matters.
    order = np.lexsort((shades < 0, np.abs(shades)))[-MAX_EDGES:]
    seen = order[shades[order] != 0]
    first, second = box.picture.edges[seen].T
    return box.nodes[first], box.nodes[second], shades[seen]


def _has_thick_lines(box: Box) -> bool:
    return _disc(box) == SIZES[0] and len(box.picture.edges) <= len(box.picture.points)


def _draw_nodes(canvas: Canvas, boxes: Sequence[Box], inks: InkArray) -> None:
    """Draw the features as discs, in these inks, shape (n,)."""
    for size in SIZES:
        alike = [box for box in boxes if _disc(box) == size]
        if alike:
            features = [feature for box in alike for feature in box.picture.shape.features]
            nodes = np.concatenate([box.nodes for box in alike])
            draw_discs(canvas, nodes, inks[features], size)


def _disc(box: Box) -> int:
    """The size of its discs in dots: the largest that leaves room between neighbours on a ring."""
    apart = 2 * math.pi * box.radius / len(box.picture.points)
    return next((size for size in SIZES if APART * size <= apart), SIZES[-1])


def _write_caption(cells: Cells, box: Box, scene: Scene) -> None:
    """Write the name of the shape in the middle below it, with its D if there is room."""
    shape, cursor = box.picture.shape, scene.options.cursor
    is_selected = cursor is not None and cursor.feature in shape.features
    name = f"{SELECTED} {shape.name}" if is_selected else shape.name
    if len(name) >= box.width:
        name = name.replace(" features", "")
    share = f"  D {fixed(shape.dimensionality, 4, 2)}"
    text = name + share if len(name + share) < box.width else cut(name, box.width - 1)
    x = box.left + (box.width - len(text)) // 2
    cells.write(x, box.caption_row, text, Ink.MUTED)
    cells.write(x, box.caption_row, text[: len(name)], Ink.ACCENT if is_selected else Ink.TEXT)


def _labels(box: Box, scene: Scene) -> list[Label]:
    """The numbers of its features, away from the middle; the selected one first."""
    cursor, labels = scene.options.cursor, list[Label]()
    for feature, (x, y), (right, up) in zip(
        box.picture.shape.features, box.nodes, box.picture.points, strict=True
    ):
        is_selected = cursor is not None and cursor.feature == feature
        if is_selected or len(box.picture.points) <= MAX_LABELS:
            outwards = math.atan2(up, right)
            labels.append(Label(feature, x, y, outwards, is_selected=is_selected))
    return sorted(labels, key=lambda label: not label.is_selected)


def _why_empty(scene: Scene) -> str:
    if scene.of(lane_geometry).not_finite:
        return "weights are not finite"
    return "no feature is represented"


def _write_legend(cells: Cells, layout: GraphLayout, scene: Scene, palette: Palette) -> None:
    """Write how many shapes are not shown, else what lines mean; and the legend of colours."""
    right = text_row(f"and {layout.more} more ↑↓") if layout.more else _lines_legend(scene, palette)
    legend = colour_legend(scene, cells.width, palette)
    both_fit = legend.width + len("  ") + right.width <= cells.width
    if both_fit or not layout.more:
        cells.paste(0, cells.height - 1, legend)
    if both_fit or layout.more:
        cells.paste(max(cells.width - right.width, 0), cells.height - 1, right)


def _lines_legend(scene: Scene, palette: Palette) -> Cells:
    """Such as ``lines W_i·W_j: ━ + ━ −``; empty without colours."""
    if palette.depth == "none":
        return Cells.blank(0, 1)
    name = scene.model.vectors_name
    return signs(LINE, LINE, before=f"lines {name}_i·{name}_j: ")
