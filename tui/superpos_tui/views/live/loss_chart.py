"""The layout of the loss panel: its axes, its curves, and the labels at their ends."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.ticks import power_of_ten
from superpos_tui.drawing.axes import Axis, linear_axis, log_axis
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import (
    setting_name,
    short_count,
    short_number,
    widest_setting_name,
)
from superpos_tui.drawing.palette import Ink, lane_ink
from superpos_tui.drawing.plot import ROWS_BELOW, Curve, Plot, PlotArea, label_width
from superpos_tui.scene import Scene
from superpos_tui.views.live.loss_curves import LossCurves
from superpos_tui.views.live.state import LiveState, Window

MIN_WIDTH_WITH_LABELS = 40
STEP_TICKS_APART = 6
LOSS_TICKS_APART = 2
LEAST_LOSS_LABEL = 4
"""The width of 10⁻³, so that the curves do not move as the range grows."""
OPTIMUM_AT = (0.0, 1.0, 0.5)
"""Where the optimum may be labelled, as shares of the room to its left, best first."""


@dataclass(frozen=True)
class LossChart:
    """A plot of the losses, ``width`` cells wide with labels of settings at its right end."""

    scene: Scene
    curves: LossCurves
    window: Window
    plot: Plot
    width: int

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "LossChart | None":
        """The chart of this size; ``None`` if it has no room."""
        curves = LossCurves(scene)
        window = scene.options.of(LiveState).window or curves.whole
        rows = height - ROWS_BELOW
        y_axis = _loss_axis(curves, window, max(rows, 1))
        beside = 0
        if width >= MIN_WIDTH_WITH_LABELS:
            beside = len("  ◀") + widest_setting_name(scene.config)
        area = PlotArea.within(width - beside, height, label_width(y_axis))
        if area is None:
            return None
        x_axis = _step_axis(curves, window, area.columns)
        return cls(scene, curves, window, Plot(area, x_axis, y_axis), width)

    def draw(self) -> Cells:
        """The plot; behind its curves, the raw losses, the optimum, and lines at steps."""
        settings = self.curves.settings
        focus = settings[-1]
        drawn = [self._curve(each, each == focus) for each in settings]
        raw = self._line(self.curves.raw(focus), Ink.FAINT)
        optimum = self._optimum()
        behind = [*self._marks(), raw, *([optimum] if optimum else [])]
        plotted = self.plot.draw(drawn, behind)
        cells = Cells.blank(self.width, plotted.height)
        cells.paste(0, 0, plotted)
        if optimum is not None:
            self._label_optimum(cells, drawn)
        for setting, y in self.labels().items():
            ink = lane_ink(setting, len(self.scene.config.settings), setting == focus)
            cells.write(self._labels_left, y, self._label(setting), ink)
        return cells

    # ── lines ─────────────────────────────────────────────────────────────────────────────────

    def _curve(self, setting: int, focused: bool) -> Curve:
        ink = lane_ink(setting, len(self.scene.config.settings), focused)
        return self._line(self.curves.smoothed[setting], ink)

    def _line(self, losses: FloatArray, ink: int) -> Curve:
        return Curve(self.curves.across(self.curves.steps), self.curves.up(losses), ink)

    def _optimum(self) -> Curve | None:
        """The lowest mean loss of a linear model on the data of the lane in focus, as a level."""
        level = self.curves.up(np.full(2, self.curves.optimum(self.scene.focus.setting)))
        if not math.isfinite(level[0]):
            return None
        ends = np.array([self.plot.x_axis.low, self.plot.x_axis.high])
        return Curve(ends, level, Ink.TEXT, dashed=True)

    def _marks(self) -> Iterator[Curve]:
        """Vertical lines where dials were turned, and at the current step."""
        cohort = self.scene.cohort
        for mark in cohort.marks:
            yield self._vertical(mark.step, Ink.WARNING, dashed=True)
        if self.scene.focus.step is not None:
            yield self._vertical(self.scene.step, Ink.ACCENT)

    def _vertical(self, step: int, ink: int, dashed: bool = False) -> Curve:
        axis = self.plot.y_axis
        across = self.curves.across(np.full(2, float(step)))
        return Curve(across, np.array([axis.low, axis.high]), ink, dashed)

    def _label_optimum(self, cells: Cells, drawn: Sequence[Curve]) -> None:
        """Label the optimum on its line, or a row beside it, where no curve is."""
        optimum = self.curves.optimum(self.scene.focus.setting)
        level = float(self.curves.up(np.array(optimum)))
        if not self.plot.y_axis.low <= level <= self.plot.y_axis.high:
            return
        text, area = f" linear {power_of_ten(optimum, 2)} ", self.plot.area
        taken = self.plot.cells_with(drawn)
        row = self.plot.row_of(level)
        for y in (row, row - 1, row + 1):
            for share in OPTIMUM_AT:
                x = round(share * (area.columns - len(text)))
                if x >= 0 and 0 <= y < area.rows and not taken[y, x : x + len(text)].any():
                    cells.write(area.left + x, y, text, Ink.TEXT)
                    return

    # ── labels ────────────────────────────────────────────────────────────────────────────────

    @property
    def _labels_left(self) -> int:
        """The first column of the labels; the chart's width if there is no room for any."""
        return self.plot.area.left + self.plot.area.columns

    def _label(self, setting: int) -> str:
        config = self.scene.config
        mark = "◀" if setting == self.scene.focus.setting else " "
        return f" {setting_name(config, config.settings[setting])} {mark}"

    def labels(self) -> dict[int, int]:
        """The row of each setting's label, beside the end of its curve."""
        if self._labels_left >= self.width:
            return {}
        ends = {setting: self._end(setting) for setting in sorted(self.curves.settings)}
        from_the_top = sorted(ends, key=lambda setting: -ends[setting])
        wanted = [self.plot.row_of(ends[setting]) for setting in from_the_top]
        return dict(zip(from_the_top, apart(wanted, self.plot.area.rows), strict=False))

    def setting_at(self, x: int, y: int) -> int | None:
        """The setting with a label at a cell."""
        settings = {row: setting for setting, row in self.labels().items()}
        return settings.get(y) if x >= self._labels_left else None

    def _end(self, setting: int) -> float:
        """The position of a curve's last loss; the optimum before the first one, else the top."""
        losses = self.curves.up(self.curves.smoothed[setting])
        ends = [*losses[np.isfinite(losses)][-1:], self.curves.up(np.array(
            self.curves.optimum(setting)))]  # fmt: skip
        return next((float(end) for end in ends if math.isfinite(end)), self.plot.y_axis.high)


