"""Sources that do not train: a run's folder, followed while it is written, or a weight file."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from superpos_core.files.runs.reader import RunReader
from superpos_core.files.runs.status_file import ENDED, SILENT_SECONDS, RunState
from superpos_core.record.snapshot import Snapshot
from superpos_core.training.commands import Command
from superpos_tui.process.log_file import log_exception
from superpos_tui.process.session import lower_thread_priority
from superpos_tui.process.source import Life, State

REFUSAL = "this run is opened, not trained here: W trains its weights, F its settings"
POLL_SECONDS = 0.5
"""How often a folder is looked at: network file systems report no changes."""
RECENT_SECONDS = 2.5
"""A sign of life of this age is nothing to remark on: about one comes every second."""


class OpenedRun:
    """Reads a run's folder in its own thread, and goes on as long as it may be written.

    The age of the last sign of life is measured by the clock of this machine, from when a change
    was seen; only at first it is what the folder says, which depends on the clock of another one.
    """

    thread: threading.Thread

    def __init__(
        self,
        reader: RunReader,
        options: Sequence[str] = (),
        *,
        clock: Callable[[], float] = time.monotonic,
        unix_time: Callable[[], float] = time.time,
    ) -> None:
        """``options`` are those with which it was opened."""
        self.path: Path | None = reader.folder
        self.options = options
        self.latest: Snapshot | None = None
        self.news = ""
        self.failure: BaseException | None = None
        self.thread = threading.Thread(target=self._work, name="reader", daemon=True)
        self._reader = reader
        self._clock = clock
        self._unix_time = unix_time
        self._stop = threading.Event()
        self._has_read_all = False
        self._heard: tuple[RunState, float] | None = None
        """What the run is doing, and when it last gave a sign of life."""

    def start(self) -> None:
        """Start reading."""
        self.thread.start()

    def stop(self) -> None:
        """Ask the thread to end; it does so after the current file."""
        self._stop.set()

    def submit(self, command: Command) -> bool:
        """False: there is nothing here that trains."""
        return False

    def refusal_of(self, command: type[Command]) -> str:
        """Why it does not obey, and what does."""
        return REFUSAL

    @property
    def life(self) -> Life:
        """How the run is doing where it is trained."""
        if self._heard is None:
            return Life("loading")
        state, heard_at = self._heard
        status = self._reader.status
        is_known = status is None or status.steps is not None
        if state in ENDED:
            return Life(state, has_known_length=is_known)
        silence = self._clock() - heard_at
        if silence >= SILENT_SECONDS:
            return Life("silent", int(silence), is_known)
        is_recent = silence < RECENT_SECONDS
        doing: State = "paused" if state == "paused" else "following"
        return Life(doing, None if is_recent else int(silence), is_known)

    @property
    def waiting_for(self) -> str:
        """What has to happen before there is a snapshot."""
        if not self._has_read_all:
            return "reading the run"
        return "waiting for the first moment of the run"

    def poll(self) -> bool:
        """Look at the folder once; return whether there is more to read at once."""
        reader, is_first = self._reader, not self._has_read_all
        has_news = reader.refresh()
        if has_news or is_first:
            heard_at = self._first_sign_of_life() if is_first else self._clock()
            self.latest = reader.snapshot  # before it may be called finished
            self._heard = reader.state, heard_at
        self.news = reader.problem or self._reason_of_failure()
        self._has_read_all = self._has_read_all or not reader.is_behind
        return reader.is_behind

    def _first_sign_of_life(self) -> float:
        """When, on this machine's clock, the run last said that it is alive."""
        status = self._reader.status
        silence = 0.0 if status is None else max(self._unix_time() - status.alive, 0.0)
        return self._clock() - silence

    def _reason_of_failure(self) -> str:
        status = self._reader.status
        is_explained = status is not None and status.state == "failed" and status.reason
        return f"the run has failed: {status.reason}" if status and is_explained else ""

    def _work(self) -> None:
        try:
            lower_thread_priority()
            while not self._stop.is_set():
                started = time.monotonic()
                is_behind = self.poll()
                # A large run takes half of the time: the interface starts meanwhile.
                self._stop.wait(time.monotonic() - started if is_behind else POLL_SECONDS)
        except BaseException as failure:  # the user sees it, whatever it is
            log_exception(failure)
            self.failure = failure


class OpenedFile:
    """A single snapshot from a file: nothing more is to come."""

    failure: BaseException | None = None
    thread: threading.Thread | None = None
    waiting_for = ""

    def __init__(self, snapshot: Snapshot, path: Path, options: Sequence[str] = ()) -> None:
        self.news = "\n".join(snapshot.record.remarks)
        """How it was read, which the user may have to correct."""
        self.latest: Snapshot | None = snapshot
        self.path: Path | None = path
        self.options = options

    def start(self) -> None:
        """Nothing has to start."""

    def stop(self) -> None:
        """Nothing has to stop."""

    def submit(self, command: Command) -> bool:
        """False: there is nothing here that trains."""
        return False

    def refusal_of(self, command: type[Command]) -> str:
        """Why it does not obey, and what does."""
        return REFUSAL

    @property
    def life(self) -> Life:
        """It is over."""
        return Life("finished")


class NothingOpened:
    """No run yet: one is to be chosen in the list."""

    latest: Snapshot | None = None
    news = ""
    failure: BaseException | None = None
    thread: threading.Thread | None = None
    path: Path | None = None
    options: Sequence[str] = ()
    waiting_for = "no run is opened: L lists the runs"
    life = Life("loading")

    def start(self) -> None:
        """Nothing has to start."""

    def stop(self) -> None:
        """Nothing has to stop."""

    def submit(self, command: Command) -> bool:
        """False: there is nothing here that trains."""
        return False

    def refusal_of(self, command: type[Command]) -> str:
        """Why it does not obey, and what helps."""
        return self.waiting_for
