"""Runs the instrument in this terminal, from the first frame until the process may end."""

import asyncio
import os
import sys
import threading
import time
from contextlib import suppress
from typing import Any

from superpos_tui.app import Settings, SuperposApp
from superpos_tui.process.log_file import log_exception, told_in_a_line
from superpos_tui.process.signals import HANG_UP, Watch, end_process, terminal_is_gone
from superpos_tui.process.terminal import native_output_kept_off_the_screen

GRACE_SECONDS = 0.5
"""So long threads have to end by themselves: a slice of training or a file takes less."""


def run(settings: Settings) -> int:
    """Show the instrument until it is left; the exit code.

    Once the terminal is restored nothing can hold the process: what cannot be interrupted, such as
    a kernel that is compiled, or figures that are drawn, ends with it.
    """
    try:
        with native_output_kept_off_the_screen():
            app = SuperposApp(settings)
            _run(app)
    except Exception as error:
        log_exception(error)
        last_words, unfinished, code = told_in_a_line(error), "", 1
    else:
        last_words, unfinished = app.last_words, app.unfinished
        code = app.leaving.ask(app.return_code or 0)
    if last_words:
        code = code or 1
        _say(last_words)
    if _threads_are_left():
        if unfinished:
            _say(f"left before this was finished: {unfinished}")
        end_process(code)
    return code


def _say(words: str) -> None:
    with suppress(OSError):  # to a terminal that is gone there is nothing to say
        os.write(sys.stderr.fileno(), f"superpos-tui: {words}\n".encode())


def _run(app: SuperposApp) -> None:
    # Not ``asyncio.run``: at its end that waits for every thread of a worker.
    loop = asyncio.new_event_loop()

    def leave(code: int) -> None:
        with suppress(RuntimeError):  # the loop is closed: there is nothing left to leave
            loop.call_soon_threadsafe(app.leave, code)

    def end_for(thread_error: threading.ExceptHookArgs) -> None:
        """A thread that an error has ended is missed by others, who would wait for ever."""
        if terminal_is_gone():
            end_process(HANG_UP)
        if thread_error.exc_value is not None:
            app.keep_unexpected(thread_error.exc_value)
        leave(app.leaving.ask(1))

    def tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if "exception" in context:
            app.tell_error(context["exception"], "something went wrong")

    threading.excepthook = end_for
    loop.set_exception_handler(tell)
    Watch(app.leaving, leave, app.restore_terminal).start()
    try:
        app.run(loop=loop)
    finally:
        loop.close()


def _threads_are_left() -> bool:
    """Whether a thread that would hold the process has not ended after a moment of grace."""
    until = time.monotonic() + GRACE_SECONDS
    others = [
        thread
        for thread in threading.enumerate()
        if not thread.daemon and thread is not threading.current_thread()
    ]
    for thread in others:
        thread.join(max(until - time.monotonic(), 0))
    return any(thread.is_alive() for thread in others)
