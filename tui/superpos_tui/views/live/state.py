"""The state of the live view."""

from dataclasses import dataclass, replace
from typing import Literal

from superpos_core.experiments import Trial
from superpos_core.task.config import ExperimentConfig
from superpos_tui.selection import Selection, ViewState

LossScale = Literal["log-log", "log", "linear"]
"""Logarithmic steps and losses, logarithmic losses only, or neither."""
LOSS_SCALES: tuple[LossScale, ...] = ("log-log", "log", "linear")


@dataclass(frozen=True)
class LossWindow:
    """A part of the loss panel, in positions on its axes: log₁₀ on a logarithmic one."""

    left: float
    right: float
    bottom: float
    top: float


@dataclass(frozen=True)
class LiveState(ViewState):
    """The scales of the loss, the part of it that is shown, and whether norms are split into costs.

    Without a ``window`` all of the loss is shown.
    """

    loss_scale: LossScale = "log-log"
    split_norms: bool = False
    window: LossWindow | None = None

    def in_experiment(self, trial: Trial) -> "LiveState":
        """Keep the scale, which is a matter of taste."""
        return LiveState(loss_scale=self.loss_scale)

    def within(self, config: ExperimentConfig) -> "LiveState":
        """Show all of another run's loss."""
        return replace(self, window=None)

    def with_next_scale(self) -> "LiveState":
        """The next of the three scales, of all of the loss."""
        index = LOSS_SCALES.index(self.loss_scale) + 1
        return replace(self, loss_scale=LOSS_SCALES[index % len(LOSS_SCALES)], window=None)


@dataclass(frozen=True)
class ShowLossWindow:
    """The change to another part of the loss; ``None`` is all of it."""

    window: LossWindow | None

    def __call__(self, selection: Selection) -> Selection:
        """Show it."""
        state = selection.options.of(LiveState)
        return selection.with_state(replace(state, window=self.window))
