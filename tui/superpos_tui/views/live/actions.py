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
            "toggle_log": self.toggle_log,
            "toggle_split": self.toggle_split,
        }

    @property
    def _state(self) -> LiveState:
        return self._current.selection.options.of(LiveState)

    def toggle_log(self) -> None:
        """Toggle the loss between a logarithmic and a linear scale."""
        state = replace(self._state, log_loss=not self._state.log_loss)
        self._current.select(self._current.selection.with_state(state))

    def toggle_split(self) -> None:
        """Toggle between feature norms, and benefit and interference."""
        state = replace(self._state, split_norms=not self._state.split_norms)
        self._current.select(self._current.selection.with_state(state))
