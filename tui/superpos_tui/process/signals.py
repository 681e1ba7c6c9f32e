"""Leaving the program: on request, at a signal, without a terminal, and as a last resort."""

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
from superpos_tui.process.environment import is_served
from superpos_tui.process.log_file import remove_empty_log

TERMINAL_CHECK_SECONDS = 1.0
LEAVING_SECONDS = 3.0
"""How long leaving may take; then the process ends, whatever is still running."""
HANG_UP = 129
"""The exit code for SIGHUP, also when the terminal is lost without that signal."""
ENDING_SIGNALS = (
    "SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGXCPU",
)  # fmt: skip
"""Signals that end a program and can be handled; batch systems send the later ones as warnings."""


class Leaving:
    """Whether the program has been asked to end, and the exit code of the first request."""

    def __init__(self) -> None:
        self._code: int | None = None
        self._since = 0.0

    def request(self, code: int) -> int:
        """Start leaving; return the exit code, which an earlier request may have set."""
        if self._code is None:
            self._since = time.monotonic()
            self._code = code
        return self._code

    @property
    def is_requested(self) -> bool:
        """Whether leaving has been requested."""
        return self._code is not None

    @property
    def overdue(self) -> int | None:
        """The exit code if the program should have ended by now, else ``None``."""
        is_late = self.is_requested and time.monotonic() > self._since + LEAVING_SECONDS
        return self._code if is_late else None


class Watch(threading.Thread):
    """Watches for ending signals and a closed terminal, and ends a program that is stuck.

    It is a separate thread that runs until the process is gone: the interface's thread may be busy,
    or wait forever to write to a terminal that accepts nothing. ``leave`` is called with an exit
    code, ``restore`` to restore the terminal; both in any thread.
    """

    def __init__(
        self, leaving: Leaving, leave: Callable[[int], None], restore: Callable[[], None]
    ) -> None:
        super().__init__(name="watch", daemon=True)
        self._leaving = leaving
        self._leave = leave
        self._restore = restore
        self._signals = _signal_descriptor()
        for number in _handled_signals():
            signal.signal(number, self._handle)

    def run(self) -> None:
        """Check once a second, and at every signal."""
        while True:
            for number in self._next_signals():
                self._handle(number)
            if terminal_is_gone():
                end_process(HANG_UP)
            code = self._leaving.overdue
            if code is not None:
                self._restore()
                end_process(code)

    def _next_signals(self) -> bytes:
        if self._signals is None:
            time.sleep(TERMINAL_CHECK_SECONDS)
            return b""
        ready = select.select([self._signals], [], [], TERMINAL_CHECK_SECONDS)[0]
        return os.read(self._signals, 64) if ready else b""

    def _handle(self, number: int, frame: FrameType | None = None) -> None:
        """Leave; called in the main thread, soon, and in this one, at once."""
        if number in _handled_signals() and not self._leaving.is_requested:
            self._leave(self._leaving.request(128 + number))


def _handled_signals() -> frozenset[int]:
    """The ending signals that our parent does not have us ignore, as ``nohup`` does SIGHUP."""
    numbers = [getattr(signal, name) for name in ENDING_SIGNALS if hasattr(signal, name)]
    return frozenset(n for n in numbers if signal.getsignal(n) is not signal.SIG_IGN)


def _signal_descriptor() -> int | None:
    """A descriptor to read signal numbers from; ``None`` where the system has none.

    Numbers arrive there whatever the main thread is doing; handlers have to wait for it.
    """
    if sys.platform == "win32":
        return None
    read_from, write_to = os.pipe()
    os.set_blocking(write_to, False)
    signal.set_wakeup_fd(write_to, warn_on_full_buffer=False)
    return read_from


def terminal_is_gone() -> bool:
    """Whether the terminal on standard input, or the server behind it, has gone away."""
    try:
        if is_served(os.environ):
            return _is_hung_up(sys.__stdin__.fileno()) if sys.__stdin__ else True
        return not os.isatty(sys.__stdin__.fileno()) if sys.__stdin__ else False
    except (OSError, ValueError):
        return True


def _is_hung_up(descriptor: int) -> bool:
    """Whether nobody can write to a pipe any more."""
    if sys.platform == "win32":
        return False  # writing fails soon
    poll = select.poll()
    poll.register(descriptor, 0)  # a hang-up is always told
    return bool(poll.poll(0))


def end_process(code: int) -> NoReturn:
    """End now, whatever is running: written files are whole, the rest is discarded."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with suppress(OSError, ValueError):  # closed, or a terminal that is gone
            stream.flush()
    storage.discard_unfinished()
    remove_empty_log()
    os._exit(code)
