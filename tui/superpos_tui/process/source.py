"""Whatever gives snapshots: a session that trains here is one, a run that was opened another."""

from threading import Thread
from typing import Protocol

from superpos_core.record.snapshot import Snapshot
from superpos_core.training.commands import Command


class Source(Protocol):
    """Gives snapshots, and obeys the commands that it can obey.

    Its methods are called by the interface and return at once.
    """

    def start(self) -> None:
        """Begin to give snapshots."""

    def stop(self) -> None:
        """End, as soon as that is possible; it may take until ``thread`` has ended."""

    def submit(self, command: Command) -> bool:
        """Ask for something; False where nobody will obey, as all work has ended."""

    def refusal_of(self, command: type[Command]) -> str:
        """Why it cannot obey such a command, in a sentence for the user; empty where it can."""

    @property
    def latest(self) -> Snapshot | None:
        """The newest snapshot; ``None`` until there is one of the run that was asked for last."""

    @property
    def news(self) -> str:
        """The last that there was to tell, such as that the engine compiles; mostly nothing."""

    @property
    def failure(self) -> BaseException | None:
        """What has ended it, if it failed."""

    @property
    def thread(self) -> Thread | None:
        """What still works for it after it was told to stop; ``None`` where nothing ever does."""
