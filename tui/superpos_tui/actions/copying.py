"""Copying: the command line that recreates the screen, and the numbers of a panel."""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from superpos_core.engine.choice import EngineChoice
from superpos_core.errors import InvalidValue
from superpos_core.experiments import Trial
from superpos_tui.desk.desk import Action, Desk
from superpos_tui.measures.large import is_large
from superpos_tui.process.drawing_room import Order
from superpos_tui.process.terminal import why_no_clipboard
from superpos_tui.scene import Scene
from superpos_tui.settings.recreating import command_for, command_to_open
from superpos_tui.views.numbers import Numbers
from superpos_tui.views.panel import Panel
from superpos_tui.views.registry import VIEWS


@dataclass(frozen=True)
class Table:
    """A panel's numbers as text, which takes long for many, and what they are."""

    size: str
    text: str

    @classmethod
    def of(cls, name: str, numbers: Numbers) -> "Table":
        """The numbers of the panel with this name."""
        size = f"{name}: {len(numbers.rows):,} rows, {len(numbers.header):,} columns"
        return cls(size, numbers.as_tsv())


class CopyingActions:
    """Give text to the clipboard."""

    def __init__(self, desk: Desk, engine: EngineChoice, preset: Collection[str]) -> None:
        self._desk = desk
        self._engine = engine
        self._preset = preset
        self._last_copied = ""
        self.named: Mapping[str, Action] = {
            "copy_command": self.copy_command,
            "copy_numbers": self.copy_numbers,
        }

    def copy_command(self) -> None:
        """Copy the command line that recreates this screen."""
        watched, selection = self._desk.watched, self._desk.current.selection
        view, focus, experiment = selection.view, selection.focus, watched.experiment
        source, preset = watched.source, self._preset
        if watched.starts_from_weights:
            self._desk.refuse("settings do not recreate it: it started from given weights")
            return
        if source.path is not None:
            trial = Trial(watched.config, experiment)
            command = command_to_open(source.path, source.options, trial, view, focus, preset)
        else:
            command = command_for(
                watched.config, view, focus, self._engine, experiment=experiment, preset=preset
            )
        self._copy(command, "the command", "copy_command")

    def copy_numbers(self) -> None:
        """Copy the numbers of the focused panel, tab-separated."""
        panel, scene = self._panel, self._desk.current.scene
        if scene is None:
            self._desk.refuse(f"nothing to copy yet: {self._desk.watched.waiting_for}")
            return
        refusal = why_no_numbers(panel, scene)
        if refusal or panel.numbers is None:
            self._desk.refuse(refusal)
            return
        numbers = panel.numbers

        def table() -> Table:
            return Table.of(panel.name, numbers(scene))

        def done(outcome: object) -> None:
            self._desk.app.call_later(self._copy_table, outcome)

        if is_large(scene.config):
            self._desk.drawing_room.ask("numbers", Order(scene, table, done))
            return
        try:
            self._copy_table(table())
        except InvalidValue as error:
            self._desk.refuse(str(error))

    @property
    def _panel(self) -> Panel:
        view = VIEWS[self._desk.current.selection.view]
        return view.panels[self._desk.screen.front_panel.panel_name]

    def _copy_table(self, found: object) -> None:
        match found:
            case Table(size, text):
                self._copy(text, size, "copy_numbers")
            case InvalidValue():
                self._desk.refuse(str(found))
            case Exception():
                self._desk.app.report_error(found, "numbers")

    def _copy(self, text: str, what: str, action: str) -> None:
        """Hand text to the terminal; show it if that takes none, or the second time."""
        problem = why_no_clipboard(os.environ)
        if problem or text == self._last_copied:
            from superpos_tui.dialogs.by_hand import ByHandDialog

            self._last_copied = ""
            title = f"{what}: {problem}" if problem else what
            self._desk.app.push_screen(ByHandDialog(title, text))
            return
        self._last_copied = text
        self._desk.app.copy_to_clipboard(text)
        key = self._desk.keys[action]
        shown = text if len(text.splitlines()) == 1 else what
        self._desk.notify(f"{shown}\n{key} again shows it, to be copied by hand",
                          title="copied, if the terminal allows it", timeout=8)  # fmt: skip


def why_no_numbers(panel: Panel, scene: Scene) -> str:
    """Why there are no numbers of a panel; empty if there are."""
    if not isinstance(scene.snapshot.record, panel.takes):
        return f"this panel shows nothing of a {scene.snapshot.record.title}"
    if panel.numbers is None:
        return "this panel has no numbers to copy"
    return panel.missing(scene)
