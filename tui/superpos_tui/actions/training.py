"""Training, told through the commands that the watched run obeys."""

import random
from collections.abc import Mapping

from superpos_core.experiments import Trial
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import (
    Pause,
    Reseed,
    Reset,
    Resume,
    SetPace,
    SingleStep,
    TurnDials,
    Undo,
)
from superpos_core.training.pacing import PACES
from superpos_tui.desk.desk import Action, Desk
from superpos_tui.dialogs.dials import DialsDialog
from superpos_tui.dialogs.form import FormDialog

PACE_ORDER = ("slow", "watch", "full")
LARGEST_NEW_SEED = 9999
"""Seeds that the user did not name are short, so that they can be read and typed."""


class TrainingActions:
    """Pause, step, restart, set the pace, turn the dials."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.named: Mapping[str, Action] = {
            "pause": self.pause,
            "single_step": lambda: desk.ask(SingleStep()),
            "reset": lambda: desk.begin_again(Reset()),
            "reseed": lambda: desk.begin_again(Reseed(random.randint(0, LARGEST_NEW_SEED))),
            "full_speed": self.full_speed,
            "faster": lambda: self._shift_pace(1),
            "slower": lambda: self._shift_pace(-1),
            "dials": self.dials,
            "undo": self.undo,
            "form": self.form,
        }

    def pause(self) -> None:
        """Stand still, or go on."""
        self._desk.ask(Resume() if self._desk.watched.state == "paused" else Pause())

    # ── pace ──────────────────────────────────────────────────────────────────────────────────

    def full_speed(self) -> None:
        """As fast as it goes, or so that it can be watched."""
        self._set_pace("watch" if self._desk.watched.pace.name == "full" else "full")

    def _shift_pace(self, direction: int) -> None:
        index = PACE_ORDER.index(self._desk.watched.pace.name) + direction
        self._set_pace(PACE_ORDER[min(max(index, 0), len(PACE_ORDER) - 1)])

    def _set_pace(self, name: str) -> None:
        """Train at another pace from here on; what begins later too."""
        pace = self._desk.watched.pace = PACES[name]
        if self._desk.ask(SetPace(pace)):
            self._desk.tell(pace.summary, title=f"pace: {name}", timeout=2)
            self._desk.gaze.look(self._desk.gaze.looking)

    # ── dials ─────────────────────────────────────────────────────────────────────────────────

    def dials(self) -> None:
        """Open the dials."""
        if not self._desk.can(TurnDials):
            return
        dialog = DialsDialog(
            self._desk.watched.config,
            self._desk.gaze.looking.focus.setting,
            self._desk.stage.palette,
            self._turn_dials,
            self.undo,
        )

        def close(restart: bool | None) -> None:
            if restart:
                self._desk.begin(Trial(dialog.config, self._desk.watched.experiment))

        self._desk.app.push_screen(dialog, close)

    def _turn_dials(self, config: ExperimentConfig, text: str) -> None:
        self._desk.ask(TurnDials(config, text))

    def undo(self) -> None:
        """Back to where a dial was turned last."""
        if not self._desk.can(Undo):
            return
        snapshot = self._desk.watched.snapshot
        if snapshot is None or not snapshot.undoable:
            self._desk.tell("no dial was turned", title="nothing to undo")
        elif self._desk.ask(Undo()):
            self._desk.tell("back to where the dial was turned", title="undone")

    def form(self) -> None:
        """Open the form."""

        def close(config: ExperimentConfig | None) -> None:
            if config is not None:
                self._desk.begin(Trial(config, self._desk.watched.experiment))

        self._desk.app.push_screen(FormDialog(self._desk.watched.config), close)
