"""Signals that end the program, and a terminal that has gone away."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable


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


def terminal_is_gone() -> bool:
    """Whether the terminal on standard input has been closed.

    Where SIGHUP is ignored nothing else says so, and reading would spin for ever.
    """
    try:
        return not os.isatty(sys.__stdin__.fileno()) if sys.__stdin__ else False
    except (OSError, ValueError):
        return True
