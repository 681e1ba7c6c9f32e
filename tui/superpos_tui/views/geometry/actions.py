"""What the keys of the geometry view do."""

from collections.abc import Mapping

from superpos_tui.desk.desk import Action, Desk
from superpos_tui.views.shared.colouring import Colouring
from superpos_tui.views.shared.viewpoint import Turn


class GeometryActions:
    """Rotate the picture, and choose what colours mean."""

    def __init__(self, desk: Desk) -> None:
        self._current = desk.current
        self.named: Mapping[str, Action] = {
            "next_colouring": self.next_colouring,
            "turn": lambda degrees: desk.current.change(Turn(degrees, 0)),
            "tilt": lambda degrees: desk.current.change(Turn(0, degrees)),
        }

    def next_colouring(self) -> None:
        """Colour by superposition, importance or group."""
        selection = self._current.selection
        self._current.select(selection.with_state(selection.options.of(Colouring).next))
