"""How the geometry view is looked at."""

from dataclasses import dataclass, replace

from superpos_tui.looking import Looking, ViewState

STEEPEST = 90.0


@dataclass(frozen=True)
class GeometryState(ViewState):
    """From where three dimensions are seen: both angles in degrees."""

    turn: float = 30.0
    tilt: float = 20.0

    def turned(self, across: float, down: float) -> "GeometryState":
        """Seen from so many degrees farther."""
        tilt = min(max(self.tilt + down, -STEEPEST), STEEPEST)
        return replace(self, turn=(self.turn + across) % 360, tilt=tilt)


@dataclass(frozen=True)
class Turn:
    """The change that turns the picture by so many degrees."""

    across: float
    down: float

    def __call__(self, looking: Looking) -> Looking:
        """Turn it."""
        return looking.having(looking.options.of(GeometryState).turned(self.across, self.down))
