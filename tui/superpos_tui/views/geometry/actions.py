"""What the keys of the geometry view do."""

from collections.abc import Mapping

from superpos_tui.desk.desk import Action, Desk
from superpos_tui.views.geometry.state import Turn
from superpos_tui.views.shared.colouring import Colouring


class GeometryActions:
    """Rotate the picture, and choose what colours mean."""

    def __init__(self, desk: Desk) -> None:
        self._gaze = desk.gaze
        self.named: Mapping[str, Action] = {
            "next_colouring": self.next_colouring,
            "turn": lambda degrees: desk.gaze.change(Turn(degrees, 0)),
            "tilt": lambda degrees: desk.gaze.change(Turn(0, degrees)),
        }

    def next_colouring(self) -> None:
        """Colour by superposition, importance or group."""
        looking = self._gaze.looking
        self._gaze.look(looking.having(looking.options.of(Colouring).next))
