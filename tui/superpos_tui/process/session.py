"""The worker thread: commands in, snapshots out. It is ours: started, stopped and joined here."""

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from superpos_core.engine import Engine
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import BEGINS_AGAIN, Command
from superpos_core.training.loop import TrainingLoop
from superpos_core.training.pacing import Pace
from superpos_core.training.run import loop_for
from superpos_tui.process.log_file import log_exception

NewsOfEngine = Callable[[str], None]
MakeEngine = Callable[[ExperimentConfig, NewsOfEngine], Engine]


LESS_URGENT = 5
"""How much nicer than the interface the training threads are, on Unix's scale to 19."""
LEAST_URGENT = 19


class Session:
    """Trains an experiment in a thread of its own, once the session before it has ended.

    The newest snapshot waits in one slot, ``latest``; whoever draws takes it when it suits.
    ``news`` is the last that the engine had to tell, such as that it compiles. If
    training fails, ``failure`` holds the exception and the thread has ended.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        make_engine: MakeEngine,
        pace: Pace,
        after: "Session | None" = None,
    ) -> None:
        self._config = config
        self._make_engine = make_engine
        self._pace = pace
        # Its thread alone: a session holds a whole run.
        self._before: threading.Thread | None = None if after is None else after._thread
        self._stop = threading.Event()
        self._waiting: list[Command] = []
        self._loop: TrainingLoop | None = None
        self._has_ended = False
        self._handover = threading.Lock()
        self._thread: threading.Thread = threading.Thread(target=self._work, name="trainer")
        self._newest: Snapshot | None = None
        self._generation = 0
        self.news = ""
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Begin: the engine is loaded and made in the thread."""
        self._thread.start()

    def submit(self, command: Command) -> bool:
        """Ask the loop for something; while the engine loads, the request is kept.

        False where nobody will obey: training has failed, or was told to stop.
        """
        with self._handover:
            if self._has_ended or self._stop.is_set():
                return False
            self._generation += isinstance(command, BEGINS_AGAIN)
            if self._loop is None:
                self._waiting.append(command)
            else:
                self._loop.submit(command)
            return True

    def stop(self) -> None:
        """Ask the thread to end; it does so after the slice, or what compiles, is done."""
        self._stop.set()

    @property
    def latest(self) -> Snapshot | None:
        """The newest snapshot; ``None`` until there is one of the run that was asked for last."""
        newest = self._newest
        return newest if newest is not None and newest.generation >= self._generation else None

    def close(self) -> None:
        """Stop training and wait until the thread has ended."""
        self.stop()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def is_alive(self) -> bool:
        """Whether the thread is at work."""
        return self._thread.is_alive()

    def _work(self) -> None:
        try:
            give_way_to_the_interface()
            self._wait_for_the_one_before()
            loop = loop_for(self._config, self._new_engine, self._pace)
            with self._handover:
                self._loop = loop
                for command in self._waiting:
                    loop.submit(command)
            loop.run(self._stop, self._keep, on_refusal=self._hear)
        except _Stopped:
            return
        except BaseException as failure:  # whatever it is, the user is told
            log_exception(failure)
            self.failure = failure
        finally:
            with self._handover:
                self._has_ended = True

    def _wait_for_the_one_before(self) -> None:
        """Two at once would take twice the memory, and each other's cores."""
        if self._before is not None and self._before.is_alive():
            self.news = "ending the run before"
            self._before.join()
            self.news = ""
        self._before = None
        self._end_if_told_to_stop()

    def _end_if_told_to_stop(self) -> None:
        if self._stop.is_set():
            raise _Stopped

    def _new_engine(self, config: ExperimentConfig) -> Engine:
        return self._make_engine(config, self._hear)

    def _hear(self, news: str) -> None:
        """News come before what takes long: the time to ask whether it is still wanted."""
        self._end_if_told_to_stop()
        self.news = news

    def _keep(self, snapshot: Snapshot) -> None:
        self._newest = snapshot


class _Stopped(BaseException):
    """The session was told to stop; no ``Exception``, so that no engine takes it for a failure."""


def give_way_to_the_interface() -> None:
    """Make this thread, and those that it starts, give way when the interface has something to do.

    Training takes every core; without this a key would wait for its turn on one of them. Only
    Linux sets priorities by thread. They are relative: a program that was started with ``nice`` may
    not ask for more than it was given.
    """
    if sys.platform != "linux":
        return
    thread = threading.get_native_id()
    with suppress(OSError):  # where it is forbidden, keys are slower, and that is all
        nice = os.getpriority(os.PRIO_PROCESS, thread) + LESS_URGENT
        os.setpriority(os.PRIO_PROCESS, thread, min(nice, LEAST_URGENT))
