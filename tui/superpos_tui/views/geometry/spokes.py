"""The geometry panel: every feature is a spoke from the origin of the hidden space.

One and two hidden dimensions are shown directly, three in a projection that can be rotated, and
beyond three the two directions with most of the weights' norm.
"""

import math

import numpy as np

from superpos_core.arrays import IntArray
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN, Canvas
from superpos_tui.drawing.cells import Cells, InkArray
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.measures.geometry import hidden_picture
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, MoveCursor
from superpos_tui.views.geometry.spoke_labels import write_labels
from superpos_tui.views.geometry.spoke_layout import SpokeLayout
from superpos_tui.views.geometry.state import GeometryState, Turn
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.feature_colours import colour_legend, feature_inks

DOTTED = 3
"""The spacing of a dotted line, in dots; lines behind the plane of the picture are dotted."""
DEGREES_PER_CELL = 4.0
"""How far a drag by one cell's width rotates the picture; cells are twice as high."""
MAX_DISCS, MAX_LARGE_DISCS, LARGE_UNIT = 150, 16, 24
"""Ends are small if there are many, and large if there are few and the circle is large."""


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The spokes, as large as fits, centred; the legend in the last row."""
    cells = Cells.blank(width, height)
    layout = SpokeLayout.of(scene, width, height)
    _draw_circle(layout, scene, palette).paint(cells, 0, 0)
    without_spokes = cells.glyphs.copy()
    _draw_spokes(layout, scene).paint(cells, 0, 0)
    write_labels(cells, cells.glyphs != without_spokes, layout, scene)
    if not layout.visible.any():
        cells.write_centred(layout.rows // 2, "weights are not finite", Ink.MUTED)
    if layout.rows < height:
        _write_legend(cells, layout, scene, palette)
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the feature whose spoke ends nearest."""
    layout = SpokeLayout.of(scene, width, height)
    if y >= layout.rows or not layout.visible.any():
        return None
    across = layout.x - DOTS_ACROSS * x - (DOTS_ACROSS - 1) / 2
    down = layout.y - DOTS_DOWN * y - (DOTS_DOWN - 1) / 2
    feature = int(np.argmin(np.where(layout.visible, np.hypot(across, down), np.inf)))
    return MoveCursor(scene.options.cursor_on(feature))


def _draw_circle(layout: SpokeLayout, scene: Scene, palette: Palette) -> Canvas:
    """Draw the circle; in three dimensions it is the outline of a sphere, with an equator.

    It is faint or, without colours, dotted.
    """
    canvas = Canvas(layout.width, layout.rows)
    spacing = DOTTED if palette.depth == "none" else 1

    def arc(start: float, end: float, down: float, spacing: int) -> None:
        angles = np.arange(start, end, spacing / max(layout.unit, 1))
        x = layout.x0 + layout.unit * np.cos(angles)
        y = layout.y0 + layout.unit * down * np.sin(angles)
        canvas.dots(x, y, Ink.FAINT)

    arc(0, math.tau, 1, spacing)
    if scene.config.hidden == 3:
        tilted = math.sin(math.radians(scene.options.of(GeometryState).tilt))
        arc(0, math.pi, tilted, spacing)
        arc(math.pi, math.tau, tilted, DOTTED * spacing)
    return canvas


def _draw_spokes(layout: SpokeLayout, scene: Scene) -> Canvas:
    """Draw ignored features first, then those behind, those in front, and the selected one."""
    canvas = Canvas(layout.width, layout.rows)
    inks = feature_inks(scene)
    ignored = np.flatnonzero(layout.visible & ~layout.represented)
    behind = np.flatnonzero(layout.represented & layout.behind)
    in_front = np.flatnonzero(layout.represented & ~layout.behind)
    size = _size_of_ends(behind.size + in_front.size, layout.unit)
    faint = np.full_like(inks, Ink.FAINT)
    _draw_ends(canvas, layout, ignored, 0, faint)
    if not layout.many:
        _draw_lines(canvas, layout, behind, DOTTED, faint)
        _draw_lines(canvas, layout, in_front, 1, inks)
    _draw_ends(canvas, layout, behind, max(size - 1, 0), inks)
    _draw_ends(canvas, layout, in_front, size, inks)
    if scene.options.cursor is not None:
        selected = np.array([scene.options.cursor.feature])
        _draw_lines(canvas, layout, selected, 1, inks)
        _draw_ends(canvas, layout, selected, size + 1, inks)
    return canvas


