"""Signals that end the program, and a terminal that has gone away."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable

TERMINAL_CHECK_SECONDS = 1.0


def exit_on_signals(leave: Callable[[int], None]) -> None:
    """Call ``leave(128 + n)`` in the event loop on SIGTERM and SIGHUP.

    Textual handles neither: without this the terminal is left in raw mode. SIGHUP stays ignored
    where the parent ignores it (``nohup``).
    """
    if sys.platform == "win32":
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, leave, 128 + number)


class TerminalWatch(threading.Thread):
    """Ends the process when its terminal is gone and no SIGHUP said so (``nohup``).

    It must be a thread: Textual's event loop waits for ever to write to a terminal that takes
    nothing, and its reader spins. There is nothing left to restore, so the end is immediate.
    """

    def __init__(self) -> None:
        super().__init__(name="terminal-watch", daemon=True)
        self._asked_to_stop = threading.Event()

    def run(self) -> None:
        """Look once a second."""
        while not self._asked_to_stop.wait(TERMINAL_CHECK_SECONDS):
            if terminal_is_gone():
                os._exit(128 + signal.SIGHUP)

    def stop(self) -> None:
        """Stop looking."""
        self._asked_to_stop.set()
        if self.is_alive():
            self.join()


def terminal_is_gone() -> bool:
    """Whether the terminal on standard input has been closed."""
    try:
        return not os.isatty(sys.__stdin__.fileno()) if sys.__stdin__ else False
    except (OSError, ValueError):
        return True
