"""Runs the instrument in this terminal, from the first frame until the process may end."""

import asyncio
import sys
import threading
import time
from typing import Any

from superpos_tui.app import Settings, SuperposApp
from superpos_tui.log_file import log_exception, told_in_a_line
from superpos_tui.signals import HANG_UP, Watch, end_process, terminal_is_gone
from superpos_tui.terminal import native_output_kept_off_the_screen

GRACE_SECONDS = 0.5
"""So long threads have to end by themselves: a slice of training or a file takes less."""


def run(settings: Settings) -> int:
    """Show the instrument until it is left; the exit code.

    Once the terminal is restored nothing can hold the process: what cannot be interrupted, such as
    a kernel that is compiled, or figures that are drawn, ends with it.
    """
    with native_output_kept_off_the_screen():
        app = SuperposApp(settings)
        try:
            _run(app)
        except Exception as error:
            log_exception(error)
            app.unexpected = error
    code = app.leaving.ask(app.return_code or 0)
    if app.unexpected is not None:
        code = code or 1
        sys.stderr.write(f"superpos-tui: {told_in_a_line(app.unexpected)}\n")
    if _threads_are_left():
        end_process(code)
    return code


def _run(app: SuperposApp) -> None:
    # Not ``asyncio.run``: at its end that waits for every thread of a worker.
    loop = asyncio.new_event_loop()

    def leave(code: int) -> None:
        loop.call_soon_threadsafe(app.leave, code)

    def end_for(thread_error: threading.ExceptHookArgs) -> None:
        """A thread that ends by an error is not missed by others: they would wait for ever."""
        if terminal_is_gone():
            end_process(HANG_UP)
        if thread_error.exc_value is not None:
            log_exception(thread_error.exc_value)
            app.unexpected = app.unexpected or thread_error.exc_value
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
