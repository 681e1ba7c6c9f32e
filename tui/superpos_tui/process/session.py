"""The training thread: commands in, snapshots out; started, stopped and joined here."""

import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from superpos_core.engine import Engine
from superpos_core.engine.given_start import GivenStart
from superpos_core.experiments import Trial
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.checkpoint import Checkpoint
from superpos_core.training.commands import RESTARTING_COMMANDS, Command
from superpos_core.training.journal import Journal
from superpos_core.training.loop import TrainingLoop
from superpos_core.training.pacing import Pace
from superpos_core.training.run import loop_for
from superpos_core.training.way_back import NO_WAY_BACK, WayBack
from superpos_tui.process.log_file import log_exception
from superpos_tui.process.source import Life

OnNews = Callable[[str], None]
MakeEngine = Callable[[ExperimentConfig, OnNews], Engine]


NICENESS = 10
"""How much nicer than the interface the training threads are, in Unix's sense."""
MAX_NICENESS = 19
ENDING_PREVIOUS = "ending the previous run"


class Session:
    """Trains an experiment in its own thread, once the previous session has ended.

    The newest snapshot waits in one slot, ``latest``; the interface takes it when it is ready.
    ``news`` is the engine's latest message, such as that it compiles. If training fails,
    ``failure`` holds the exception and the thread has ended. ``journal`` keeps the run; a
    ``checkpoint`` is where it continues. The run that is left at the end, or for another one, goes
    to ``way_back``.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        make_engine: MakeEngine,
        pace: Pace,
        after: threading.Thread | None = None,
        start: GivenStart | None = None,
        *,
        journal: Journal | None = None,
        checkpoint: Checkpoint | None = None,
        way_back: WayBack = NO_WAY_BACK,
    ) -> None:
        """``start`` is what the run starts from, if not from random weights."""
        self._journal = journal
        self._checkpoint = checkpoint
        self._way_back = way_back
        self._config = config
        self._make_engine = make_engine
        self._pace = pace
        self._previous = after
        self._start = start
        self._stop = threading.Event()
        self._waiting: list[Command] = []
        self._loop: TrainingLoop | None = None
        self._has_ended = False
        self._handover = threading.Lock()
        self.thread: threading.Thread = threading.Thread(target=self._work, name="trainer")
        self._newest: Snapshot | None = None
        self._generation = 0
        self.news = ""
        self.failure: BaseException | None = None
        self.life: Life | None = None
        """It trains here."""
        self.path: Path | None = None
        self.options: Sequence[str] = ()

    def start(self) -> None:
        """Start the thread, which loads and makes the engine."""
        self.thread.start()

    @property
    def waiting_for(self) -> str:
        """What has to happen before there is a snapshot."""
        return self.news or "loading the engine"

    def refusal_of(self, command: type[Command]) -> str:
        """Empty: it obeys every command."""
        return ""

    def submit(self, command: Command) -> bool:
        """Pass a command to the training loop; while the engine loads, the command is kept.

        Returns false if it will be ignored: training has failed or is stopping.
        """
        with self._handover:
            if self._has_ended or self._stop.is_set():
                return False
            self._generation += isinstance(command, RESTARTING_COMMANDS)
            if self._loop is None:
                self._waiting.append(command)
            else:
                self._loop.submit(command)
            return True

    def stop(self) -> None:
        """Ask the thread to end; it does so after the current slice or compilation."""
        self._stop.set()

    @property
    def latest(self) -> Snapshot | None:
        """The newest snapshot; ``None`` until the run requested last has one."""
        newest = self._newest
        return newest if newest is not None and newest.generation >= self._generation else None

    def close(self) -> None:
        """Stop training and wait until the thread has ended."""
        self.stop()
        if self.thread.ident is not None:
            self.thread.join()

    def _work(self) -> None:
        try:
            lower_thread_priority()
            self._wait_for_previous()
            if self._journal is not None:
                self._journal.tell = self._show
            loop = loop_for(
                self._config,
                self._new_engine,
                self._pace,
                journal=self._journal,
                checkpoint=self._checkpoint,
                way_back=self._way_back,
            )
            with self._handover:
                self._loop = loop
                for command in self._waiting:
                    loop.submit(command)
            loop.run(self._stop, self._keep, on_refusal=self._take_news)
        except _Stopped:
            return
        except BaseException as failure:  # the user sees it, whatever it is
            log_exception(failure)
            self.failure = failure
        finally:
            with self._handover:
                self._has_ended = True

    def _wait_for_previous(self) -> None:
        """Wait for the previous session: both at once would need twice the memory and cores."""
        if self._previous is not None and self._previous.is_alive():
            self.news = ENDING_PREVIOUS
            self._previous.join()
            self.news = ""
        self._previous = None
        self._raise_if_stopped()

    def _raise_if_stopped(self) -> None:
        if self._stop.is_set():
            raise _Stopped

    def _new_engine(self, config: ExperimentConfig) -> Engine:
        engine = self._make_engine(config, self._take_news)
        return engine if self._start is None else self._start.begin(engine, config)

    def _take_news(self, news: str) -> None:
        """Keep the engine's news; it precedes long work, so this is the time to stop."""
        self._raise_if_stopped()
        self._show(news)

    def _show(self, news: str) -> None:
        self.news = news

    def _keep(self, snapshot: Snapshot) -> None:
        self._newest = snapshot


@dataclass
class Sessions:
    """Makes sessions, one after another, with the same engine and journal.

    The first one continues from ``checkpoint``, if there is one. They share the way back to the run
    that was left last.
    """

    make_engine: MakeEngine
    journal: Journal | None = None
    checkpoint: Checkpoint | None = None
    way_back: WayBack = field(default_factory=WayBack)

    @property
    def keep_runs(self) -> bool:
        """Whether what they train is kept on disk."""
        return self.journal is not None

    def __call__(
        self,
        trial: Trial,
        pace: Pace,
        after: threading.Thread | None,
        continues: Checkpoint | None = None,
    ) -> Session:
        """A session that trains ``trial``, once the thread ``after`` has ended.

        ``continues`` is where it goes on, if not at step 0.
        """
        checkpoint, self.checkpoint = continues or self.checkpoint, None
        return Session(
            trial.config,
            self.make_engine,
            pace,
            after,
            trial.start,
            journal=self.journal,
            checkpoint=checkpoint,
            way_back=self.way_back,
        )


class _Stopped(BaseException):
    """The session was stopped; not an ``Exception``, so that no engine handles it as a failure."""


def lower_thread_priority() -> None:
    """Make this thread, and those that it starts, yield to the interface.

    Training uses every core; otherwise a key would wait for its turn on one of them. Only Linux
    sets priorities per thread. The change is relative: a program started with ``nice`` may not
    raise its own priority.
    """
    if sys.platform != "linux":
        return
    thread = threading.get_native_id()
    with suppress(OSError):  # where it is forbidden, keys are merely slower
        nice = os.getpriority(os.PRIO_PROCESS, thread) + NICENESS
        os.setpriority(os.PRIO_PROCESS, thread, min(nice, MAX_NICENESS))
