"""The paper's experiments: the gallery, their checks, and the tour through the best of them."""

from collections.abc import Mapping

from superpos_core.experiments import EXPERIMENTS, verdicts
from superpos_tui.bars.tour import tour_stops
from superpos_tui.desk.desk import Action, Desk
from superpos_tui.dialogs.checks import ChecksDialog
from superpos_tui.dialogs.gallery import GalleryDialog


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

    def gallery(self) -> None:
        """Choose an experiment to start."""
        experiment = self._desk.watched.experiment
        current = "" if experiment is None else experiment.name
        self._desk.app.push_screen(GalleryDialog(current), self.start)

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
            found = verdicts(experiment, snapshot.record)
            dialog = ChecksDialog(experiment.name, snapshot.record, found)
            desk.app.call_from_thread(self._show_checks, dialog)

        desk.app.run_worker(check, thread=True, group="checks", exclusive=True, exit_on_error=False)

    def _show_checks(self, dialog: ChecksDialog) -> None:
        """Show the verdicts, unless another dialog has been opened meanwhile."""
        if not self._desk.has_dialog:
            self._desk.app.push_screen(dialog)

    # ── the tour ──────────────────────────────────────────────────────────────────────────────

    def end_tour(self) -> None:
        """Quit the tour."""
        if self._desk.screen.tour_stop is None:
            self._desk.refuse("there is no tour: G starts one")
        self._desk.screen.show_tour(None)

    def _go_on_tour(self, direction: int) -> None:
        stop = self._desk.screen.tour_stop
        if stop is None:
            self._desk.refuse("there is no tour: G starts one")
        else:
            self._go_to_stop(stop + direction)

    def _go_to_stop(self, stop: int) -> None:
        """Go to a stop; beyond the last one the tour ends."""
        stops = tour_stops()
        if stop >= len(stops):
            self._desk.screen.show_tour(None)
            self._desk.notify("press x for all experiments", title="end of tour", timeout=6)
        elif stop >= 0:
            self._desk.screen.show_tour(stop)
            self.start(stops[stop].name)
