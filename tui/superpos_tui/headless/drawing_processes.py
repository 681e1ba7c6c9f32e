"""Processes that draw figures: matplotlib keeps one core busy at a time within a process."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import wait

from superpos_core.cores import usable_cores

MOST_PROCESSES = 16
"""More would only load matplotlib: a run has some ten figures. Windows allows 61."""
SIGNALS_OF_A_TERMINAL = ("SIGINT", "SIGHUP")


@contextmanager
def drawing_processes() -> Iterator[Executor | None]:
    """A process a core, or ``None`` where one core would have to run both.

    They start when there is something to draw; what they have not begun with when the block ends is
    dropped.
    """
    count = min(usable_cores(), MOST_PROCESSES)
    if count == 1:
        yield None
        return
    # A fork would copy locks that threads of training hold.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, initializer=_begin) as processes:
        try:
            yield processes
        finally:
            processes.shutdown(wait=False, cancel_futures=True)


def _begin() -> None:
    """Leave it to the program to say what a signal means, and never outlive it."""
    for name in SIGNALS_OF_A_TERMINAL:
        if hasattr(signal, name):
            signal.signal(signal.Signals[name], signal.SIG_IGN)
    threading.Thread(target=_end_with_the_program, daemon=True).start()


def _end_with_the_program() -> None:
    program = multiprocessing.parent_process()
    if program is not None:
        wait([program.sentinel])
    os._exit(1)
