"""The interface of a journal, which keeps a run outside of memory while it trains.

The training loop calls it, on its own thread. What a journal writes, and where, is its own matter:
``files.runs.writer`` writes a folder.
"""

from collections.abc import Callable, Mapping

from superpos_core.arrays import FloatArray
from superpos_core.record.snapshot import Snapshot
from superpos_core.record.stored import Stored


class Journal:
    """Keeps nothing; others override what they need to keep a run.

    No method may raise for a reason that leaves training unharmed. ``tell`` is called with what a
    user should know.
    """

    def __init__(self, tell: Callable[[str], None] = lambda news: None) -> None:
        self.tell = tell

    @property
    def shortfall(self) -> str:
        """What is not kept of the run in progress, and why, in a line; empty if nothing is lost."""
        return ""

    def begin(self, snapshot: Snapshot) -> None:
        """A run starts or continues: at the beginning, and whenever it is started again."""

    def add_losses(self, losses: Mapping[str, FloatArray]) -> None:
        """The losses of the newest steps by model, as ``Job.advance`` returns them."""

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
