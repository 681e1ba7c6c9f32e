"""Training, told through the session's queue of commands."""

import random
from dataclasses import replace

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
from superpos_tui.actions.experiments import ExperimentActions
from superpos_tui.dialogs.dials import DialsDialog
from superpos_tui.dialogs.form import FormDialog

PACE_ORDER = ("slow", "watch", "full")
LARGEST_NEW_SEED = 9999
"""Seeds that the user did not name are short, so that they can be read and typed."""


class TrainingActions(ExperimentActions):
    """Pause, step, restart, set the pace, turn the dials."""

    def action_pause(self) -> None:
        self.ask(Resume() if self.state == "paused" else Pause())

    def action_single_step(self) -> None:
        self.ask(SingleStep())

    def action_reset(self) -> None:
        self._begin_again(Reset(), self.config)

    def action_reseed(self) -> None:
        seed = random.randint(0, LARGEST_NEW_SEED)
        self._begin_again(Reseed(seed), replace(self.config, seed=seed))

    def _begin_again(self, command: Reset | Reseed, config: ExperimentConfig) -> None:
        """From step 0; where the worker has failed, in a new one."""
        if self.session.is_alive:
            self.session.submit(command)
            self.look(replace(self.focus_on, step=None))
        else:
            self.replace_session(config)

    # ── pace ──────────────────────────────────────────────────────────────────────────────────

    def action_full_speed(self) -> None:
        self.set_pace("watch" if self.pace.name == "full" else "full")

    def action_faster(self) -> None:
        self._shift_pace(1)

    def action_slower(self) -> None:
        self._shift_pace(-1)

    def _shift_pace(self, direction: int) -> None:
        place = PACE_ORDER.index(self.pace.name) + direction
        self.set_pace(PACE_ORDER[min(max(place, 0), len(PACE_ORDER) - 1)])

    def set_pace(self, name: str) -> None:
        """Train at another pace from here on."""
        self.pace = PACES[name]
        if not self.ask(SetPace(self.pace)):
            return
        self.notify(self.pace.summary, title=f"pace: {name}", timeout=2)
        self.redraw()

    # ── dials ─────────────────────────────────────────────────────────────────────────────────

    def action_dials(self) -> None:
        dialog = DialsDialog(
            self.config,
            self.focus_on.setting,
            self.data_palette,
            self._turn_dials,
            self.action_undo,
        )

        def close(restart: bool | None) -> None:
            if restart:
                self.start_again(dialog.config, self.experiment)

        self.push_screen(dialog, close)

    def _turn_dials(self, config: ExperimentConfig, text: str) -> None:
        self.ask(TurnDials(config, text))

    def action_undo(self) -> None:
        if self.snapshot is None or not self.snapshot.undoable:
            self.notify("no dial was turned", title="nothing to undo", timeout=3)
            return
        if self.ask(Undo()):
            self.notify("back to where the dial was turned", title="undone", timeout=3)

    def action_form(self) -> None:
        def close(config: ExperimentConfig | None) -> None:
            if config is not None:
                self.start_again(config, self.experiment)

        self.push_screen(FormDialog(self.config), close)
