"""The curves of the loss panel: of which lanes, smoothed how, and the ranges that they cover."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from superpos_core.analysis.evaluation import linear_optimum_of
from superpos_core.arrays import FloatArray
from superpos_core.record.history import moving_average
from superpos_core.ticks import round_up
from superpos_tui.scene import Scene
from superpos_tui.views.live.state import LiveState, LossScale, LossWindow

SMOOTHED_BACK = 1.12
"""On logarithmic steps, losses are averaged back to the step divided by this."""
SMOOTHED_SHARE = 1 / 60
"""On linear steps, they are averaged over this share of the run."""
DECADES = 3.4
"""Logarithmic steps begin at the power of ten within so many decades of the last one."""
FEWEST_STEPS = 10.0
"""The end of the axis of a run of unknown length, at first."""
MAX_CURVES = 12
MAX_RISE = 10.0
"""A diverging loss leaves the panel where it exceeds the highest of the first losses this often."""
NOTHING_YET = LossWindow(0, 1, -3, 0)


@dataclass(frozen=True)
class LossCurves:
    """The losses of a scene as they are drawn."""

    scene: Scene

    @property
    def scale(self) -> LossScale:
        """The scales of both axes."""
        return self.scene.options.of(LiveState).loss_scale

    @property
    def has_log_steps(self) -> bool:
        """Whether steps are logarithmic."""
        return self.scale == "log-log"

    @property
    def has_log_losses(self) -> bool:
        """Whether losses are logarithmic."""
        return self.scale != "linear"

    @cached_property
    def settings(self) -> tuple[int, ...]:
        """The settings with a curve, the one in focus last: few enough to be told apart."""
        count, focus = len(self.scene.config.settings), self.scene.focus.setting
        others = range(0, count, -(-count // MAX_CURVES))
        return (*(setting for setting in others if setting != focus), focus)

    def lane_of(self, setting: int) -> int:
        """The index of the lane that a setting's curve shows."""
        return self.scene.lane_at_setting(setting)

    def raw(self, setting: int) -> FloatArray:
        """The losses of a setting at ``steps``."""
        losses: FloatArray = self.scene.cohort.losses.mean[self.lane_of(setting)]
        return losses

    @cached_property
    def smoothed(self) -> dict[int, FloatArray]:
        """The same of each setting, averaged over the steps before: what is drawn stays so."""
        steps = self.steps
        if self.has_log_steps:
            since = steps / SMOOTHED_BACK
        else:
            since = steps - SMOOTHED_SHARE * self.last_step
        kept = self.scene.cohort.losses.steps
        return {each: moving_average(kept, self.raw(each), since, steps) for each in self.settings}

    @cached_property
    def steps(self) -> FloatArray:
        """The steps of the losses."""
        return self.scene.cohort.losses.steps.astype(np.float64)

    @cached_property
    def last_step(self) -> float:
        """The end of the axis: that of the run, or, if it is not known, the next round number."""
        taken = float(self.scene.cohort.step)
        if self.scene.snapshot.has_known_length and taken <= self.scene.config.steps:
            return float(self.scene.config.steps)
        return round_up(max(taken, FEWEST_STEPS))

    def optimum(self, setting: int) -> float:
        """The lowest mean loss of a linear model; NaN if it is not known, or 0."""
        scene = self.scene
        if not scene.knows_data:
            return math.nan
        lane = scene.cohort.lanes[self.lane_of(setting)]
        optimum = linear_optimum_of(scene.config, lane) / scene.config.features
        return optimum if optimum > 0 else math.nan

    # ── positions on the axes ─────────────────────────────────────────────────────────────────

    def across(self, steps: FloatArray) -> FloatArray:
        """The positions of steps; those before the axis begins are moved to where it does."""
        if not self.has_log_steps:
            return steps
        return np.maximum(np.log10(np.maximum(steps, 1)), self.whole.left)

    def up(self, losses: FloatArray) -> FloatArray:
        """The positions of losses: gaps for those that are not finite.

        On a logarithmic axis a loss of exactly 0 is one too: small batches may be all zeros.
        """
        if not self.has_log_losses:
            return losses
        with np.errstate(all="ignore"):
            return np.log10(losses)

    def step_at(self, position: float) -> int:
        """The step at a position."""
        return round(10**position) if self.has_log_steps else max(round(position), 0)

    @cached_property
    def whole(self) -> LossWindow:
        """The window of all curves. While the run trains it only grows, and rarely."""
        first, last = 0.0, self.last_step
        if self.has_log_steps:
            last = math.log10(max(last, FEWEST_STEPS))
            first = float(max(math.ceil(last - DECADES), 0))
        return LossWindow(first, last, *self._heights())

    def _heights(self) -> tuple[float, float]:
        """The range of the loss axis: whole decades, or from 0."""
        high = self._highest()
        if not self.has_log_losses:
            return 0.0, high if high > 0 else 1.0
        shown = np.array([value for each in self._shown() for value in (each.min(), each.max())])
        shown = shown[shown > 0]
        if not shown.size:
            return NOTHING_YET.bottom, NOTHING_YET.top
        high = max(high, float(shown.min()))
        low = math.floor(math.log10(min(float(shown.min()), high)))
        return low, max(math.ceil(math.log10(high) - 1e-9), low + 1)

    def _shown(self) -> Iterator[FloatArray]:
        """The finite and positive losses of each curve, and the optima."""
        for setting in self.settings:
            for values in (self.smoothed[setting], np.array([self.optimum(setting)])):
                usable = values[np.isfinite(values) & (values > 0)]
                if usable.size:
                    yield usable

    def _highest(self) -> float:
        """The highest loss of any step, unless it diverges; 0 if there is none.

        The mean of several steps would become lower as the kept losses become sparser.
        """
        high = self.scene.cohort.losses.high[[self.lane_of(each) for each in self.settings]]
        finite = np.where(np.isfinite(high), high, 0)
        if not finite.shape[1]:
            return float(np.nanmax([0, *(self.optimum(each) for each in self.settings)]))
        first = float(finite[:, 0].max())
        return min(float(finite.max()), MAX_RISE * first) if first > 0 else float(finite.max())
