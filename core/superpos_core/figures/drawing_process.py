"""A process that draws figures, started with ``superpos_core`` on its path and driven by pipes.

It reads pickled requests from standard input: a record with the formats to draw, then names of
figures, and writes the result of each to standard output. It ends when its input does, even in the
middle of a figure, so that it never outlives the program.
"""

import os
import pickle
import queue
import signal
import sys
import threading
from typing import BinaryIO

from superpos_core.figures.drawing import draw_one
from superpos_core.record.record import Record

Run = tuple[Record, tuple[str, ...]]
"""The record to draw, and the formats."""


def main() -> None:
    """Draw the requested figures until standard input ends."""
    # The program decides what a signal means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Output of a library must not be mixed into the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    requests: queue.SimpleQueue[Run | str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    run: Run | None = None
    while True:
        request = requests.get()
        if not isinstance(request, str):
            run = request
        elif run is not None:
            pickle.dump(draw_one(run[0], request, run[1]), answers)
            answers.flush()


def _listen(pipe: BinaryIO, requests: "queue.SimpleQueue[Run | str]") -> None:
    while True:
        try:
            requests.put(pickle.load(pipe))
        except Exception:
            # The program has closed the pipe, between requests or within one.
            os._exit(0)


if __name__ == "__main__":
    main()
