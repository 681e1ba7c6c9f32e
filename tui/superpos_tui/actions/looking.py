"""Choosing the view, model, setting and restart; training is not affected."""

from collections.abc import Mapping
from dataclasses import replace

from superpos_core.task.models import MODELS
from superpos_core.training.commands import JoinModel
from superpos_tui.desk.desk import Action, Desk
from superpos_tui.looking import Focus
from superpos_tui.views.registry import VIEWS


class LookingActions:
    """Choose the view and the lane."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.named: Mapping[str, Action] = {
            "view": desk.show_view,
            "next_view": lambda: self._open_view(1),
            "previous_view": lambda: self._open_view(-1),
            "next_model": lambda: self._look_at_model(1),
            "previous_model": lambda: self._look_at_model(-1),
            "sparser": lambda: self.look_at_setting(self._focus.setting + 1),
            "denser": lambda: self.look_at_setting(self._focus.setting - 1),
            "next_seed": self.next_seed,
        }

    @property
    def _focus(self) -> Focus:
        return self._desk.gaze.looking.focus

    def _look(self, focus: Focus) -> None:
        self._desk.gaze.look(replace(self._desk.gaze.looking, focus=focus))

    def _open_view(self, direction: int) -> None:
        names = list(VIEWS)
        index = names.index(self._desk.gaze.looking.view) + direction
        self._desk.show_view(names[index % len(names)])

    def _look_at_model(self, direction: int) -> None:
        names = list(MODELS)
        self.look_at_model(names[(names.index(self._focus.model) + direction) % len(names)])

    def look_at_model(self, model: str) -> None:
        """Select a model; one that does not train yet joins."""
        if not self._desk.has_lanes("models to choose from"):
            return
        if model in self._desk.watched.config.models or self._desk.submit(JoinModel(model)):
            self._look(replace(self._focus, model=model, rank=0, step=None))

    def look_at_setting(self, setting: int) -> None:
        """Select a setting of the experiment, clamped at both ends."""
        if not self._desk.has_lanes("single settings to choose from"):
            return
        last = len(self._desk.watched.config.settings) - 1
        self._desk.gaze.look(self._desk.gaze.looking.at_setting(min(max(setting, 0), last)))

    def next_seed(self) -> None:
        """Select the next of the setting's restarts; after the last, the best again."""
        if not self._desk.has_lanes("single seeds to choose from"):
            return
        restarts = self._desk.watched.config.restarts
        if restarts == 1:
            self._desk.refuse("only one seed per setting; --restarts 8 trains eight")
        else:
            self._look(replace(self._focus, rank=(self._focus.rank + 1) % restarts))
