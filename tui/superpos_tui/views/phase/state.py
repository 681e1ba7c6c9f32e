"""The state of the phase view."""

from dataclasses import dataclass

from superpos_core.task.config import LANES, ExperimentConfig
from superpos_tui.looking import Looking, ViewState


@dataclass(frozen=True)
class PhaseState(ViewState):
    """The cursor in a phase diagram: a row and a column of its grid."""

    cell: tuple[int, int] | None = None

    def within(self, config: ExperimentConfig) -> "PhaseState":
        """Keep the cell while its model trains; another map has its own cells."""
        return self if config.kind == LANES else PhaseState()


@dataclass(frozen=True)
class PointAtCell:
    """The change to another cell."""

    cell: tuple[int, int]

    def __call__(self, looking: Looking) -> Looking:
        """Move the cursor there."""
        return looking.having(PhaseState(self.cell))
