"""The run that is looked at: where its snapshots come from, what it is of, and the newest one."""

from collections.abc import Callable
from threading import Thread
from typing import Literal

from superpos_core.experiments import Experiment, Trial
from superpos_core.record.record import Record
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import Command, Restart
from superpos_core.training.jobs import job_of
from superpos_core.training.pacing import Pace
from superpos_tui.process.source import Source

State = Literal["loading", "training", "paused", "finished", "failed"]

MakeSession = Callable[[ExperimentConfig, Pace, Thread | None], Source]
"""Makes what trains a config at a pace, once a thread before it has ended."""


class WatchedRun:
    """Gives the newest snapshot of a source, and replaces the source where another is needed.

    ``snapshot`` is ``None`` until the first one of this run is there. ``experiment`` is what the
    run is of, if it is of one.
    """

    def __init__(
        self, trial: Trial, pace: Pace, make_session: MakeSession, source: Source | None = None
    ) -> None:
        self.config = trial.config
        self.experiment = trial.experiment
        self.pace = pace
        self.snapshot: Snapshot | None = None
        self.has_failed = False
        self._make_session = make_session
        self.source = make_session(trial.config, pace, None) if source is None else source
        self._news_told = ""
        self._newest: dict[type[Record], tuple[Snapshot, Experiment | None]] = {}

    # ── what comes from the source ────────────────────────────────────────────────────────────

    def take_newest(self) -> bool:
        """Take the newest snapshot; whether there was one that has not been taken before."""
        latest = self.source.latest
        if latest is None or latest is self.snapshot:
            return False
        self.snapshot, self.config = latest, latest.config
        self._newest[type(latest.record)] = latest, self.experiment
        return True

    def take_news(self) -> str | None:
        """What the source has to tell, if it is something else than before."""
        if self.source.news == self._news_told:
            return None
        self._news_told = self.source.news
        return self._news_told

    def take_failure(self) -> BaseException | None:
        """What has ended the source, if nobody has heard of it yet."""
        if self.has_failed or self.source.failure is None:
            return None
        self.has_failed = True
        return self.source.failure

    def newest_of(
        self, kept: type[Record] | None = None
    ) -> tuple[Snapshot, Experiment | None] | None:
        """What there is to look at, and what it is of; rather of the kind that is ``kept``.

        A record of another kind stays to be looked at until a run of its kind begins.
        """
        if kept in self._newest:
            return self._newest[kept]
        return None if self.snapshot is None else (self.snapshot, self.experiment)

    @property
    def state(self) -> State:
        """What the status line calls the state of training."""
        if self.has_failed:
            return "failed"
        return "loading" if self.snapshot is None else self.snapshot.phase

    @property
    def waiting_for(self) -> str:
        """What has to happen before there is something to see."""
        if self.has_failed:
            return "training has stopped: r starts again"
        return self.source.news or "loading the engine"

    # ── what is asked of it ───────────────────────────────────────────────────────────────────

    def refusal_of(self, command: type[Command]) -> str:
        """Why the source cannot obey such a command; empty where it can."""
        return self.source.refusal_of(command)

    def submit(self, command: Command) -> bool:
        """Ask the source for something; False where its work has ended."""
        return self.source.submit(command)

    def begin(self, trial: Trial) -> None:
        """Begin another run: by the same source where that trains, else in a new session."""
        self.experiment = trial.experiment
        restart = Restart(trial.config)
        if not self.refusal_of(Restart) and self.submit(restart):
            self._await_first_snapshot(trial.config)
        else:
            self.replace_source(trial.config)

    def replace_source(self, config: ExperimentConfig) -> None:
        """Train in a new session, as soon as what is at work has ended."""
        self.source.stop()
        self.has_failed = False
        self._await_first_snapshot(config)
        self.source = self._make_session(config, self.pace, self.source.thread)
        self.source.start()

    def _await_first_snapshot(self, config: ExperimentConfig) -> None:
        """Show nothing of the run before: the first snapshot may take seconds to come."""
        self.config, self.snapshot = config, None
        self._newest.pop(job_of(config).record_type, None)
