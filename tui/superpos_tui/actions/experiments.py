"""The paper's experiments: the gallery, their checks, and the tour through the best of them."""

from collections.abc import Mapping
from dataclasses import replace

from superpos_core.experiments import EXPERIMENTS, Trial, verdicts
from superpos_tui.bars.tour import tour_stops
from superpos_tui.desk.desk import Action, Desk
from superpos_tui.dialogs.checks import ChecksDialog
from superpos_tui.dialogs.gallery import GalleryDialog
from superpos_tui.looking import first_focus
from superpos_tui.views.registry import view_of_experiment


class ExperimentActions:
    """Begin experiments, and see whether they show what they should."""

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

    def begin(self, name: str | None) -> None:
        """Begin an experiment in the view that suits it; ``None`` changes nothing."""
        if name is None:
            return
        experiment = EXPERIMENTS[name]
        trial = Trial(experiment.config, experiment)
        looking = self._desk.gaze.looking
        first = replace(
            looking,
            focus=first_focus(trial),
            options=looking.options.in_experiment(trial),
        )
        self._desk.begin(trial, first)
        self._desk.show_view(view_of_experiment(experiment).name)
        if self._desk.stage.tour_stop is None:  # the tour tells it
            self._desk.tell(experiment.title, title=f"experiment {name}", timeout=5)

    def gallery(self) -> None:
        """Choose an experiment to begin."""
        experiment = self._desk.watched.experiment
        current = "" if experiment is None else experiment.name
        self._desk.app.push_screen(GalleryDialog(current), self.begin)

    # ── checks ────────────────────────────────────────────────────────────────────────────────

    def checks(self) -> None:
        """Look whether this run shows what its experiment should."""
        desk, watched = self._desk, self._desk.watched
        experiment, snapshot = watched.experiment, watched.snapshot
        if experiment is None:
            name = watched.config.name
            desk.refuse(f"{name} is none of the experiments: nothing is expected of it")
            return
        if snapshot is None:
            desk.refuse(f"there is nothing to check yet: {watched.waiting_for}")
            return
        desk.tell("looking at the weights", title="checks", timeout=2)

        def look() -> None:
            seen = verdicts(experiment, snapshot.record)
            dialog = ChecksDialog(experiment.name, snapshot.record.newest_step, seen)
            desk.app.call_from_thread(self._show_checks, dialog)

        desk.app.run_worker(look, thread=True, group="checks", exclusive=True, exit_on_error=False)

    def _show_checks(self, dialog: ChecksDialog) -> None:
        """Unless another dialog was opened meanwhile: that one is being used."""
        if not self._desk.has_dialog:
            self._desk.app.push_screen(dialog)

    # ── the tour ──────────────────────────────────────────────────────────────────────────────

    def end_tour(self) -> None:
        """Tell no more."""
        if self._desk.stage.tour_stop is None:
            self._desk.refuse("there is no tour to end: G begins one")
        self._desk.stage.show_tour(None)

    def _go_on_tour(self, direction: int) -> None:
        stop = self._desk.stage.tour_stop
        if stop is None:
            self._desk.refuse("there is no tour to go on with: G begins one")
        else:
            self._go_to_stop(stop + direction)

    def _go_to_stop(self, stop: int) -> None:
        """The first stop has none before it; after the last one the tour is over."""
        stops = tour_stops()
        if stop >= len(stops):
            self._desk.stage.show_tour(None)
            self._desk.tell("x has all the experiments", title="the tour ends here", timeout=6)
        elif stop >= 0:
            self._desk.stage.show_tour(stop)
            self.begin(stops[stop].name)
