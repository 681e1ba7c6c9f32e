"""What a job is: it is given to the training loop, which owns time, pace, pause and commands."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from superpos_core.engine import Engine
from superpos_core.experiments.expected_time import lane_count
from superpos_core.record.record import Record
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import JobCommand

EngineFactory = Callable[[ExperimentConfig], Engine]
Plan = Mapping[str, int]
"""How many steps of each track a slice takes; tracks with none are left out."""


class CommandRefused(Exception):
    """A command cannot be obeyed as things are: the message says why."""


@dataclass(frozen=True)
class Track:
    """What advances at a pace of its own: where it is, of how many steps, and where it must stop.

    A slice ends at ``stop`` at the latest, as there is something to keep.
    """

    step: int
    steps: int
    stop: int

    @property
    def is_finished(self) -> bool:
        """Whether all of its steps are taken."""
        return self.step >= self.steps


class Job(ABC):
    """One way to train a config, begun at step 0. The loop that it is given to calls it.

    A new one is one more file beside this one, and one more entry in ``jobs``.
    """

    makes: ClassVar[type[Record]]
    """The kind of record that it leaves."""

    @classmethod
    def check(cls, config: ExperimentConfig) -> None:
        """Raise ``InvalidValue`` for a valid config that this job cannot train."""
        return

    @classmethod
    def lanes_at_once(cls, config: ExperimentConfig) -> int:
        """How many lanes an engine holds at the same time, at most: all, if it says nothing."""
        return lane_count(config)

    @classmethod
    @abstractmethod
    def begin(cls, config: ExperimentConfig, make_engine: EngineFactory) -> Self:
        """The job at step 0; raises ``InvalidValue`` as ``check`` does, and what engines raise."""

    @property
    @abstractmethod
    def config(self) -> ExperimentConfig:
        """What it trains now: models join, and dials are turned."""

    @property
    @abstractmethod
    def engine(self) -> str:
        """What its newest engine is called."""

    @property
    @abstractmethod
    def device(self) -> str:
        """Where that computes."""

    @property
    def undoable(self) -> int:
        """How many turns of dials can be undone."""
        return 0

    @abstractmethod
    def tracks(self) -> Mapping[str, Track]:
        """All that advances, by name. The job is finished when each of them is."""

    @abstractmethod
    def advance(self, plan: Plan) -> None:
        """Take these steps, of which none goes past a track's ``stop``."""

    @abstractmethod
    def keep(self, plan: Plan) -> None:
        """Keep what is to be kept after these steps; its time is not counted as training."""

    @abstractmethod
    def record(self) -> Record:
        """What training has produced so far."""

    @abstractmethod
    def obey(self, command: JobCommand) -> ExperimentConfig | None:
        """Obey a command, or say with which config to begin again where that is what it means.

        Raises ``CommandRefused``, with all as it was before, for what cannot be done now.
        """

    @abstractmethod
    def close(self) -> None:
        """Give back what engines hold."""
