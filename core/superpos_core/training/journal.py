"""The interface of a journal, which keeps a run outside of memory while it trains.

The training loop calls it, on its own thread. What a journal writes, and where, is its own matter:
``files.runs.writer`` writes a folder.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from superpos_core.arrays import FloatArray
from superpos_core.record.snapshot import Snapshot
from superpos_core.record.stored import Stored


class Journal(Protocol):
    """Keeps a run. No method may raise for a reason that leaves training unharmed.

    What a user should know, ``tell`` is called with.
    """

    tell: Callable[[str], None]

    def begin(self, snapshot: Snapshot) -> None:
        """A run starts or continues: at the beginning, and whenever it is started again."""

    def add_losses(self, losses: Mapping[str, FloatArray]) -> None:
        """The losses of the newest steps by model, shape (steps, lanes)."""

    def note(self, snapshot: Snapshot, state: Callable[[], Stored]) -> None:
        """The newest snapshot, many times per second; ``state`` returns the job's state then."""

    def beat(self) -> None:
        """Nothing is new, as in a pause, but training is alive: a few times per second."""

    def rewrite(self, snapshot: Snapshot) -> None:
        """A command has changed the config or the past: a model joined, a dial was turned."""

    def end(self, snapshot: Snapshot, state: Callable[[], Stored]) -> None:
        """Training has ended here, whether or not all steps are done."""

    def fail(self, reason: str) -> None:
        """Training has ended with an error; nothing newer than the last ``note`` is known."""

    def stop(self) -> None:
        """Training was interrupted; nothing newer than the last ``note`` is known."""


class NoJournal:
    """Keeps nothing."""

    def __init__(self) -> None:
        self.tell: Callable[[str], None] = lambda news: None

    def begin(self, snapshot: Snapshot) -> None:
        """Keep nothing."""

    def add_losses(self, losses: Mapping[str, FloatArray]) -> None:
        """Keep nothing."""

    def note(self, snapshot: Snapshot, state: Callable[[], Stored]) -> None:
        """Keep nothing."""

    def beat(self) -> None:
        """Keep nothing."""

    def rewrite(self, snapshot: Snapshot) -> None:
        """Keep nothing."""

    def end(self, snapshot: Snapshot, state: Callable[[], Stored]) -> None:
        """Keep nothing."""

    def fail(self, reason: str) -> None:
        """Keep nothing."""

    def stop(self) -> None:
        """Keep nothing."""
