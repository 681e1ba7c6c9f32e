"""Choosing a run from a list, opening it, and pinning one to compare others with."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from superpos_core.errors import InvalidValue
from superpos_core.experiments import Trial
from superpos_core.record.snapshot import Snapshot
from superpos_tui.desk.desk import Action, Desk
from superpos_tui.process.drawing_room import Order
from superpos_tui.process.source import Opened
from superpos_tui.settings.start import ListedRuns
from superpos_tui.views.registry import view_of_trial

if TYPE_CHECKING:
    from superpos_core.files.runs.glance import RunSummary
    from superpos_tui.runs.screen import RunsScreen

SCREEN = "runs"
NO_LIST = "no list of runs is open: superpos-tui DIR lists the runs in DIR"

PinRun = Callable[[str, Trial, Snapshot], bool]
"""Pins a run by name; false, after saying why, if it cannot be compared."""


class RunActions:
    """Show the list of runs, if there is one, and do what is chosen in it."""

    def __init__(self, desk: Desk, listed: ListedRuns | None, pin: PinRun) -> None:
        self._desk = desk
        self._listed = listed
        self._pin = pin
        self._screen: RunsScreen | None = None
        self.named: Mapping[str, Action] = {"runs": self.show}

    @property
    def has_list(self) -> bool:
        """Whether there is a list of runs."""
        return self._listed is not None

    @property
    def _has_nothing_open(self) -> bool:
        """Whether no run has been opened from the list yet."""
        from superpos_tui.process.opened_run import NothingOpened

        return isinstance(self._desk.watched.source, NothingOpened)

    def show(self) -> None:
        """Show the list as it was left."""
        app = self._desk.app
        if self._listed is None:
            self._desk.refuse(NO_LIST)
            return
        if self._screen is None:
            from superpos_tui.runs.poller import RunsPoller
            from superpos_tui.runs.screen import RunsScreen

            self._screen = RunsScreen(
                RunsPoller(self._listed.lister),
                lambda: self._desk.screen.palette,
                self._open,
                self._load_and_pin,
                self._leave,
            )
            app.install_screen(self._screen, SCREEN)
        app.push_screen(SCREEN)

    def _leave(self) -> None:
        """Go back to the run that is open."""
        if self._has_nothing_open:
            self._desk.refuse("no run is opened yet: enter opens one, q quits")
        elif self._desk.app.screen is self._screen:
            self._desk.app.pop_screen()

    def _open(self, run: "RunSummary") -> None:
        assert self._listed is not None
        if run.path != self._desk.watched.source.path:
            try:
                opened = self._listed.open(run.path)
            except InvalidValue as error:
                self._desk.refuse(str(error))
                return
            self._desk.before_leaving(lambda: self._watch(opened))
        else:
            self._leave()

    def _watch(self, opened: Opened) -> None:
        """Show a run: the first, and one of another kind, in the view that suits it."""
        trial, watched = opened[0], self._desk.watched
        is_first = self._has_nothing_open
        is_of_another_kind = watched.config.kind != trial.config.kind
        self._desk.watch(opened)
        if is_first or is_of_another_kind:
            self._desk.show_view(view_of_trial(trial).name)
        self._leave()

    # ── pinning ───────────────────────────────────────────────────────────────────────────────

    def _load_and_pin(self, run: "RunSummary") -> None:
        """Read the whole run in the drawing room, then pin it."""

        def done(outcome: object) -> None:
            self._desk.app.call_later(self._pin_loaded, run, outcome)

        self._desk.drawing_room.ask("pin", Order(run.path, lambda: _loaded(run), done))

    def _pin_loaded(self, run: "RunSummary", outcome: object) -> None:
        match outcome:
            case (Trial() as trial, Snapshot() as snapshot):
                if self._pin(run.name, trial, snapshot) and self._screen is not None:
                    self._screen.mark_pinned(run.path)
            case InvalidValue() as error:
                self._desk.refuse(str(error))
            case Exception() as error:
                self._desk.app.report_error(error, "pin")
            case _:
                self._desk.refuse(f"{run.name} has nothing to compare with yet")


def _loaded(run: "RunSummary") -> tuple[Trial, Snapshot | None]:
    """All that a run has until now."""
    from superpos_core.files.runs.reader import RunReader

    reader = RunReader(run.path)
    while reader.refresh() and reader.is_behind:
        pass
    return Trial(reader.config, reader.experiment), reader.snapshot
