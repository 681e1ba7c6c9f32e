"""The watched run: its source of snapshots, its experiment, and its newest snapshot."""

from dataclasses import replace
from threading import Thread
from typing import Protocol

from superpos_core.experiments import EXPERIMENTS, Experiment, Trial, current_name
from superpos_core.record.record import Record
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.checkpoint import Checkpoint
from superpos_core.training.commands import BringBack, Command, Restart
from superpos_core.training.jobs import job_of
from superpos_core.training.pacing import Pace
from superpos_core.training.way_back import LONG_SECONDS, WayBack
from superpos_tui.process.source import Life, Opened, Source, State


class MakeSessions(Protocol):
    """Makes sources that train here, one after another."""

    @property
    def way_back(self) -> WayBack:
        """The way back to the run that was left last."""

    @property
    def keep_runs(self) -> bool:
        """Whether what they train is kept on disk."""

    def __call__(
        self,
        trial: Trial,
        pace: Pace,
        after: Thread | None,
        continues: Checkpoint | None = None,
        /,
    ) -> Source:
        """A source that trains a trial at a pace, once a previous thread has ended."""


class WatchedRun:
    """Gives the newest snapshot of a source, and replaces the source when needed.

    ``snapshot`` is ``None`` until the run has its first one. ``experiment`` is the run's
    experiment, if it has one.
    """

    def __init__(
        self, trial: Trial, pace: Pace, make_session: MakeSessions, source: Source | None = None
    ) -> None:
        self.config = trial.config
        self.experiment = trial.experiment
        self.pace = pace
        self.snapshot: Snapshot | None = None
        self.has_failed = False
        self.finished_experiments: set[str] = set()
        self._make_session = make_session
        self.source = make_session(trial, pace, None) if source is None else source
        self._start = trial.start
        self._last_news = ""
        self._last_life = self.source.life
        self._newest: dict[type[Record], tuple[Snapshot, Experiment | None]] = {}

    # ── from the source ───────────────────────────────────────────────────────────────────────

    def take_newest(self) -> bool:
        """Take the newest snapshot; return whether it is new."""
        latest = self.source.latest
        if latest is None or latest is self.snapshot:
            return False
        if latest.config.name != self.config.name:  # another run is written to an opened folder
            self.experiment = EXPERIMENTS.get(current_name(latest.config.name))
        self.snapshot, self.config = latest, latest.config
        self._newest[type(latest.record)] = latest, self.experiment
        if self.experiment is not None and self.state == "finished":
            self.finished_experiments.add(self.experiment.name)
        return True

    def take_news(self) -> str | None:
        """The source's news, or ``None`` if it has not changed."""
        if self.source.news == self._last_news:
            return None
        self._last_news = self.source.news
        return self._last_news

    def take_life(self) -> bool:
        """Whether ``life`` has changed since this was last asked."""
        changed = self.life != self._last_life
        self._last_life = self.life
        return changed

    def take_failure(self) -> BaseException | None:
        """The error that ended the source, once."""
        if self.has_failed or self.source.failure is None:
            return None
        self.has_failed = True
        return self.source.failure

    def newest_of(
        self, kept: type[Record] | None = None
    ) -> tuple[Snapshot, Experiment | None] | None:
        """The newest snapshot and its experiment, preferably of the ``kept`` kind of record.

        A record of another kind remains available until a run of its kind starts.
        """
        if kept in self._newest:
            return self._newest[kept]
        return None if self.snapshot is None else (self.snapshot, self.experiment)

    @property
    def is_long_and_kept_nowhere(self) -> bool:
        """Whether ending it would lose more than a minute of training."""
        is_kept = self.life is not None or self._make_session.keep_runs
        return (
            not is_kept
            and self.snapshot is not None
            and self.snapshot.seconds_training > LONG_SECONDS
        )

    @property
    def left(self) -> Checkpoint | None:
        """The run that was left last, to be brought back; ``None`` if there is none."""
        return self._make_session.way_back.left

    @property
    def starts_from_weights(self) -> bool:
        """Whether it trains here from given weights."""
        start = self._start
        return self.life is None and start is not None and start.name == self.config.name

    @property
    def config_to_begin_with(self) -> ExperimentConfig:
        """The config for a run that begins again: without the steps that dials have added."""
        added = 0 if self.snapshot is None else self.snapshot.added_steps
        return replace(self.config, steps=self.config.steps - added)

    @property
    def life(self) -> Life | None:
        """How a run that does not train here is doing; ``None`` if it trains here."""
        return self.source.life

    @property
    def state(self) -> State:
        """What the run is doing, for the status line."""
        if self.has_failed:
            return "failed"
        if self.life is not None:
            return self.life.state
        return "loading" if self.snapshot is None else self.snapshot.phase

    @property
    def waiting_for(self) -> str:
        """What has to happen before there is something to show."""
        if self.has_failed:
            return "training has stopped: r restarts"
        return self.source.waiting_for

    # ── to the source ─────────────────────────────────────────────────────────────────────────

    def refusal_of(self, command: type[Command]) -> str:
        """Why the source refuses this kind of command; empty if it does not."""
        return self.source.refusal_of(command)

    def submit(self, command: Command) -> bool:
        """Send the source a command; false if its work has ended."""
        return self.source.submit(command)

    def start(self, trial: Trial) -> None:
        """Start another run: in the same source if it trains, else in a new session."""
        self.experiment = trial.experiment
        restart, is_new = Restart(trial.config), trial.start is not None
        self._start = trial.start or self._start
        if not is_new and not self.refusal_of(Restart) and self.submit(restart):
            self._await_first_snapshot(trial.config)
        else:
            self.replace_source(trial.config)

    def bring_back(self) -> bool:
        """Continue the run that was left last; false if there is none."""
        way_back = self._make_session.way_back
        left = way_back.left
        if left is None:
            return False
        self.experiment = EXPERIMENTS.get(current_name(left.config.name))
        if not self.refusal_of(BringBack) and self.submit(BringBack()):
            self._await_first_snapshot(left.config)
        else:
            way_back.forget()
            self.replace_source(left.config, left)
        return True

    def replace_source(self, config: ExperimentConfig, continues: Checkpoint | None = None) -> None:
        """Train in a new session, as soon as the current one has ended."""
        self.source.stop()
        self.has_failed = False
        self._await_first_snapshot(config)
        trial = Trial(config, self.experiment, self._start)
        self.source = self._make_session(trial, self.pace, self.source.thread, continues)
        self.source.start()

    def watch(self, opened: Opened) -> None:
        """Watch another source, of a run that was opened."""
        trial, source = opened
        self.source.stop()
        self.has_failed = False
        self.experiment = trial.experiment
        self._await_first_snapshot(trial.config)
        self.source = source
        self.source.start()

    def _await_first_snapshot(self, config: ExperimentConfig) -> None:
        """Drop the previous run's snapshot: the first new one may take seconds."""
        self.config, self.snapshot = config, None
        self._newest.pop(job_of(config).record_type, None)
