"""The layout of the loss panel: its axes, its curves, and the labels at their ends."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.ticks import nondecreasing, power_of_ten
from superpos_tui.drawing.axes import (
    STEP_TICKS_APART,
    Axis,
    linear_axis,
    log_axis,
    log_step_axis,
)
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
from superpos_tui.views.live.state import LiveState, LossWindow

MIN_WIDTH_WITH_LABELS = 40
LOSS_TICKS_APART = 2
LEAST_LOSS_LABEL = 4
"""The width of 10⁻³, so that the curves do not move as the range grows."""
DASH = "⠒⠂"
"""Continues the dashed optimum beside the plot, where no curve can hide it."""
MIN_WIDTH_WITH_VALUE = 64
"""Here the label of the optimum has room for its value."""
WIDEST = 8.8e-8
"""A value that takes as much room as any that is likely."""


@dataclass(frozen=True)
class LossChart:
    """A plot of the losses, ``width`` cells wide with labels of settings at its right end."""

    scene: Scene
    curves: LossCurves
    window: LossWindow
    plot: Plot
    width: int

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "LossChart | None":
        """The chart of this size; ``None`` if it has no room."""
        curves = LossCurves(scene)
        window = scene.options.of(LiveState).window or curves.whole
        rows = height - ROWS_BELOW
        y_axis = _loss_axis(curves, window, max(rows, 1))
        area = PlotArea.within(width - _width_of_labels(scene, width), height, label_width(y_axis))
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
        plotted = self.plot.draw(drawn, [raw, *self._optimum(), *self._marks()])
        cells = Cells.blank(self.width, plotted.height)
        cells.paste(0, 0, plotted)
        for y, label in self._placed_labels():
            cells.write(self._labels_left, y, label.text, label.ink)
        return cells

    # ── lines ─────────────────────────────────────────────────────────────────────────────────

    def _curve(self, setting: int, focused: bool) -> Curve:
        ink = lane_ink(setting, len(self.scene.config.settings), focused)
        return self._line(self.curves.smoothed[setting], ink)

    def _line(self, losses: FloatArray, ink: int) -> Curve:
        """A line through losses, from step 1 on: the first kept loss is the mean of several."""
        steps = self.curves.steps
        x = self.curves.across(np.append(np.minimum(steps[:1], 1), steps))
        return Curve(x, self.curves.up(np.append(losses[:1], losses)), ink)

    def _optimum(self) -> Iterator[Curve]:
        """The lowest mean loss of a linear model on the data of the lane in focus, as a level."""
        level = self.curves.up(np.full(2, self.curves.optimum(self.scene.focus.setting)))
        ends = np.array([self.plot.x_axis.low, self.plot.x_axis.high])
        yield Curve(ends, level, Ink.TEXT, dashed=True)

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

    # ── labels ────────────────────────────────────────────────────────────────────────────────

    @property
    def _labels_left(self) -> int:
        """The first column of the labels; the chart's width if there is no room for any."""
        return self.plot.area.left + self.plot.area.columns

    def setting_at(self, x: int, y: int) -> int | None:
        """The setting with a label at a cell."""
        settings = {row: label.setting for row, label in self._placed_labels()}
        return settings.get(y) if x >= self._labels_left else None

    def _placed_labels(self) -> Iterator[tuple[int, "_Label"]]:
        """Each label and its row, beside the end of its line."""
        if self._labels_left >= self.width:
            return
        from_the_top = sorted(self._fitting_labels(), key=lambda label: -label.end)
        wanted = [self.plot.row_of(label.end) for label in from_the_top]
        yield from zip(apart(wanted, self.plot.area.rows), from_the_top, strict=True)

    def _fitting_labels(self) -> list["_Label"]:
        """As many labels as there are rows: the one in focus, the optimum, and some of the rest."""
        rows, focus = self.plot.area.rows, self.scene.focus.setting
        first = [label for label in self._labels() if label.setting in (focus, None)][:rows]
        rest = [label for label in self._labels() if label.setting not in (focus, None)]
        room = rows - len(first)
        return [*first, *(rest[:: -(-len(rest) // room)] if rest and room else [])]

    def _labels(self) -> Iterator["_Label"]:
        config, focus = self.scene.config, self.scene.focus.setting
        for setting in sorted(self.curves.settings):
            focused = setting == focus
            text = f" {setting_name(config, config.settings[setting])} {'◀' if focused else ' '}"
            ink = lane_ink(setting, len(config.settings), focused)
            yield _Label(text, ink, self._end(setting), setting)
        optimum = self.curves.optimum(focus)
        end = float(self.curves.up(np.array(optimum)))
        if math.isfinite(end):
            yield _Label(_optimum_label(self.width, optimum), Ink.TEXT, end)

    def _end(self, setting: int) -> float:
        """The position of a curve's last loss; the optimum before the first one, else the top."""
        losses = self.curves.up(self.curves.smoothed[setting])
        ends = [*losses[np.isfinite(losses)][-1:], self.curves.up(np.array(
            self.curves.optimum(setting)))]  # fmt: skip
        return next((float(end) for end in ends if math.isfinite(end)), self.plot.y_axis.high)


@dataclass(frozen=True)
class _Label:
    """The name of a line that ends at this position; ``setting`` is what a click selects."""

    text: str
    ink: int
    end: float
    setting: int | None = None


def _optimum_label(width: int, optimum: float) -> str:
    value = f" {power_of_ten(optimum, 2)}" if width >= MIN_WIDTH_WITH_VALUE else ""
    return f"{DASH}linear{value}"


def _width_of_labels(scene: Scene, width: int) -> int:
    """The same for all settings of a run, so that nothing moves."""
    if width < MIN_WIDTH_WITH_LABELS:
        return 0
    names = len("  ◀") + widest_setting_name(scene.config)
    return max(names, len(_optimum_label(width, WIDEST)) if scene.knows_data else 0)


def apart(wanted: Sequence[int], rows: int) -> list[int]:
    """Distinct rows as near as possible to the wanted ones, which do not decrease, in their order.

    At most ``rows`` of them are placed.
    """
    wanted = wanted[:rows]
    # Without the rows of the labels above, they only have to be non-decreasing.
    owed = nondecreasing([row - rank for rank, row in enumerate(wanted)])
    last = rows - len(wanted)
    return [min(max(round(row), 0), last) + rank for rank, row in enumerate(owed)]


def _step_axis(curves: LossCurves, window: LossWindow, cells: int) -> Axis:
    if not curves.has_log_steps:
        return linear_axis(window.left, window.right, cells, STEP_TICKS_APART, short_count)
    return log_step_axis(window.left, window.right, cells)


def _loss_axis(curves: LossCurves, window: LossWindow, cells: int) -> Axis:
    if curves.has_log_losses:
        label = _padded_power if window.top - window.bottom >= 1 else _padded_number
        return log_axis(window.bottom, window.top, cells, 1, label)
    return linear_axis(window.bottom, window.top, cells, LOSS_TICKS_APART, _padded_number)


def _padded_power(loss: float) -> str:
    return f"{power_of_ten(loss):>{LEAST_LOSS_LABEL}}"


def _padded_number(loss: float) -> str:
    return f"{short_number(loss):>{LEAST_LOSS_LABEL}}"
