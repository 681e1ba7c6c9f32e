"""The state of the phase view."""

from dataclasses import dataclass

from superpos_core.task.config import LANES, ExperimentConfig
from superpos_tui.selection import Selection, ViewState


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

    def __call__(self, selection: Selection) -> Selection:
        """Move the cursor there."""
        return selection.with_state(PhaseState(self.cell))
