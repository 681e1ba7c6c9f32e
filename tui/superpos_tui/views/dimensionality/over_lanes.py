"""D* and the D_i of all features against sparsity: one column of dots per setting."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.sweeps import axis_positions, sweep_named
from superpos_tui.drawing.canvas import DOTS_ACROSS, Canvas
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import setting_name, short_count
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette, superposition_inks
from superpos_tui.measures.geometry import (
    dimensions_per_feature,
    feature_dimensionality,
    sum_of_dimensionality,
    superposition,
)
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, SelectSetting
from superpos_tui.views.dimensionality import numbers
from superpos_tui.views.dimensionality.axis import DimensionAxis, scatter, write_ticks
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colour_meanings import OF_NORMS
from superpos_tui.views.shared.entries import plain

SPREAD_SHARE = 0.7
"""Maximum share of the distance between settings across which features are spread."""
WIDEST_SPACING = 3.0
"""Maximum dots from one feature to the next."""
SELECTED_RADIUS = 1
SPACING_FOR_DISCS = 2.5
"""Minimum dots per feature for discs instead of single dots."""


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The dots of each setting above its tick, with the line of D*."""
    cells = Cells.blank(width, height)
    layout = _Layout.of(scene, width, height)
    scenes = [scene.at_setting(setting) for setting in layout.settings]
    canvas = layout.axis.canvas()
    layout.axis.draw_vertical_line(canvas, layout.dot_of(scene.focus.setting))
    stars = np.array([each.of(dimensions_per_feature) for each in scenes])
    canvas.polyline(layout.dots, layout.axis.rows_of(stars), Ink.TEXT)
    _draw_features(canvas, layout, scenes)
    layout.axis.paint(cells, canvas)
    ticks = layout.ticks(scene.config)
    write_ticks(cells, layout.axis, ticks, ticks[layout.settings.index(scene.focus.setting)])
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the setting nearest to a column."""
    return SelectSetting(_Layout.of(scene, width, height).nearest(x))


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The setting nearest to a column, and its dimensions."""
    there = scene.at_setting(_Layout.of(scene, width, height).nearest(x))
    star, total = there.of(dimensions_per_feature), there.of(sum_of_dimensionality)
    name = setting_name(scene.config, there.setting)
    return f"{name} · D* {plain(star)} dimensions per feature · ΣD {plain(total)}"


@dataclass(frozen=True)
class _Layout:
    """The axis; the shown settings, and the position of the middle of each, in dots.

    ``spread`` is the number of dots across which the features of a setting are spread.
    """

    axis: DimensionAxis
    settings: list[int]
    dots: FloatArray
    spread: float

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "_Layout":
        axis = DimensionAxis(width, max(height - 1, 1))
        settings = _settings_shown(scene, axis.columns)
        abscissas = [scene.config.settings[setting].abscissa for setting in settings]
        positions = axis_positions(abscissas)
        span = float(np.ptp(positions))
        share = (positions - positions[0]) / span if span > 0 else np.full(positions.size, 0.5)
        apart = float(np.diff(share).min(initial=1))
        widest = WIDEST_SPACING * scene.config.features
        spread = min(widest, SPREAD_SHARE * apart * axis.dots_across)
        room = max(axis.dots_across - 1 - spread - 2, 0)
        return cls(axis, settings, share * room + spread / 2 + 1, spread)

    def nearest(self, x: int) -> int:
        """The setting nearest to a column of cells."""
        dot = DOTS_ACROSS * (x - self.axis.left) + (DOTS_ACROSS - 1) / 2
        return self.settings[int(np.argmin(np.abs(self.dots - dot)))]

    def dot_of(self, setting: int) -> float:
        """The position of one of the settings, in dots."""
        return float(self.dots[self.settings.index(setting)])

    def ticks(self, config: ExperimentConfig) -> list[tuple[int, str]]:
        """One tick per setting, with its value on the axis."""
        return [
            (self.axis.column_at(dot), _short(config.settings[setting].abscissa))
            for setting, dot in zip(self.settings, self.dots.tolist(), strict=True)
        ]


def _settings_shown(scene: Scene, columns: int) -> list[int]:
    """All settings, or in a sweep those at the sparsity in focus, in the order of the axis.

    If there are more settings than columns, only some are shown, including the one in focus.
    """
    config, focus = scene.config, scene.focus.setting
    values = len(config.sweep_values)
    first = focus // values * values if values else 0
    settings = range(first, first + values) if values else range(len(config.settings))
    every = -(-len(settings) // max(columns, 1))
    shown = {*settings[::every], focus}
    return sorted(shown, key=lambda setting: config.settings[setting].abscissa)


def _short(value: float) -> str:
    """3.33, 20, 1k: at most three digits."""
    return short_count(value) if value >= 1000 else f"{value:.3g}"


def _draw_features(canvas: Canvas, layout: _Layout, scenes: Sequence[Scene]) -> None:
    """Draw the features of each setting side by side, the selected one larger and on top."""
    features, cursor = scenes[0].config.features, scenes[0].options.cursor
    beside = ((np.arange(features) + 0.5) / features - 0.5) * layout.spread
    x = layout.dots[:, None] + beside
    y = layout.axis.rows_of(np.array([each.of(feature_dimensionality) for each in scenes]))
    inks = np.array([superposition_inks(each.of(superposition)) for each in scenes])
    radius = 1 if layout.spread >= SPACING_FOR_DISCS * features else 0
    scatter(canvas, x.ravel(), y.ravel(), inks.ravel(), radius)
    if cursor is not None:
        selected = np.s_[:, cursor.feature]
        scatter(canvas, x[selected], y[selected], inks[selected], SELECTED_RADIUS)


def _title(scene: Scene) -> str:
    return f"D_i and D* against {sweep_named(scene.config.sweep).axis or '1/(1−S)'}"


PANEL = Panel(
    name="dimensions-over-lanes",
    title=_title,
    readings=(
        "one dot per feature · line: D* = m/‖W‖² · click to open a setting",
        "one dot per feature · line: D* = m/‖W‖² · click a setting",
        "one dot per feature · line: D*",
    ),
    story=(
        "D* = m/‖W‖_F² is the number of dimensions per learned feature. As the data get sparser it "
        "falls, with plateaus at 1 and 1/2, where each feature has its own dimension or shares one "
        "in an antipodal pair (“The Geometry of Superposition”, uniform superposition)."
    ),
    draw=draw,
    numbers=numbers.over_settings,
    pick=pick,
    read=read,
    seconds_between_draws=0.25,
    colours=OF_NORMS,
)
