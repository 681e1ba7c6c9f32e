"""Copying: the command line that recreates the screen."""

from collections.abc import Collection, Mapping

from superpos_core.engine.choice import EngineChoice
from superpos_core.experiments import Trial
from superpos_tui.desk.desk import Action, Desk
from superpos_tui.settings.recreating import command_for, command_to_open


class CopyingActions:
    """Give text to the clipboard."""

    def __init__(self, desk: Desk, engine: EngineChoice, preset: Collection[str]) -> None:
        self._desk = desk
        self._engine = engine
        self._preset = preset
        self.named: Mapping[str, Action] = {"copy_command": self.copy_command}

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
        self._desk.app.copy_to_clipboard(command)
        self._desk.notify(command, title="copied, if the terminal allows it", timeout=8)
