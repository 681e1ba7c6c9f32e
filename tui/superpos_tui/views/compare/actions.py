"""What the keys of the compare view do."""

from collections.abc import Mapping
from dataclasses import replace

from superpos_tui.desk.desk import Action, Desk
from superpos_tui.drawing.numbers import setting_name
from superpos_tui.scene import Scene
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
        self._desk.notify(_in_words(scene), title="pinned for comparison")


def _in_words(scene: Scene) -> str:
    """The lane and step of a scene."""
    lane = f"{scene.focus.model}, {setting_name(scene.setting)}"
    return f"{lane}, step {scene.step:,}" if scene.knows_training else lane
