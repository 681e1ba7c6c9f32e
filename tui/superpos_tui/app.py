"""The app: the instrument and all its actions."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, ClassVar

from textual.actions import parse
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen

from superpos_core.experiments import EXPERIMENTS, Trial
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.models import MODELS
from superpos_tui.actions.copying import CopyingActions
from superpos_tui.actions.experiments import ExperimentActions
from superpos_tui.actions.pointing import PointingActions
from superpos_tui.actions.runs import RunActions
from superpos_tui.actions.screen import ScreenActions
from superpos_tui.actions.selecting import SelectingActions
from superpos_tui.actions.timeline import TimelineActions
from superpos_tui.actions.training import TrainingActions
from superpos_tui.actions.writing import WritingActions
from superpos_tui.bars.timeline import TimelineBar
from superpos_tui.desk.desk import Action
from superpos_tui.drawing.numbers import setting_name
from superpos_tui.instrument import Instrument
from superpos_tui.keys import GROUP_TITLES, LIST_OF_RUNS, WITH_OPEN_TIMELINE, importance
from superpos_tui.look.theme_names import THEME_NAMES
from superpos_tui.process.sturdy import CommandsInOrder
from superpos_tui.settings.rebinding import by_precedence
from superpos_tui.settings.start import Settings
from superpos_tui.views.registry import VIEWS

BESIDE_DIALOGS = ("quit", "suspend_process")
"""Actions that work while a dialog is open."""
OF_TEXTUAL = ("tab", "shift+tab", "ctrl+z")
"""Keys that Textual's screens and fields use themselves: ours take precedence."""
TIMELINE_ACTIONS = frozenset(key.action_name for key in WITH_OPEN_TIMELINE)
MAX_SETTINGS = 100
"""Maximum number of settings offered by the command palette."""


class SuperposApp(Instrument):
    """A live instrument for toy models of superposition.

    ``actions`` maps the names in the key table to actions. Keys, clicks in the footer and the
    command palette all go through ``run_action``.
    """

    TITLE = "superpos-tui"
    COMMANDS = {CommandsInOrder}  # noqa: RUF012 - Textual declares it so
    AWAITED_GROUPS: ClassVar[frozenset[str]] = frozenset({"export", "film"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "quit", show=False, priority=True),
        Binding("ctrl+c", "interrupt", "quit", show=False, priority=True),
    ]

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        for key in by_precedence(self.keys):
            first = not key.names.isdisjoint(OF_TEXTUAL)
            self._bindings.bind(key.keys, key.action, key.label, show=False, priority=first)
        self._names = frozenset(key.action_name for key in self.keys)
        self._view_of = {key.action_name: key.view for key in self.keys if key.exclusive}
        desk = self.desk
        self.selecting_actions = SelectingActions(desk)
        self.experiments = ExperimentActions(desk)
        self._timeline = TimelineActions(desk)
        self.screen_actions = ScreenActions(desk, self.keys, settings.memory)
        self.runs = RunActions(desk, settings.listed, self._pin_run)
        of_views = [view.load_actions(desk) for view in VIEWS.values() if view.load_actions]
        self.actions: dict[str, Action] = {
            **self.selecting_actions.named,
            **PointingActions(desk, self._timeline, self.runs).named,
            **self._timeline.named,
            **self.experiments.named,
            **self.runs.named,
            **self.long_runs.named,
            **TrainingActions(desk).named,
            **self.screen_actions.named,
            **CopyingActions(desk, settings.engine, settings.preset).named,
            **WritingActions(desk, settings.formats, settings.film_width).named,
            **{name: action for actions in of_views for name, action in actions.items()},
        }

    def on_mount(self) -> None:
        if self.settings.listed is not None:
            self.runs.show()

    def _pin_run(self, name: str, trial: Trial, snapshot: Snapshot) -> bool:
        """Pin an opened run: the compare view, which is loaded by now, knows how."""
        return bool(self.actions["pin_run"](name, trial, snapshot))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action is available: an open dialog takes most keys, some need a view."""
        if action in self._names and self.desk.has_dialog:
            return action in BESIDE_DIALOGS
        return self._is_at_hand(action)

    def _is_at_hand(self, action: str) -> bool:
        """Whether an action belongs to the open view, and to the timeline if that is open."""
        if action in TIMELINE_ACTIONS:
            return self.widgets.timeline_is_open
        return self._view_of.get(action, self.selection.view) == self.selection.view

    async def run_action(
        self,
        action: str | tuple[str, str, tuple[object, ...]],
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run one of our actions if it is available now, or else one of Textual's."""
        destination, name, arguments = parse(action) if isinstance(action, str) else action
        is_ours = default_namespace in (None, self) or destination == "app"
        if is_ours and name in self.actions:
            is_available = bool(self.check_action(name, arguments))
            if is_available:
                self.actions[name](*arguments)
            return is_available
        return await super().run_action(action, default_namespace, namespaces)

    def on_timeline_bar_moved(self, message: TimelineBar.Moved) -> None:
        self._timeline.scrub_to(message.step)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """All commands that are available once the command palette, which asks, has closed.

        The most used ones come first.
        """
        left_out = {"command_palette", *(() if self.runs.has_list else [LIST_OF_RUNS.action])}
        for key in sorted(self.keys, key=importance):
            if key.action not in left_out and self._is_at_hand(key.action_name):
                yield SystemCommand(f"{key.description} ({key.shown})", GROUP_TITLES[key.group],
                                    partial(self.run_action, key.action))  # fmt: skip
        for model in MODELS:
            yield SystemCommand(f"model {model}", MODELS[model].formula,
                                partial(self.selecting_actions.select_model, model))  # fmt: skip
        for index, setting in enumerate(self.watched.config.settings[:MAX_SETTINGS]):
            name = setting_name(self.watched.config, setting)
            kind = "sparsity " if name.startswith("S ") else ""
            yield SystemCommand(f"{kind}{name}", "show this setting",
                                partial(self.selecting_actions.select_setting, index))  # fmt: skip
        for name, experiment in EXPERIMENTS.items():
            yield SystemCommand(f"experiment {name}", experiment.title,
                                partial(self.experiments.start, name))  # fmt: skip
        for theme in THEME_NAMES:
            yield SystemCommand(f"theme {theme}", "colours",
                                partial(self.screen_actions.choose_theme, theme))  # fmt: skip