def apart(wanted: Sequence[int], rows: int) -> list[int]:
    """Distinct rows near the wanted ones (which do not decrease), in the same order.

    At most ``rows`` of them are placed.
    """
    placed: list[int] = []
    for row in wanted[:rows]:
        placed.append(max(row, placed[-1] + 1) if placed else row)
    last = rows
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], last - 1)
        last = placed[index]
    return placed


def _step_axis(curves: LossCurves, window: Window, cells: int) -> Axis:
    if not curves.has_log_steps:
        return linear_axis(window.left, window.right, cells, STEP_TICKS_APART, short_count)
    axis = log_axis(window.left, window.right, cells, STEP_TICKS_APART, short_count)
    last = short_count(curves.step_at(window.right))
    return axis.with_last_tick(window.right, last, cells, STEP_TICKS_APART)


def _loss_axis(curves: LossCurves, window: Window, cells: int) -> Axis:
    if curves.has_log_losses:
        label = _padded_power if window.top - window.bottom >= 1 else _padded_number
        return log_axis(window.bottom, window.top, cells, 1, label)
    return linear_axis(window.bottom, window.top, cells, LOSS_TICKS_APART, _padded_number)


def _padded_power(loss: float) -> str:
    return f"{power_of_ten(loss):>{LEAST_LOSS_LABEL}}"


def _padded_number(loss: float) -> str:
    return f"{short_number(loss):>{LEAST_LOSS_LABEL}}"
