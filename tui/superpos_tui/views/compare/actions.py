"""What the keys of the compare view do."""

from collections.abc import Mapping
from dataclasses import replace

from superpos_tui.desk.desk import Action, Desk
from superpos_tui.selection import Focus
from superpos_tui.views.compare.state import CompareState


class CompareActions:
    """Pin the current lane."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.named: Mapping[str, Action] = {"pin": self.pin}

    def pin(self) -> None:
        """Pin the current lane and step as the reference for comparison."""
        scene = self._desk.scene_of_lane()
        if scene is None:
            return
        selection = self._desk.current.selection
        pinned = replace(selection.focus, step=scene.step)
        self._desk.current.select(selection.with_state(CompareState(pinned)))
        self._desk.notify(self._in_words(pinned), title="pinned for comparison")

    def _in_words(self, focus: Focus) -> str:
        sparsity = self._desk.watched.config.settings[focus.setting].sparsity
        return f"{focus.model}, S {sparsity:g}, step {focus.step:,}"
