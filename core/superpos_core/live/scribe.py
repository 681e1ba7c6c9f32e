"""The thread that writes: what the inbox holds, and a sign of life, onto a disk that may be slow.

The loop never waits for it. What cannot be written is kept and tried again every second, and said
once.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from superpos_core.errors import InvalidValue, in_one_line
from superpos_core.files.runs.status_file import RunState
from superpos_core.files.storage import WriteError
from superpos_core.live.folder import LiveFolder, Progress
from superpos_core.live.inbox import Inbox, Taken

SECONDS_PER_ROUND = 0.5
SECONDS_PER_STATUS = 1.0
SECONDS_TO_RETRY = 1.0
SHARE_OF_TIME = 0.05
"""Maximum share of the time that goes into moments which are not kept for good."""


@dataclass(frozen=True)
class Trouble:
    """What went wrong, in one line; of each kind one is told."""

    kind: str
    text: str


def trouble_of(error: Exception) -> Trouble:
    """What an error tells."""
    if isinstance(error, WriteError):
        return Trouble("disk", str(error))
    if isinstance(error, InvalidValue):
        return Trouble(error.name, str(error))
    return Trouble(type(error).__name__, in_one_line(error))


class Scribe:
    """Writes in a daemon thread until it is stopped."""

    def __init__(
        self,
        begin: Callable[[Taken], LiveFolder],
        inbox: Inbox,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """``begin`` makes the folder that of this run, once its first weights are there."""
        self._begin = begin
        self._folder: LiveFolder | None = None
        self._inbox = inbox
        self._clock = clock
        self._wake = threading.Event()
        self._is_over = False
        self._ending: tuple[RunState, str] = ("stopped", "")
        self._retry_at = self._next_passing = 0.0
        self._progress = _Speedometer(clock)
        self.troubles: deque[Trouble] = deque()
        """What went wrong, to be told by the loop's thread."""
        self._thread = threading.Thread(target=self._work, name="superpos live", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Write now."""
        self._wake.set()

    def stop(self, state: RunState, reason: str, seconds: float) -> bool:
        """Let it write the rest and end; whether it did within ``seconds``."""
        self._ending = state, reason
        self._is_over = True
        self._wake.set()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while not self._is_over:
            self._wake.wait(SECONDS_PER_ROUND)
            self._wake.clear()
            if self._clock() >= self._retry_at:
                self._attempt(self._round)
        self._attempt(self._write_moments)
        self._attempt(lambda: self._write_losses(is_last=True))
        self._attempt(self._end)

    def _attempt(self, write: Callable[[], None]) -> None:
        try:
            write()
        except Exception as error:
            # Whatever it is, the loop goes on, and hears of it.
            self._retry_at = self._clock() + SECONDS_TO_RETRY
            self.troubles.append(trouble_of(error))

    def _round(self) -> None:
        self._write_moments()
        self._write_losses(is_last=False)
        progress = self._progress.at(self._inbox.step)
        if progress is not None and self._folder is not None:
            self._folder.write_status("training", progress)
        if self._clock() >= self._next_passing:
            self._inbox.wants_moment = True

    def _write_moments(self) -> None:
        """Write what waits; what does not fit is dropped, what finds no room is put back."""
        while (moment := self._inbox.take_moment()) is not None:
            start = self._clock()
            try:
                if self._folder is None:
                    self._folder = self._begin(moment)
                self._folder.add_moment(moment)
            except WriteError:
                self._inbox.put_back(moment)
                raise
            except Exception as error:
                self.troubles.append(trouble_of(error))
            end = self._clock()
            self._next_passing = end + max(SECONDS_PER_STATUS, (end - start) / SHARE_OF_TIME)

    def _write_losses(self, *, is_last: bool) -> None:
        if self._folder is not None:
            self._folder.add_losses(self._inbox.take_losses(), is_last=is_last)

    def _end(self) -> None:
        state, reason = self._ending
        if self._folder is not None:
            self._folder.end(state, self._progress.now(self._inbox.step), reason)


class _Speedometer:
    """Steps per second, measured about once a second."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._start = self._time = clock()
        self._step = -1
        self._speed = 0.0

    def at(self, step: int) -> Progress | None:
        """The progress, if a second has passed since it was last asked for."""
        return self.now(step) if self._clock() - self._time >= SECONDS_PER_STATUS else None

    def now(self, step: int) -> Progress:
        """The progress at ``step``."""
        now = self._clock()
        if now > self._time:
            self._speed = (step - self._step) / (now - self._time)
        self._time, self._step = now, step
        return Progress(step, self._speed, now - self._start)
