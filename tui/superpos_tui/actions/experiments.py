"""The paper's experiments: the gallery, their checks, and the tour through the best of them."""

from dataclasses import replace

from superpos_core.experiments import EXPERIMENTS, verdicts
from superpos_tui.bars.tour import tour_stops
from superpos_tui.dialogs.checks import ChecksDialog
from superpos_tui.dialogs.gallery import GalleryDialog
from superpos_tui.instrument import Instrument
from superpos_tui.options import Options, first_focus
from superpos_tui.views.registry import view_of_experiment


class ExperimentActions(Instrument):
    """Begin experiments, and see whether they show what they should."""

    def begin_experiment(self, name: str | None) -> None:
        """Begin an experiment in the view that suits it; ``None`` changes nothing."""
        if name is None:
            return
        experiment = EXPERIMENTS[name]
        first = Options.at_first(experiment.config, experiment)
        self.options = replace(first, log_loss=self.options.log_loss)
        self.focus_on = first_focus(experiment.config, experiment)
        self.start_again(experiment.config, experiment)
        self.show_view(view_of_experiment(experiment).name)
        if self.tour_place is None:  # the tour tells it
            self.notify(experiment.title, title=f"experiment {name}", timeout=5, markup=False)

    def action_gallery(self) -> None:
        current = "" if self.experiment is None else self.experiment.name
        self.push_screen(GalleryDialog(current), self.begin_experiment)

    # ── checks ────────────────────────────────────────────────────────────────────────────────

    def action_checks(self) -> None:
        experiment, snapshot = self.experiment, self.snapshot
        if experiment is None:
            self.refuse(f"{self.config.name} is none of the experiments: nothing is expected of it")
            return
        if snapshot is None:
            self.refuse(f"there is nothing to check yet: {self._waiting_for()}")
            return
        self.notify("looking at the weights", title="checks", timeout=2)

        def look() -> None:
            seen = verdicts(experiment, snapshot.record)
            dialog = ChecksDialog(experiment.name, snapshot.record.newest_step, seen)
            self.call_from_thread(self._show_checks, dialog)

        self.run_worker(look, thread=True, group="checks", exclusive=True, exit_on_error=False)

    def _show_checks(self, dialog: ChecksDialog) -> None:
        """Unless another dialog was opened meanwhile: that one is being used."""
        if len(self.screen_stack) == 1:
            self.push_screen(dialog)

    # ── the tour ──────────────────────────────────────────────────────────────────────────────

    def action_tour(self) -> None:
        self._go_to_stop(0)

    def action_next_stop(self) -> None:
        self._go_on_tour(1)

    def action_previous_stop(self) -> None:
        self._go_on_tour(-1)

    def action_end_tour(self) -> None:
        if self.tour_place is None:
            self.refuse("there is no tour to end: G begins one")
        self.show_tour(None)

    def _go_on_tour(self, direction: int) -> None:
        if self.tour_place is None:
            self.refuse("there is no tour to go on with: G begins one")
        else:
            self._go_to_stop(self.tour_place + direction)

    def _go_to_stop(self, place: int) -> None:
        """The first stop has none before it; after the last one the tour is over."""
        stops = tour_stops()
        if place >= len(stops):
            self.show_tour(None)
            self.notify("x has all the experiments", title="the tour ends here", timeout=6)
        elif place >= 0:
            self.show_tour(place)
            self.begin_experiment(stops[place].name)
