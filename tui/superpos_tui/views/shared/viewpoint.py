"""From where three hidden dimensions are seen, in every view that has a picture of them."""

from dataclasses import dataclass, replace

from superpos_core.geometry.spoke_limits import TILT, TURN
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, Selection, ViewState

STEEPEST = 90.0
DEGREES_PER_CELL = 4.0
"""How far a drag by one cell's width rotates the picture; cells are twice as high."""
DEGREES_ACROSS, DEGREES_DOWN = 15.0, 10.0
"""How far a key turns and tilts it."""


@dataclass(frozen=True)
class Viewpoint(ViewState):
    """The direction from which three dimensions are seen: both angles in degrees."""

    turn: float = TURN
    tilt: float = TILT

    def turned(self, across: float, down: float) -> "Viewpoint":
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
        state = selection.options.of(Viewpoint)
        return selection.with_state(state.turned(self.across, self.down))


def dragged(across: int, down: int) -> Change:
    """The change after a drag over so many cells."""
    return Turn(DEGREES_PER_CELL * across, 2 * DEGREES_PER_CELL * down)


def turned_by_keys(scene: Scene, right: int, down: int) -> Change | None:
    """The change by the keys that move a zoomed picture; ``None`` if there is nothing to turn."""
    if scene.hidden != 3:
        return None
    return Turn(DEGREES_ACROSS * right, -DEGREES_DOWN * down)
