"""The paper's experiments: the gallery, their checks, and the tour through the best of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from superpos_core.experiments import EXPERIMENTS, current_name, verdicts
from superpos_tui.bars.tour import tour_stops
from superpos_tui.desk.desk import Action, Desk
from superpos_tui.process.drawing_room import Order

if TYPE_CHECKING:
    from superpos_tui.dialogs.checks import ChecksDialog
    from superpos_tui.dialogs.gallery import GalleryDialog

RUNS = Path("runs")
"""Where runs are kept, below the current folder; the gallery marks the experiments in it."""
MAX_SECONDS = 2.0
"""How long the gallery reads them."""


def finished_experiments(folder: Path) -> frozenset[str]:
    """The experiments of the finished runs below a folder; raises ``InvalidValue`` for none."""
    from superpos_core.files.runs.listing import RunLister

    runs = RunLister([folder]).refresh(MAX_SECONDS).runs
    return frozenset(current_name(run.experiment) for run in runs if run.stated == "finished")


class ExperimentActions:
    """Start experiments, and check their results."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.named: Mapping[str, Action] = {
            "gallery": self.gallery,
            "checks": self.checks,
            "tour": lambda: self._go_to_stop(0),
            "next_stop": lambda: self._go_on_tour(1),
            "previous_stop": lambda: self._go_on_tour(-1),
            "end_tour": self.end_tour,
        }

    def start(self, name: str | None) -> None:
        """Start an experiment in the view that suits it; ``None`` changes nothing."""
        if name is not None:
            self._desk.start_experiment(EXPERIMENTS[name])

    def choose(self, name: str | None) -> None:
        """Start an experiment or, if it is the run that was left last, bring that back."""
        desk = self._desk
        left = desk.watched.left
        is_kept = (
            name is not None
            and left is not None
            and left.config == EXPERIMENTS[name].config
            and desk.watched.config.name != name
        )
        if not is_kept or not desk.bring_back():
            self.start(name)
            return
        keys = desk.keys
        message = f"as you left it: {keys['reset']} trains it again, {keys['undo']} returns"
        desk.notify(message, title=f"experiment {name}", timeout=5)

    def gallery(self) -> None:
        """Choose an experiment to start, or the one that was left last."""
        from superpos_tui.dialogs.gallery import GalleryDialog

        experiment = self._desk.watched.experiment
        current = "" if experiment is None else experiment.name
        done = self._desk.watched.finished_experiments
        dialog = GalleryDialog(current, done, self._desk.screen.palette)
        self._desk.app.push_screen(dialog, self.choose)
        if RUNS.is_dir():
            self._mark_finished_in(RUNS, dialog)

    def _mark_finished_in(self, folder: Path, dialog: "GalleryDialog") -> None:
        """Mark the experiments whose runs in a folder have finished, once they are read."""

        def mark(outcome: object) -> None:
            if isinstance(outcome, frozenset) and dialog.is_attached:
                dialog.mark(outcome)
            elif isinstance(outcome, Exception):
                self._desk.app.report_error(outcome, "gallery")

        def done(outcome: object) -> None:
            self._desk.app.call_later(mark, outcome)

        self._desk.drawing_room.ask(
            "gallery", Order("gallery", lambda: finished_experiments(folder), done)
        )

    # ── checks ────────────────────────────────────────────────────────────────────────────────

    def checks(self) -> None:
        """Compare this run with its experiment's expected results."""
        desk, watched = self._desk, self._desk.watched
        experiment, snapshot = watched.experiment, watched.snapshot
        if experiment is None:
            name = watched.config.name
            desk.refuse(f"{name} is not one of the experiments: it has no checks")
            return
        if snapshot is None:
            desk.refuse(f"nothing to check yet: {watched.waiting_for}")
            return
        desk.notify("evaluating the weights", title="checks", timeout=2)

        def check() -> None:
            from superpos_tui.dialogs.checks import ChecksDialog

            found = verdicts(experiment, snapshot.record)
            dialog = ChecksDialog(experiment.name, snapshot.record, found)
            desk.app.call_from_thread(self._show_checks, dialog)

        desk.app.run_worker(check, thread=True, group="checks", exclusive=True, exit_on_error=False)

    def _show_checks(self, dialog: "ChecksDialog") -> None:
        """Show the verdicts, unless another dialog has been opened meanwhile."""
        if not self._desk.has_dialog:
            self._desk.app.push_screen(dialog)

    # ── the tour ──────────────────────────────────────────────────────────────────────────────

    def end_tour(self) -> None:
        """Quit the tour."""
        if self._desk.screen.tour_stop is None:
            self._desk.refuse(f"there is no tour: {self._desk.keys['tour']} starts one")
        self._desk.screen.show_tour(None)

    def _go_on_tour(self, direction: int) -> None:
        stop = self._desk.screen.tour_stop
        if stop is None:
            self._desk.refuse(f"there is no tour: {self._desk.keys['tour']} starts one")
        else:
            self._go_to_stop(stop + direction)

    def _go_to_stop(self, stop: int) -> None:
        """Go to a stop; beyond the last one the tour ends."""
        stops = tour_stops()
        if stop >= len(stops):
            self._desk.screen.show_tour(None)
            message = f"press {self._desk.keys['gallery']} for all experiments"
            self._desk.notify(message, title="end of tour", timeout=6)
        elif stop >= 0:
            self._desk.before_leaving(lambda: self._show_stop(stop))

    def _show_stop(self, stop: int) -> None:
        self._desk.screen.show_tour(stop)
        self.start(tour_stops()[stop].name)
