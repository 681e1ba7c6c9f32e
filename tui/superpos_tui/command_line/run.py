"""Runs the instrument in this terminal, from the first frame until the process may exit."""

import asyncio
import os
import sys
import threading
import time
from contextlib import suppress
from typing import Any

from superpos_tui.app import SuperposApp
from superpos_tui.process.log_file import error_line, log_exception
from superpos_tui.process.signals import HANG_UP, Watch, end_process, terminal_is_gone
from superpos_tui.process.terminal import redirect_native_stderr
from superpos_tui.settings.start import Settings

GRACE_SECONDS = 0.5
"""How long threads have to finish: a slice of training, or a file, takes less."""


def run(settings: Settings) -> int:
    """Show the instrument until the user leaves; return the exit code.

    Once the terminal is restored nothing can hold the process: work that cannot be interrupted,
    such as compiling a kernel or drawing figures, ends with it. A run that was to be kept and could
    not be is said then, and counts as a failure: its notice is gone with the screen.
    """
    try:
        with redirect_native_stderr():
            app = SuperposApp(settings)
            _run(app)
    except Exception as error:
        log_exception(error)
        last_words, unfinished, code = error_line(error), "", 1
    else:
        last_words, unfinished = app.last_words, app.unfinished
        code = app.leaving.request(app.return_code or 0)
    if last_words:
        code = code or 1
        _say(last_words)
    threads_are_left = _threads_are_left()
    if settings.journal is not None and settings.journal.shortfall:
        code = code or 1
        _say(settings.journal.shortfall)
    if threads_are_left:
        if unfinished:
            _say(f"left before this was finished: {unfinished}")
        end_process(code)
    return code


def _say(words: str) -> None:
    with suppress(OSError):  # the terminal is gone, and with it the reader
        os.write(sys.stderr.fileno(), f"superpos-tui: {words}\n".encode())


def _run(app: SuperposApp) -> None:
    # Not ``asyncio.run``: it ends by waiting for every worker thread.
    loop = asyncio.new_event_loop()

    def leave(code: int) -> None:
        with suppress(RuntimeError):  # the loop is closed: the program has been left
            loop.call_soon_threadsafe(app.leave, code)

    def end_for(thread_error: threading.ExceptHookArgs) -> None:
        """Leave when an error ends a thread: others would wait for it forever."""
        if terminal_is_gone():
            end_process(HANG_UP)
        if thread_error.exc_value is not None:
            app.keep_fatal_error(thread_error.exc_value)
        leave(app.leaving.request(1))

    def report(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if "exception" in context:
            app.report_error(context["exception"], "something went wrong")

    threading.excepthook = end_for
    loop.set_exception_handler(report)
    Watch(app.leaving, leave, app.restore_terminal).start()
    try:
        app.run(loop=loop)
    finally:
        loop.close()


def _threads_are_left() -> bool:
    """Whether a thread that would hold the process is still alive after the grace period."""
    until = time.monotonic() + GRACE_SECONDS
    others = [
        thread
        for thread in threading.enumerate()
        if not thread.daemon and thread is not threading.current_thread()
    ]
    for thread in others:
        thread.join(max(until - time.monotonic(), 0))
    return any(thread.is_alive() for thread in others)
