"""The state of the geometry view."""

from dataclasses import dataclass, replace

from superpos_core.geometry.spoke_limits import TILT, TURN
from superpos_tui.selection import Selection, ViewState

STEEPEST = 90.0
SECONDS_BETWEEN_DRAWS = 0.1
"""The same for all panels of the view, which therefore show the same moment."""


@dataclass(frozen=True)
class GeometryState(ViewState):
    """The direction from which three dimensions are seen: both angles in degrees."""

    turn: float = TURN
    tilt: float = TILT

    def turned(self, across: float, down: float) -> "GeometryState":
        """The state after a rotation by these angles in degrees."""
        tilt = min(max(self.tilt + down, -STEEPEST), STEEPEST)
        return replace(self, turn=(self.turn + across) % 360, tilt=tilt)


@dataclass(frozen=True)
class Turn:
    """The change that rotates the picture by these angles in degrees."""

    across: float
    down: float

    def __call__(self, selection: Selection) -> Selection:
        """Rotate it."""
        state = selection.options.of(GeometryState)
        return selection.with_state(state.turned(self.across, self.down))
