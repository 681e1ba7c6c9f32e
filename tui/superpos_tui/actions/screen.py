"""The screen itself: panels, themes, help, export, leaving."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from textual.app import App, SystemCommand
from textual.screen import Screen
from textual.worker import get_current_worker

from superpos_core.errors import InvalidValue
from superpos_core.experiments import EXPERIMENTS
from superpos_core.figures.drawing import one_line
from superpos_core.task.models import MODELS
from superpos_tui.actions.looking import LookingActions
from superpos_tui.actions.training import TrainingActions
from superpos_tui.dialogs.help import HelpDialog
from superpos_tui.drawing.numbers import setting_label
from superpos_tui.keys import GROUP_TITLES
from superpos_tui.look.theme_names import THEME_NAMES
from superpos_tui.process.sturdy import CommandSearch
from superpos_tui.settings.recreating import command_for
from superpos_tui.settings.remembered import remember_theme
from superpos_tui.views.export_now import export_now, film_now
from superpos_tui.views.key import Key
from superpos_tui.views.registry import VIEWS


def _run(app: App[None], key: Key) -> Callable[[], Awaitable[bool]]:
    async def run() -> bool:
        return await app.run_action(key.action)

    return run


MOST_SETTINGS = 100


class ScreenActions(LookingActions, TrainingActions):
    """Arrange the screen, take it away as files, and leave."""

    def action_next_panel(self) -> None:
        self.bring_to_front(1)

    def action_previous_panel(self) -> None:
        self.bring_to_front(-1)

    def action_maximise(self) -> None:
        self.maximised = not self.maximised
        self.apply_layout(self.size)
        self.call_after_refresh(self.redraw)

    def action_next_theme(self) -> None:
        place = THEME_NAMES.index(self.theme) if self.theme in THEME_NAMES else -1
        self.choose_theme(THEME_NAMES[(place + 1) % len(THEME_NAMES)])

    def choose_theme(self, name: str) -> None:
        """Take a theme, now and at the next start."""
        self.theme = name
        told = self.settings.settings_path and remember_theme(self.settings.settings_path, name)
        self.notify(f"{name}; {told}" if told else name, title="theme", timeout=2, markup=False)

    def action_command_palette(self) -> None:
        self.push_screen(CommandSearch(id="--command-palette"))

    def action_help(self) -> None:
        self.push_screen(HelpDialog(self.keys, VIEWS.values()))

    def action_copy_command(self) -> None:
        command = command_for(
            self.config,
            self.view_name,
            self.focus_on,
            self.settings.engine,
            experiment=self.experiment,
        )
        self.copy_to_clipboard(command)
        self.notify(command, title="copied, where the terminal allows it", timeout=8, markup=False)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Everything that can be done, for the command palette."""
        for key in self.keys:
            if key.action != "command_palette" and self.check_action(key.action_name, ()):
                yield SystemCommand(
                    f"{key.description} ({key.shown})", GROUP_TITLES[key.group], _run(self, key)
                )
        for model in MODELS:
            yield SystemCommand(f"model {model}", MODELS[model].formula,
                                partial(self.look_at_model, model))  # fmt: skip
        for place, setting in enumerate(self.config.settings[:MOST_SETTINGS]):
            yield SystemCommand(f"sparsity S {setting_label(setting)}", "look at this setting",
                                partial(self.look_at_setting, place))  # fmt: skip
        for name, experiment in EXPERIMENTS.items():
            yield SystemCommand(f"experiment {name}", experiment.title,
                                partial(self.begin_experiment, name))  # fmt: skip
        for theme in THEME_NAMES:
            yield SystemCommand(f"theme {theme}", "colours", partial(self.choose_theme, theme))

    def action_interrupt(self) -> None:
        self.leave(130)

    def action_export(self) -> None:
        scene, view, formats = self.scene, self.view, self.settings.formats
        if scene is None:
            self.refuse(f"there is nothing to export yet: {self._waiting_for()}")
            return
        self.notify("writing figures, numbers and weights", title="export", timeout=3)

        def write() -> str:
            written = export_now(scene, view, Path.cwd(), formats, _end_if_cancelled)
            told = f"{written.files} files in {written.folder}"
            if written.missing:
                raise Incomplete("\n".join([*written.missing, told]))
            return told

        self._in_a_thread("export", write)

    def action_film(self) -> None:
        scene, view = self.scene_of_lane(), self.view
        if scene is None:
            return
        self.notify("drawing every moment; this takes some seconds", title="film", timeout=4)

        def write() -> str:
            return str(film_now(scene, view, Path.cwd(), lambda done, of: _end_if_cancelled()))

        self._in_a_thread("film", write)

    def _in_a_thread(self, title: str, write: Callable[[], str]) -> None:
        """Write files beside everything else, and say how it went."""

        def run() -> None:
            try:
                told = write()
            except Cancelled:
                return
            except Exception as error:
                # Whatever it is, it ended what was asked for, and nobody else would say so.
                is_plain = isinstance(error, InvalidValue | OSError | Incomplete)
                told = str(error) if is_plain else one_line(error)
                self.call_from_thread(
                    self.notify, told, title=f"{title} failed", severity="error", timeout=10,
                    markup=False,
                )  # fmt: skip
            else:
                self.call_from_thread(self.notify, told, title=title, timeout=6, markup=False)

        self.run_worker(run, thread=True, group=title, exclusive=True, exit_on_error=False)


def _end_if_cancelled() -> None:
    if get_current_worker().is_cancelled:
        raise Cancelled


class Cancelled(Exception):
    """The program ends, and what is being written with it."""


class Incomplete(Exception):
    """Some of what was asked for is missing; the message says what, and what is there."""
