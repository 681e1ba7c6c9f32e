"""How the phase view is looked at."""

from dataclasses import dataclass

from superpos_core.task.config import LANES, ExperimentConfig
from superpos_tui.looking import Looking, ViewState


@dataclass(frozen=True)
class PhaseState(ViewState):
    """The cursor in a phase diagram: a row and a column of its grid."""

    cell: tuple[int, int] | None = None

    def within(self, config: ExperimentConfig) -> "PhaseState":
        """The cell stays while its model is trained; another map has cells of its own."""
        return self if config.kind == LANES else PhaseState()


@dataclass(frozen=True)
class PointAtCell:
    """The change to another cell."""

    cell: tuple[int, int]

    def __call__(self, looking: Looking) -> Looking:
        """Put the cursor there."""
        return looking.having(PhaseState(self.cell))
