"""What the keys of the live view do."""

from collections.abc import Mapping
from dataclasses import replace

from superpos_tui.desk.desk import Action, Desk
from superpos_tui.views.live.state import LiveState


class LiveActions:
    """Choose how losses and norms are drawn."""

    def __init__(self, desk: Desk) -> None:
        self._current = desk.current
        self.named: Mapping[str, Action] = {
            "next_loss_scale": self.next_loss_scale,
            "toggle_split": self.toggle_split,
        }

    @property
    def _state(self) -> LiveState:
        return self._current.selection.options.of(LiveState)

    def next_loss_scale(self) -> None:
        """Show the loss on the next of its scales."""
        self._current.select(self._current.selection.with_state(self._state.with_next_scale()))

    def toggle_split(self) -> None:
        """Toggle between feature norms, and benefit and interference."""
        state = replace(self._state, split_norms=not self._state.split_norms)
        self._current.select(self._current.selection.with_state(state))
