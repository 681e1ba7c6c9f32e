"""D* and the D_i of all features against sparsity: a column of dots a setting, as in the paper."""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.config import ExperimentConfig
from superpos_core.sweeps import sweep_named
from superpos_tui.canvas import DOTS_ACROSS, Canvas
from superpos_tui.cells import Cells
from superpos_tui.palette import Ink, Palette, sequential_inks
from superpos_tui.panels.dimension_axis import DimensionAxis, scatter, write_ticks
from superpos_tui.panels.panel import Panel, Pick
from superpos_tui.scene import Scene

MOST_SPREAD = 14.0
"""Dots across which the features of a setting stand side by side, where there is room."""
SPREAD_SHARE = 0.7
"""Of the distance between settings."""


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The dots of each setting over its place, and the line of D* over them."""
    cells = Cells.blank(width, height)
    layout = _Layout.of(scene, width, height)
    seen = [scene.at_setting(setting) for setting in layout.settings]
    canvas = layout.axis.canvas()
    layout.axis.draw_upright(canvas, layout.dot_of(scene.focus.setting))
    for dot, each in zip(layout.dots, seen, strict=True):
        _draw_features(canvas, layout, float(dot), each)
    dimensions_per_feature = np.array([each.dimensions_per_feature for each in seen])
    canvas.polyline(layout.dots, layout.axis.rows_of(dimensions_per_feature), Ink.TEXT)
    layout.axis.paint(cells, canvas)
    ticks = layout.ticks(scene.config)
    write_ticks(cells, layout.axis, ticks, ticks[layout.settings.index(scene.focus.setting)])
    return cells


def pick(scene: Scene, width: int, height: int, x: int, y: int) -> Pick | None:
    """The setting whose place is nearest to a column."""
    layout = _Layout.of(scene, width, height)
    dot = DOTS_ACROSS * (x - layout.axis.left) + (DOTS_ACROSS - 1) / 2
    return Pick(setting=layout.settings[int(np.argmin(np.abs(layout.dots - dot)))])


@dataclass(frozen=True)
class _Layout:
    """The axis, the settings that are shown, and the dot over which each stands."""

    axis: DimensionAxis
    settings: list[int]
    dots: FloatArray
    spread: float

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "_Layout":
        axis = DimensionAxis(width, max(height - 1, 1))
        settings = _settings_shown(scene, axis.columns)
        ...
