"""Somebody's own training loop, followed by the program while it runs."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from superpos_core.errors import InvalidValue
from superpos_core.files.runs.reader import RunReader

Loop = Callable[[str, int], object]
"""Trains in a folder for a number of steps, and logs them: an example of ``superpos_core.live``."""

NAME = "mine"
"""What the status line calls the run."""


@contextmanager
def followed(loop: Loop, steps: int) -> Iterator[RunReader]:
    """A reader of the run that ``loop`` writes meanwhile; waits for its end at the end."""
    with TemporaryDirectory() as parent:
        folder = Path(parent, NAME)
        thread = Thread(target=loop, args=(str(folder), steps))
        thread.start()
        try:
            yield _reader_of(folder, thread)
        finally:
            thread.join()


def _reader_of(folder: Path, thread: Thread) -> RunReader:
    """A reader, as soon as the loop has logged its first weights."""
    while True:
        try:
            reader = RunReader(folder)
        except InvalidValue:
            if not thread.is_alive():
                raise
        else:
            reader.refresh()
            if reader.snapshot is not None:
                return reader
        time.sleep(0.05)
