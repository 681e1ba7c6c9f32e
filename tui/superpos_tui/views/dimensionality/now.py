"""The dimensionality of every feature, beside the lines of the known shapes."""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.geometry.measures import largest_sum_of_dimensionality
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import fixed
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.measures.geometry import (
    dimensions_per_feature,
    feature_dimensionality,
    shape_of_feature,
    sum_of_dimensionality,
)
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, MoveCursor
from superpos_tui.views.dimensionality.axis import DimensionAxis, scatter, write_ticks
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colour_meanings import OF_FEATURES
from superpos_tui.views.shared.entries import read_feature
from superpos_tui.views.shared.feature_colours import colour_legend, feature_inks
from superpos_tui.views.shared.numbers import numbers_of_features

MIN_HEIGHT_FOR_LEGEND = 15
RADII = ((8, 1.5), (3, 1.0))
"""Minimum dots per feature, and the radius of the disc drawn from there on."""
SELECTED_RADIUS = 2.0


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The dots above the features' indices; below them D*, ΣD_i and the legend."""
    cells = Cells.blank(width, height)
    layout = _Layout.of(scene, width, height)
    canvas = layout.axis.canvas()
    cursor = scene.options.cursor
    if cursor is not None:
        layout.axis.draw_vertical_line(canvas, layout.x[cursor.feature])
    inks = feature_inks(scene)
    scatter(canvas, layout.x, layout.y, inks, layout.radius)
    if cursor is not None and np.isfinite(layout.y[cursor.feature]):
        x, y = layout.x[cursor.feature], layout.y[cursor.feature]
        canvas.disc(x, y, SELECTED_RADIUS, int(inks[cursor.feature]))
    layout.axis.paint(cells, canvas, with_shapes=True)
    if not np.isfinite(layout.y).any():
        cells.write_centred(layout.axis.height // 2, "weights are not finite", Ink.MUTED)
    _write_below(cells, scene, layout, palette)
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """The feature whose dot is nearest."""
    feature = _Layout.of(scene, width, height).nearest(x, y)
    return None if feature is None else MoveCursor(scene.options.cursor_on(feature))


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The feature whose dot is nearest, in numbers."""
    feature = _Layout.of(scene, width, height).nearest(x, y)
    if feature is None:
        return ""
    shape = scene.of(shape_of_feature, feature)
    # D alone does not tell: features of unequal norm share a shape's dimensions unequally.
    within = f" · {shape.name}" if shape is not None and shape.known else ""
    return read_feature(scene, feature) + within


@dataclass(frozen=True)
class _Layout:
    """The axis, the positions of the features' dots on its canvas, and their radius."""

    axis: DimensionAxis
    x: FloatArray
    y: FloatArray
    radius: float

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "_Layout":
        features = scene.config.features
        below = 3 if height >= MIN_HEIGHT_FOR_LEGEND else 2
        axis = DimensionAxis(width, max(height - below, 1))
        spacing = axis.dots_across / features
        x = (np.arange(features) + 0.5) * spacing - 0.5
        radius = next((radius for dots, radius in RADII if spacing >= dots), 0.0)
        return cls(axis, x, axis.rows_of(scene.of(feature_dimensionality)), radius)

    def nearest(self, x: int, y: int) -> int | None:
        """The feature whose dot is nearest to a cell of the plot."""
        usable = np.isfinite(self.y)
        if y >= self.axis.height or not usable.any():
            return None
        across = self.x - DOTS_ACROSS * (x - self.axis.left) - (DOTS_ACROSS - 1) / 2
        down = self.y - DOTS_DOWN * y - (DOTS_DOWN - 1) / 2
        return int(np.argmin(np.where(usable, np.hypot(across, down), np.inf)))


def _write_below(cells: Cells, scene: Scene, layout: _Layout, palette: Palette) -> None:
    """Write the indices of some features, D* and ΣD_i, and the legend."""
    axis, cursor = layout.axis, scene.options.cursor
    ticks = [(axis.column_at(x), str(feature)) for feature, x in enumerate(layout.x.tolist())]
    selected = None if cursor is None else ticks[cursor.feature]
    write_ticks(cells, axis, ticks[:: _tick_step(len(ticks), axis.columns)], selected)
    most = str(largest_sum_of_dimensionality(scene.config.features, scene.hidden))
    summary = (
        f"D* {fixed(scene.of(dimensions_per_feature), 4, 2)}"
        f" · ΣD {fixed(scene.of(sum_of_dimensionality), len(most) + 3, 2)} ≤ {most}"
    )
    cells.write(0, axis.height + 1, summary, Ink.MUTED)
    if axis.height + 2 < cells.height:
        cells.paste(0, axis.height + 2, colour_legend(scene, cells.width, palette))


def _tick_step(features: int, columns: int) -> int:
    """The smallest round step between labelled features at which the labels have room."""
    wanted = (len(str(features - 1)) + 1) * features / max(columns, 1)
    step: int = next(
        digit * 10**power
        for power in range(9)
        for digit in (1, 2, 5)
        if digit * 10**power >= wanted
    )
    return step


PANEL = Panel(
    name="dimensions",
    title=lambda scene: "dimensionality D_i",
    readings=(
        "one dot per feature: the share of a dimension it gets · lines: known shapes",
        "one dot per feature: its share of a dimension",
        "one dot per feature",
    ),
    story=(
        "D_i = ‖W_i‖² / Σ_j (Ŵ_i·W_j)²: 1 for a dedicated dimension, 1/2 in an antipodal pair, 2/5 "
        "in a pentagon, 0 for an ignored feature; the sum is at most min(n, m). Features cluster "
        "on the lines of regular shapes (“The Geometry of Superposition”); those of unequal norm "
        "share their shape's dimensions unequally, and may lie on another shape's line."
    ),
    draw=draw,
    numbers=numbers_of_features,
    pick=pick,
    read=read,
    colours=OF_FEATURES,
)
