"""The process that draws: started with ``superpos_core`` on its path, spoken to through pipes.

It reads pickled requests from standard input: a record with the formats to draw in, and then the
names of figures, for each of which it writes what came of it to standard output. It ends when its
input does, in the midst of a figure too: so it never outlives the program.
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
"""What is drawn, and in which formats."""


def main() -> None:
    """Draw what is asked for until there is nobody who asks."""
    # What a signal means is for the program to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What a library prints must not come between the answers.
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
            # The program has closed the pipe, at the end of a request or in the midst of one.
            os._exit(0)


if __name__ == "__main__":
    main()
