"""Sources of snapshots, such as a session that trains here, or an opened run."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Literal, Protocol

from superpos_core.experiments import Trial
from superpos_core.record.snapshot import Snapshot
from superpos_core.training.commands import Command

State = Literal[
    "loading", "training", "paused", "finished", "failed", "following", "silent", "stopped"
]
"""What a run is doing. One that trains elsewhere is followed; without a sign of life it is silent.

A run is stopped if whoever trained it ended that before the last step.
"""


@dataclass(frozen=True)
class Life:
    """How a run that does not train here is doing, and how long ago it last gave a sign of life.

    ``seconds`` is ``None`` if that was recent, or if no more is to come. ``has_known_length`` is
    false if nobody has said for how many steps it will train.
    """

    state: State
    seconds: int | None = None
    has_known_length: bool = True


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
    def life(self) -> Life | None:
        """How a run that trains elsewhere, or no longer, is doing; ``None`` if it trains here."""

    @property
    def path(self) -> Path | None:
        """What was opened; ``None`` if it trains here."""

    @property
    def options(self) -> Sequence[str]:
        """The options on the command line with which it was opened."""

    @property
    def waiting_for(self) -> str:
        """What has to happen before there is a snapshot."""

    @property
    def news(self) -> str:
        """The latest message, such as that the engine compiles; usually empty."""

    @property
    def failure(self) -> BaseException | None:
        """The error that ended it, if any."""

    @property
    def thread(self) -> Thread | None:
        """The thread that may still work after ``stop``; ``None`` if there is none."""


Opened = tuple[Trial, Source]
"""A run that was opened: its config and experiment, and the source of its snapshots."""
