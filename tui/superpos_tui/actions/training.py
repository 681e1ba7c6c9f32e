"""Controlling training through the commands of the watched run."""

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING

from superpos_core.experiments import Trial
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.setting_names import depends_on_sparsity
from superpos_core.training.attached import attached_to
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
from superpos_tui.scene import DATA
from superpos_tui.selection import Selection
from superpos_tui.views.needs import what_to_give
from superpos_tui.views.registry import can_show, view_of_trial

if TYPE_CHECKING:
    from superpos_tui.dialogs.add_sparsity import Added

PACE_ORDER = ("slow", "watch", "full")
MAX_NEW_SEED = 9999
"""New seeds are short, so that they are easy to read and type."""


class TrainingActions:
    """Pause, step, restart, set the pace, turn the dials."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.named: Mapping[str, Action] = {
            "pause": self.pause,
            "single_step": lambda: desk.submit(SingleStep()),
            "reset": lambda: desk.restart(Reset()),
            "reseed": lambda: desk.restart(Reseed(random.randint(0, MAX_NEW_SEED))),
            "full_speed": self.full_speed,
            "faster": lambda: self._shift_pace(1),
            "slower": lambda: self._shift_pace(-1),
            "dials": self.dials,
            "undo": self.undo,
            "form": self.form,
            "add_sparsity": self.add_sparsity,
            "train_these": self.train_these,
            "attach_dictionary": self.attach_dictionary,
        }

    def pause(self) -> None:
        """Pause or resume; what is finished has nothing to pause, nor should the next run be."""
        watched = self._desk.watched
        if watched.state == "finished" and not watched.refusal_of(Pause):
            self._desk.notify("r trains it again", title="finished", timeout=3)
            return
        self._desk.submit(Resume() if self._desk.watched.state == "paused" else Pause())

    # ── pace ──────────────────────────────────────────────────────────────────────────────────

    def full_speed(self) -> None:
        """Toggle between full speed and a watchable pace."""
        self._set_pace("watch" if self._desk.watched.pace.name == "full" else "full")

    def _shift_pace(self, direction: int) -> None:
        index = PACE_ORDER.index(self._desk.watched.pace.name) + direction
        self._set_pace(PACE_ORDER[min(max(index, 0), len(PACE_ORDER) - 1)])

    def _set_pace(self, name: str) -> None:
        """Set the pace, also for later runs."""
        pace = self._desk.watched.pace = PACES[name]
        if self._desk.submit(SetPace(pace)):
            self._desk.notify(pace.summary, title=f"pace: {name}", timeout=2)
            self._desk.current.select(self._desk.current.selection)

    # ── dials ─────────────────────────────────────────────────────────────────────────────────

    def dials(self) -> None:
        """Open the dials."""
        if not self._desk.can(TurnDials):
            return
        from superpos_tui.dialogs.dials import DialsDialog

        dialog = DialsDialog(
            self._desk.watched.config_to_begin_with,
            self._desk.current.selection.focus.setting,
            self._desk.screen.palette,
            self._turn_dials,
            self._undo_dial,
        )

        def close(restart: bool | None) -> None:
            if restart:
                self._start(Trial(dialog.config, self._desk.watched.experiment))

        self._desk.app.push_screen(dialog, close)

    def _turn_dials(self, config: ExperimentConfig, text: str) -> None:
        self._desk.submit(TurnDials(config, text))

    # ── going back ────────────────────────────────────────────────────────────────────────────

    def undo(self) -> None:
        """Go back to where a dial was turned; without one, to the run that was left last."""
        watched = self._desk.watched
        left, snapshot = watched.left, watched.snapshot
        if left is None or (snapshot is not None and snapshot.undoable):
            self._undo_dial()
        elif self._desk.bring_back():
            trial = Trial(left.config, watched.experiment)
            if not can_show(self._desk.current.selection.view, trial):
                self._desk.show_view(view_of_trial(trial).name)
            has_begun = snapshot is not None
            again = f"; {self._desk.keys['undo']} returns to the other run" if has_begun else ""
            message = f"{left.config.name}, seed {left.config.seed}{again}"
            self._desk.notify(message, title="brought back", timeout=5)

    def _undo_dial(self) -> None:
        """Go back to where a dial was last turned."""
        if not self._desk.can(Undo):
            return
        snapshot = self._desk.watched.snapshot
        if snapshot is None or not snapshot.undoable:
            why = "this run has not begun" if snapshot is None else "no dial has been turned"
            self._desk.notify(why, title="nothing to undo")
        elif self._desk.submit(Undo()):
            self._desk.notify("back to where the dial was turned", title="undone")

    # ── other runs ────────────────────────────────────────────────────────────────────────────

    def _start(self, trial: Trial) -> None:
        self._desk.before_leaving(lambda: self._desk.start(trial))

    def form(self, field: str = "") -> None:
        """Open the form, at its first field if no other is named."""
        from superpos_tui.dialogs.form import FIRST_FIELD, FormDialog

        def close(config: ExperimentConfig | None) -> None:
            if config is not None:
                self._start(Trial(config, self._desk.watched.experiment))

        dialog = FormDialog(self._desk.watched.config_to_begin_with, field=field or FIRST_FIELD)
        self._desk.app.push_screen(dialog, close)

    def add_sparsity(self) -> None:
        """Ask for a sparsity, and restart with it too; it is then the one in focus."""
        config = self._desk.watched.config_to_begin_with
        if not self._desk.has_lanes("sparsities to add to"):
            return
        if not depends_on_sparsity(config):
            self._desk.refuse("what this run trains on does not depend on S")
            return
        from superpos_tui.dialogs.add_sparsity import AddSparsityDialog

        def close(added: "Added | None") -> None:
            if added is not None and added.config == config:
                self._desk.current.select(self._showing(added))
            elif added is not None:
                trial = Trial(added.config, self._desk.watched.experiment)
                self._desk.before_leaving(lambda: self._desk.start(trial, self._showing(added)))

        self._desk.app.push_screen(AddSparsityDialog(config), close)

    def _showing(self, added: "Added") -> Selection:
        """The current selection at an added sparsity, and at the same swept value."""
        selection, values = self._desk.current.selection, len(added.config.sweep_values) or 1
        place = added.config.sparsities.index(added.sparsity)
        return selection.at_setting(place * values + selection.focus.setting % values).at_step(None)

    def train_these(self) -> None:
        """Ask for the settings, then train from the weights on the screen."""
        scene = self._desk.scene_of_lane()
        if scene is None:
            return
        from superpos_core.files.weights.starting import start_of
        from superpos_tui.dialogs.form import FormDialog

        config, start = start_of(scene.lanes_shown)

        def close(config: ExperimentConfig | None) -> None:
            if config is not None:
                self._start(Trial(config, start=start))

        dialog = FormDialog(config, title="train these weights with", check=start.check)
        self._desk.app.push_screen(dialog, close)

    def attach_dictionary(self) -> None:
        """Train a dictionary of the lane on the screen, as it is now, in its view."""
        scene = self._desk.scene_of_lane()
        if scene is None:
            return
        if missing := what_to_give(scene.unknown & DATA):
            self._desk.refuse(f"a dictionary {missing}")
            return
        config, start = attached_to(scene.lanes_shown, scene.focus.model, scene.lane_index)
        trial = Trial(config, start=start)

        def attach() -> None:
            self._desk.current.leave()
            self._desk.start(trial)
            self._desk.show_view(view_of_trial(trial).name)
            back = f"{self._desk.keys['undo']} goes back"
            message = f"d turns its penalty, F sets its latents; {back}"
            self._desk.notify(message, title=config.name, timeout=5)

        self._desk.before_leaving(attach)
