"""Choosing the view, model, setting and restart; models that join and leave."""

from collections.abc import Mapping
from dataclasses import replace

from superpos_core.task.config import LANES
from superpos_core.task.models import MODELS
from superpos_core.training.commands import JoinModel, LeaveModel
from superpos_core.training.way_back import LONG_SECONDS
from superpos_tui.desk.desk import Action, Desk
from superpos_tui.dialogs.confirm import ConfirmDialog, told
from superpos_tui.selection import Focus
from superpos_tui.views.registry import VIEWS

MODELS_AHEAD = 3
"""How many models a notice names of those that follow."""


class SelectingActions:
    """Choose the view and the lane."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.named: Mapping[str, Action] = {
            "view": desk.show_view,
            "next_view": lambda: self._open_view(1),
            "previous_view": lambda: self._open_view(-1),
            "next_model": lambda: self._select_model(1),
            "previous_model": lambda: self._select_model(-1),
            "model": self.select_model,
            "leave_model": self.leave_model,
            "setting": self.select_setting,
            "sparser": lambda: self.select_setting(self._focus.setting + 1),
            "denser": lambda: self.select_setting(self._focus.setting - 1),
            "next_seed": self.next_seed,
        }

    @property
    def _focus(self) -> Focus:
        return self._desk.current.selection.focus

    def _focus_on(self, focus: Focus) -> None:
        self._desk.current.select(replace(self._desk.current.selection, focus=focus))

    def _open_view(self, direction: int) -> None:
        names = list(VIEWS)
        index = names.index(self._desk.current.selection.view) + direction
        self._desk.show_view(names[index % len(names)])

    def _select_model(self, direction: int) -> None:
        config = self._desk.watched.config
        names = list(MODELS if config.kind == LANES else config.groups)
        there = [name for name in names if name in config.groups]
        if len(there) > 1 and self._desk.watched.refusal_of(JoinModel):
            names = there
        index = names.index(self._focus.model) if self._focus.model in names else 0
        self.select_model(names[(index + direction) % len(names)])

    def select_model(self, model: str) -> None:
        """Select a model; one that does not train yet joins."""
        if not self._desk.has_lanes("models to choose from"):
            return
        config = self._desk.watched.config
        if config.kind != LANES and len(config.groups) == 1:
            self._desk.refuse(f"only {model} is trained: {self._desk.keys['form']} adds kinds")
            return
        is_new = model not in config.groups
        if is_new and not self._desk.submit(JoinModel(model)):
            return
        self._focus_on(replace(self._focus, model=model, rank=0, step=None))
        if is_new:
            keys = self._desk.keys
            back = f"{keys['previous_model']} goes back, {keys['leave_model']} leaves it out again"
            message = f"{joining(model)}\n{back}"
            self._desk.notify(message, title=f"model {model} joins", timeout=5)

    def leave_model(self) -> None:
        """Leave the model in focus out of the run, after a question if it has trained for long."""
        watched, model = self._desk.watched, self._focus.model
        others = [each for each in watched.config.groups if each != model]
        if not self._desk.has_lanes("models to leave out") or not self._desk.can(LeaveModel):
            return
        if not others or model not in watched.config.groups:
            joins = f"{self._desk.keys['next_model']} joins another"
            self._desk.refuse(f"{model} is the only model that trains: {joins}")
            return

        def leave(goes_on: bool | None) -> None:
            if goes_on and self._desk.submit(LeaveModel(model)):
                self._show_instead(others[-1], model)

        snapshot = watched.snapshot
        if snapshot is None or snapshot.seconds_training <= LONG_SECONDS:
            leave(True)
        else:
            question = f"{told(snapshot)}\nWhat {model} has learned would be lost."
            answers = f"leave {model} out", "keep it"
            dialog = ConfirmDialog(f"leave {model} out of the run?", question, *answers)
            self._desk.app.push_screen(dialog, leave)

    def _show_instead(self, model: str, left: str) -> None:
        """Show a model in place of one that has left."""
        selection = self._desk.current.selection
        focus = replace(selection.focus, model=model, rank=0, step=None)
        options = selection.options.without(left)
        self._desk.current.select(replace(selection, focus=focus, options=options))
        again = f"{self._desk.keys['next_model']} lets it join again, from step 0"
        self._desk.notify(again, title=f"model {left} is left out", timeout=5)

    def select_setting(self, setting: int) -> None:
        """Select a setting of the experiment, clamped at both ends."""
        if not self._desk.has_lanes("single settings to choose from"):
            return
        setting = min(max(setting, 0), len(self._desk.watched.config.settings) - 1)
        self._desk.current.select(self._desk.current.selection.at_setting(setting))

    def next_seed(self) -> None:
        """Select the next of the setting's restarts; after the last, the best again."""
        if not self._desk.has_lanes("single seeds to choose from"):
            return
        restarts = self._desk.watched.config.restarts
        if restarts == 1:
            self._desk.refuse("only one seed per setting; --restarts 8 trains eight")
        else:
            self._focus_on(replace(self._focus, rank=(self._focus.rank + 1) % restarts))


def joining(model: str) -> str:
    """The formula of a model that joins a run, and which models m opens after it.

    >>> print(joining("gelu"))
    x̂ = GELU(x·W·Wᵀ + b)
    m next: softplus, tied, untied …
    """
    names = list(MODELS)
    index = names.index(model) + 1
    following = [*names[index:], *names[:index]][:MODELS_AHEAD]
    return f"{MODELS[model].formula}\nm next: {', '.join(following)} …"
