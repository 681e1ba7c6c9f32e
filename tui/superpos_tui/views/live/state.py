"""How the live view is looked at."""

from dataclasses import dataclass

from superpos_core.experiments import Trial
from superpos_tui.looking import ViewState


@dataclass(frozen=True)
class LiveState(ViewState):
    """The loss on a logarithmic or linear scale; feature norms, or their benefit and cost."""

    log_loss: bool = True
    split_norms: bool = False

    def in_experiment(self, trial: Trial) -> "LiveState":
        """The scale is a matter of taste, and stays."""
        return LiveState(log_loss=self.log_loss)
