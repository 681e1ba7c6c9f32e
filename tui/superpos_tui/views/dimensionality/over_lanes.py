"""D* and the D_i of all features against sparsity: a column of dots a setting, as in the paper."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.sweeps import axis_positions, sweep_named
from superpos_tui.drawing.canvas import DOTS_ACROSS, Canvas
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import short_count
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette, sequential_inks
from superpos_tui.looking import Change, LookAtSetting
from superpos_tui.measures.geometry import (
    dimensions_per_feature,
    feature_dimensionality,
    superposition,
)
from superpos_tui.scene import Scene
from superpos_tui.views.dimensionality.axis import DimensionAxis, scatter, write_ticks
from superpos_tui.views.panel import Panel

SPREAD_SHARE = 0.7
"""The share of the distance between settings over which features stand side by side, at most."""
WIDEST_SPACING = 3.0
"""Dots from a feature to the next, at most."""
SELECTED_RADIUS = 1
SPACING_FOR_DISCS = 2.5
"""From here on there is room for more than a single dot per feature."""


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The dots of each setting over its place, and the line of D* over them."""
    cells = Cells.blank(width, height)
    layout = _Layout.of(scene, width, height)
    seen = [scene.at_setting(setting) for setting in layout.settings]
    canvas = layout.axis.canvas()
    layout.axis.draw_upright(canvas, layout.dot_of(scene.focus.setting))
    stars = np.array([each.of(dimensions_per_feature) for each in seen])
    canvas.polyline(layout.dots, layout.axis.rows_of(stars), Ink.TEXT)
    _draw_features(canvas, layout, seen)
    layout.axis.paint(cells, canvas)
    ticks = layout.ticks(scene.config)
    write_ticks(cells, layout.axis, ticks, ticks[layout.settings.index(scene.focus.setting)])
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """The setting whose place is nearest to a column."""
    layout = _Layout.of(scene, width, height)
    dot = DOTS_ACROSS * (x - layout.axis.left) + (DOTS_ACROSS - 1) / 2
    return LookAtSetting(layout.settings[int(np.argmin(np.abs(layout.dots - dot)))])


@dataclass(frozen=True)
class _Layout:
    """The axis; the settings that are shown, and the dot over which the middle of each stands.

    ``spread`` is the number of dots across which the features of a setting stand side by side.
    """

    axis: DimensionAxis
    settings: list[int]
    dots: FloatArray
    spread: float

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "_Layout":
        axis = DimensionAxis(width, max(height - 1, 1))
        settings = _settings_shown(scene, axis.columns)
        places = axis_positions([scene.config.settings[setting].abscissa for setting in settings])
        span = float(np.ptp(places))
        share = (places - places[0]) / span if span > 0 else np.full(places.size, 0.5)
        apart = float(np.diff(share).min(initial=1))
        widest = WIDEST_SPACING * scene.config.features
        spread = min(widest, SPREAD_SHARE * apart * axis.dots_across)
        room = max(axis.dots_across - 1 - spread - 2, 0)
        return cls(axis, settings, share * room + spread / 2 + 1, spread)

    def dot_of(self, setting: int) -> float:
        """The dot over which one of the settings stands."""
        return float(self.dots[self.settings.index(setting)])

    def ticks(self, config: ExperimentConfig) -> list[tuple[int, str]]:
        """For each setting its value on the axis."""
        return [
            (self.axis.column_at(dot), _short(config.settings[setting].abscissa))
            for setting, dot in zip(self.settings, self.dots.tolist(), strict=True)
        ]


def _settings_shown(scene: Scene, columns: int) -> list[int]:
    """Every setting; in a sweep those at the sparsity in focus. In the order of the axis.

    Of more settings than columns only some are shown, and the one in focus.
    """
    config, focus = scene.config, scene.focus.setting
    values = len(config.sweep_values)
    first = focus // values * values if values else 0
    settings = range(first, first + values) if values else range(len(config.settings))
    every = -(-len(settings) // max(columns, 1))
    shown = {*settings[::every], focus}
    return sorted(shown, key=lambda setting: config.settings[setting].abscissa)


def _short(value: float) -> str:
    """3.33, 20, 1k: three digits at most."""
    return short_count(value) if value >= 1000 else f"{value:.3g}"


def _draw_features(canvas: Canvas, layout: _Layout, seen: Sequence[Scene]) -> None:
    """The features of each setting side by side around its place, the selected one on top."""
    features, selection = seen[0].config.features, seen[0].options.selection
    beside = ((np.arange(features) + 0.5) / features - 0.5) * layout.spread
    x = layout.dots[:, None] + beside
    y = layout.axis.rows_of(np.array([each.of(feature_dimensionality) for each in seen]))
    inks = np.array([sequential_inks(each.of(superposition)) for each in seen])
    radius = 1 if layout.spread >= SPACING_FOR_DISCS * features else 0
    scatter(canvas, x.ravel(), y.ravel(), inks.ravel(), radius)
    if selection is not None:
        accents = np.full(len(seen), Ink.ACCENT, dtype=np.uint8)
        scatter(canvas, x[:, selection.feature], y[:, selection.feature], accents, SELECTED_RADIUS)


def _title(scene: Scene) -> str:
    return f"D_i and D* against {sweep_named(scene.config.sweep).axis or '1/(1−S)'}"


PANEL = Panel(
    name="dimensions-over-lanes",
    title=_title,
    readings=(
        "one dot per feature, colour: superposition · line: D* = m/‖W‖² · click to open a setting",
        "one dot per feature · line: D* = m/‖W‖² · click a setting",
        "one dot per feature · line: D*",
    ),
    story=(
        "D* = m/‖W‖_F² is the number of dimensions per learned feature. As the data get sparser it "
        "falls, with plateaus at 1 and 1/2, where each feature has its own dimension or shares one "
        "in an antipodal pair (“The Geometry of Superposition”, uniform superposition)."
    ),
    draw=draw,
    pick=pick,
    seconds_between_draws=0.25,
)