def _size_of_ends(count: int, unit: float) -> int:
    """The radius of the discs at the ends, in dots."""
    if count > MAX_DISCS:
        return 0
    return 2 if count <= MAX_LARGE_DISCS and unit >= LARGE_UNIT else 1


def _draw_lines(
    canvas: Canvas, layout: SpokeLayout, features: IntArray, spacing: int, inks: InkArray
) -> None:
    """Draw lines from the origin to the ends, dotted by ``spacing``; one stroke per ink."""
    for ink in np.unique(inks[features]):
        alike = features[inks[features] == ink]
        across, down = layout.x[alike] - layout.x0, layout.y[alike] - layout.y0
        length = np.maximum(np.abs(across), np.abs(down))
        steps = np.arange(0, np.nan_to_num(length).max() + 1, spacing)
        share = steps / np.maximum(length, 1)[:, None]
        share[share > 1] = np.nan
        x = layout.x0 + across[:, None] * share
        y = layout.y0 + down[:, None] * share
        canvas.dots(x.ravel(), y.ravel(), int(ink))


def _draw_ends(
    canvas: Canvas, layout: SpokeLayout, features: IntArray, size: int, inks: InkArray
) -> None:
    """Draw a disc with a radius of ``size`` dots at each end; one stroke per ink."""
    around = np.arange(-size, size + 1.0)
    across, down = (each.ravel() for each in np.meshgrid(around, around))
    inside = across**2 + down**2 <= size**2
    for ink in np.unique(inks[features]):
        alike = features[inks[features] == ink]
        x = np.rint(layout.x[alike, None]) + across[inside]
        y = np.rint(layout.y[alike, None]) + down[inside]
        canvas.dots(x.ravel(), y.ravel(), int(ink))


def _write_legend(cells: Cells, layout: SpokeLayout, scene: Scene, palette: Palette) -> None:
    """Write the legend of colours, if any, on the left, and the circle's length on the right."""
    legend = colour_legend(scene, cells.width, palette)
    cells.paste(0, cells.height - 1, legend)
    circle = f"{'sphere' if scene.config.hidden == 3 else 'circle'}: length {layout.radius:g}"
    if legend.width + len("  ") + len(circle) <= cells.width:
        cells.write_right(cells.width, cells.height - 1, circle, Ink.MUTED)


def _title(scene: Scene) -> str:
    hidden = scene.config.hidden
    if hidden > 3:
        share = scene.of(hidden_picture).share
        return f"features in two of {hidden} dimensions, {share:.0%} of ‖W‖²"
    spaces = {1: "on the hidden line", 2: "in the hidden plane", 3: "in hidden space"}
    return f"features {spaces[hidden]}"


PANEL = Panel(
    name="geometry",
    title=_title,
    readings=(
        "spoke i: the direction W_i of feature i, of length ‖W_i‖ · orthogonal: no interference",
        "spoke i: the direction of feature i · orthogonal: no interference",
        "spoke i: the direction of feature i",
    ),
    draw=draw,
    story=(
        "Every feature is a direction in the hidden space; the length of its spoke is how strongly "
        "it is represented. Orthogonal features do not interfere; if they outnumber the "
        "dimensions, they spread as far apart as possible: into antipodal pairs, triangles, "
        "pentagons, tetrahedra. Three dimensions can be rotated; beyond three, the two most "
        "informative directions are drawn (“The Geometry of Superposition”)."
    ),
    pick=pick,
    drag=lambda across, down: Turn(DEGREES_PER_CELL * across, 2 * DEGREES_PER_CELL * down),
)
