"""Sources of snapshots, such as a session that trains here, or an opened run."""

from threading import Thread
from typing import Protocol

from superpos_core.record.snapshot import Snapshot
from superpos_core.training.commands import Command


class Source(Protocol):
    """Gives snapshots, and accepts some commands.

    Its methods are called by the interface and return at once.
    """

    def start(self) -> None:
        """Start giving snapshots."""

    def stop(self) -> None:
        """Stop as soon as possible, at the latest when ``thread`` has ended."""

    def submit(self, command: Command) -> bool:
        """Send a command; false if all work has ended."""

    def refusal_of(self, command: type[Command]) -> str:
        """Why it refuses this kind of command, in a sentence for the user; empty if it does not."""

    @property
    def latest(self) -> Snapshot | None:
        """The newest snapshot; ``None`` until the run requested last has one."""

    @property
    def news(self) -> str:
        """The latest message, such as that the engine compiles; usually empty."""

    @property
    def failure(self) -> BaseException | None:
        """The error that ended it, if any."""

    @property
    def thread(self) -> Thread | None:
        """The thread that may still work after ``stop``; ``None`` if there is none."""
