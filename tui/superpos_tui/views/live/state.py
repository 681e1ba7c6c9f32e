"""The state of the live view."""

from dataclasses import dataclass

from superpos_core.experiments import Trial
from superpos_tui.selection import ViewState


@dataclass(frozen=True)
class LiveState(ViewState):
    """Whether the loss has a logarithmic scale, and whether norms are split into costs."""

    log_loss: bool = True
    split_norms: bool = False

    def in_experiment(self, trial: Trial) -> "LiveState":
        """Keep the scale, which is a matter of taste."""
        return LiveState(log_loss=self.log_loss)
