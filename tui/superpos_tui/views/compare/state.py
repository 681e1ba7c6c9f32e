"""How the compare view is looked at."""

from dataclasses import dataclass

from superpos_core.task.config import ExperimentConfig
from superpos_tui.looking import Focus, ViewState


@dataclass(frozen=True)
class CompareState(ViewState):
    """What the focus is compared with.

    ``None`` stands for the linear model of the same setting where the experiment has one, or else
    for the first setting of the model in focus, and for the last one while that is looked at.
    """

    reference: Focus | None = None

    def within(self, config: ExperimentConfig) -> "CompareState":
        """What was pinned belongs to the run that it was pinned in."""
        return CompareState()
