"""Keeps the list of runs up to date in its own thread; nothing is written."""

import threading
import time
from collections.abc import Callable

from superpos_core.files.runs.listing import RunLister
from superpos_tui.process.log_file import log_exception
from superpos_tui.runs.table import Table, TableMaker

FIRST_SECONDS = 0.1
"""How long the first look at a long list may take, so that there is something to see."""
SLOWER = 20.0
"""How much longer each further look at it may take."""
POLL_SECONDS = 1.0
REST = 4.0
"""Minimum rest between two looks, as a multiple of how long a look takes."""


class RunsPoller:
    """Looks at the folders of a lister again and again; ``latest`` is the newest table.

    ``failure`` is the error that ended it, if any.
    """

    def __init__(self, lister: RunLister, unix_time: Callable[[], float] = time.time) -> None:
        self.latest: Table | None = None
        self.failure: BaseException | None = None
        self.thread = threading.Thread(target=self._work, name="list of runs", daemon=True)
        self.paths = lister.paths
        self._lister = lister
        self._unix_time = unix_time
        self._maker = TableMaker()
        self._stop = threading.Event()

    def start(self) -> None:
        """Start looking."""
        self.thread.start()

    def stop(self) -> None:
        """Ask the thread to end; it does so after the current look."""
        self._stop.set()

    def poll(self, seconds: float = float("inf")) -> bool:
        """Look once, for about this many ``seconds``; return whether all has been read."""
        listing = self._lister.refresh(seconds)
        self.latest = self._maker.table_of(listing, self._unix_time())
        return listing.is_complete

    def _work(self) -> None:
        try:
            seconds = FIRST_SECONDS
            while not self._stop.is_set() and not self.poll(seconds):
                seconds *= SLOWER  # each look finds all folders again
            took = 0.0
            while not self._stop.wait(max(POLL_SECONDS, REST * took)):
                began = time.monotonic()
                self.poll()
                took = time.monotonic() - began
        except BaseException as failure:  # the user sees it, whatever it is
            log_exception(failure)
            self.failure = failure
