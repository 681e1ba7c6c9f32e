"""Leaving: who asks for it, signals that do, a terminal that has gone away, and the last resort."""

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from superpos_core.files import storage
from superpos_tui.process.log_file import remove_empty_log

TERMINAL_CHECK_SECONDS = 1.0
LEAVING_SECONDS = 3.0
"""After so long the program is ended, whatever still runs."""
HANG_UP = 129
"""The exit code for SIGHUP, also where its loss is all that tells of a lost terminal."""
ENDING = (
    "SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGXCPU",
)  # fmt: skip
"""Signals that end a program and can be answered; the later ones are warnings of batch systems."""


class Leaving:
    """Whether the program has been asked to end, and with which exit code: the first one counts."""

    def __init__(self) -> None:
        self._code: int | None = None
        self._since = 0.0

    def ask(self, code: int) -> int:
        """From here on it is leaving; the exit code, which may be that of who asked before."""
        if self._code is None:
            self._since = time.monotonic()
            self._code = code
        return self._code

    @property
    def is_asked(self) -> bool:
        """Whether anybody asked."""
        return self._code is not None

    @property
    def overdue(self) -> int | None:
        """The exit code, if it should have left by now."""
        late = self.is_asked and time.monotonic() > self._since + LEAVING_SECONDS
        return self._code if late else None


class Watch(threading.Thread):
    """Hears signals that end the program, sees that its terminal is gone, and ends what is stuck.

    A thread of its own, at work until the process is gone: the interface's thread may be in the
    middle of something long, or wait for ever to write to a terminal that takes nothing. ``leave``
    is called with an exit code, ``restore`` to restore the terminal; both in any thread.
    """

    def __init__(
        self, leaving: Leaving, leave: Callable[[int], None], restore: Callable[[], None]
    ) -> None:
        super().__init__(name="watch", daemon=True)
        self._leaving = leaving
        self._leave = leave
        self._restore = restore
        self._heard = _numbers_of_signals()
        for number in _answered():
            signal.signal(number, self._answer)

    def run(self) -> None:
        """Look once a second, and at every signal."""
        while True:
            for number in self._next_signals():
                self._answer(number)
            if terminal_is_gone():
                end_process(HANG_UP)
            code = self._leaving.overdue
            if code is not None:
                self._restore()
                end_process(code)

    def _next_signals(self) -> bytes:
        if self._heard is None:
            time.sleep(TERMINAL_CHECK_SECONDS)
            return b""
        ready = select.select([self._heard], [], [], TERMINAL_CHECK_SECONDS)[0]
        return os.read(self._heard, 64) if ready else b""

    def _answer(self, number: int, frame: FrameType | None = None) -> None:
        """Called in the main thread, soon, and in this one, at once."""
        if number in _answered() and not self._leaving.is_asked:
            self._leave(self._leaving.ask(128 + number))


def _answered() -> frozenset[int]:
    """What the parent has told us to ignore, as ``nohup`` does SIGHUP, stays ignored."""
    numbers = [getattr(signal, name) for name in ENDING if hasattr(signal, name)]
    return frozenset(n for n in numbers if signal.getsignal(n) is not signal.SIG_IGN)


def _numbers_of_signals() -> int | None:
    """A descriptor from which the numbers of all signals can be read, where the system has that.

    They are written there whatever the main thread does; handlers have to wait for it.
    """
    if sys.platform == "win32":
        return None
    read_from, write_to = os.pipe()
    os.set_blocking(write_to, False)
    signal.set_wakeup_fd(write_to, warn_on_full_buffer=False)
    return read_from


def terminal_is_gone() -> bool:
    """Whether the terminal on standard input has been closed."""
    try:
        return not os.isatty(sys.__stdin__.fileno()) if sys.__stdin__ else False
    except (OSError, ValueError):
        return True


def end_process(code: int) -> NoReturn:
    """End now, whatever runs: what has been written is whole, and the rest is not wanted."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with suppress(OSError, ValueError):  # closed, or a terminal that is gone
            stream.flush()
    storage.discard_unfinished()
    remove_empty_log()
    os._exit(code)
