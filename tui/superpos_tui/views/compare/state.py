"""The state of the compare view."""

from dataclasses import dataclass

from superpos_core.task.config import ExperimentConfig
from superpos_tui.selection import Focus, ViewState


@dataclass(frozen=True)
class CompareState(ViewState):
    """The pinned reference.

    ``None`` stands for the linear model at the same setting if the experiment has one, or else for
    the first setting of the model in focus, and for the last one while the first is in focus.
    """

    reference: Focus | None = None

    def within(self, config: ExperimentConfig) -> "CompareState":
        """Nothing pinned: a pin belongs to the run in which it was made."""
        return CompareState()
