"""The features of up to three dimensions: every one is a spoke from the origin of hidden space.

One and two hidden dimensions are shown directly, three in a projection that can be rotated. Spokes
are strong, the outlines of the shapes that they form faint, and the circle of length 1 is dotted.
"""

import numpy as np

from superpos_core.arrays import IntArray
from superpos_core.geometry.shape_pictures import outline
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN, Canvas
from superpos_tui.drawing.cells import Cells, InkArray
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.measures.geometry import feature_vectors, lane_geometry
from superpos_tui.scene import Scene, measure_of_lane
from superpos_tui.views.geometry.spoke_labels import spoke_labels
from superpos_tui.views.geometry.spoke_layout import SpokeLayout
from superpos_tui.views.shared.feature_colours import colour_legend, feature_inks
from superpos_tui.views.shared.labels import write_labels
from superpos_tui.views.shared.strokes import DOTTED, draw_circle, draw_discs, draw_lines
from superpos_tui.views.shared.viewpoint import Viewpoint

MAX_DISCS, MAX_LARGE_DISCS, LARGE_UNIT = 150, 16, 20
"""Ends are small if there are many, and large if there are few and the circle is large."""
LARGE_DISC, SMALL_DISC = 6, 3


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The spokes, as large as fits, centred; the legend in the last row."""
    cells = Cells.blank(width, height)
    layout = SpokeLayout.of(scene, width, height)
    _draw_circle(layout, scene).paint(cells, 0, 0)
    _draw_outlines(layout, scene).paint(cells, 0, 0)
    behind = cells.glyphs.copy()
    _draw_spokes(layout, scene).paint(cells, 0, 0)
    write_labels(cells, cells.glyphs != behind, spoke_labels(layout, scene), range(layout.rows))
    if not layout.visible.any():
        cells.write_centred(layout.rows // 2, "weights are not finite", Ink.MUTED)
    if layout.rows < height:
        _write_legend(cells, layout, scene, palette)
    return cells


def feature_at(scene: Scene, width: int, height: int, x: int, y: int) -> int | None:
    """The feature whose spoke ends nearest to a cell."""
    layout = SpokeLayout.of(scene, width, height)
    if y >= layout.rows or not layout.visible.any():
        return None
    across = layout.x - DOTS_ACROSS * x - (DOTS_ACROSS - 1) / 2
    down = layout.y - DOTS_DOWN * y - (DOTS_DOWN - 1) / 2
    return int(np.argmin(np.where(layout.visible, np.hypot(across, down), np.inf)))


def _draw_circle(layout: SpokeLayout, scene: Scene) -> Canvas:
    """Draw the circle; in three dimensions it is the outline of a sphere, with an equator."""
    canvas = Canvas(layout.width, layout.rows)
    tilt = scene.options.of(Viewpoint).tilt if scene.hidden == 3 else None
    draw_circle(canvas, (layout.x0, layout.y0), layout.unit, tilt)
    return canvas


def _draw_outlines(layout: SpokeLayout, scene: Scene) -> Canvas:
    """Join the ends of the spokes of each regular shape that are neighbours."""
    canvas = Canvas(layout.width, layout.rows)
    pairs = scene.of(outlines)
    if pairs.size and not layout.many:
        first, second = layout.ends[pairs[:, 0]], layout.ends[pairs[:, 1]]
        draw_lines(canvas, first, second, np.full(len(pairs), Ink.FAINT, dtype=np.uint16))
    return canvas


@measure_of_lane
def outlines(scene: Scene) -> IntArray:
    """The edges of all shapes as pairs of features, shape (edges, 2)."""
    vectors = scene.of(feature_vectors)
    pairs = [pair for shape in scene.of(lane_geometry).shapes for pair in outline(shape, vectors)]
    return np.array(pairs, dtype=int).reshape(-1, 2)


def _draw_spokes(layout: SpokeLayout, scene: Scene) -> Canvas:
    """Draw ignored features first, then those behind, those in front, and the selected one."""
    canvas = Canvas(layout.width, layout.rows)
    inks = feature_inks(scene)
    ignored = np.flatnonzero(layout.visible & ~layout.long)
    behind = np.flatnonzero(layout.long & layout.behind)
    in_front = np.flatnonzero(layout.long & ~layout.behind)
    size = _size_of_ends(behind.size + in_front.size, layout.unit)
    faint = np.full_like(inks, Ink.FAINT)
    draw_discs(canvas, layout.ends[ignored], faint[ignored], 1)
    if not layout.many:
        _draw_lines(canvas, layout, behind, faint, spacing=DOTTED)
        _draw_lines(canvas, layout, in_front, inks, thick=size == LARGE_DISC)
    draw_discs(canvas, layout.ends[behind], inks[behind], max(size - 2, 1))
    draw_discs(canvas, layout.ends[in_front], inks[in_front], size)
    if scene.options.cursor is not None:
        selected = np.array([scene.options.cursor.feature])
        _draw_lines(canvas, layout, selected, inks, thick=size == LARGE_DISC)
        draw_discs(canvas, layout.ends[selected], inks[selected], size + 2)
    return canvas


def _size_of_ends(count: int, unit: float) -> int:
    """The size of the discs at the ends, in dots."""
    if count > MAX_DISCS:
        return 1
    return LARGE_DISC if count <= MAX_LARGE_DISCS and unit >= LARGE_UNIT else SMALL_DISC


def _draw_lines(
    canvas: Canvas,
    layout: SpokeLayout,
    features: IntArray,
    inks: InkArray,
    *,
    spacing: int = 1,
    thick: bool = False,
) -> None:
    ends = layout.ends[features]
    origin = np.broadcast_to([float(layout.x0), float(layout.y0)], ends.shape)
    draw_lines(canvas, origin, ends, inks[features], spacing=spacing, thick=thick)


def _write_legend(cells: Cells, layout: SpokeLayout, scene: Scene, palette: Palette) -> None:
    """Write the legend of colours, if any, on the left, and the circle's length on the right."""
    legend = colour_legend(scene, cells.width, palette)
    cells.paste(0, cells.height - 1, legend)
    circle = f"{'sphere' if scene.hidden == 3 else 'circle'}: length {layout.radius:g}"
    if legend.width + len("  ") + len(circle) <= cells.width:
        cells.write_right(cells.width, cells.height - 1, circle, Ink.MUTED)
