"""The interface of a job. The training loop runs it, and owns time, pace, pause and commands."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from superpos_core.arrays import FloatArray
from superpos_core.engine import Engine
from superpos_core.errors import InvalidValue
from superpos_core.experiments.expected_time import lane_count
from superpos_core.record.record import Record
from superpos_core.record.stored import Stored
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import TrainedArray, model_named
from superpos_core.training.checkpoint import Checkpoint
from superpos_core.training.commands import JobCommand, Reseed, Reset, Restart

EngineFactory = Callable[[ExperimentConfig], Engine]
Plan = Mapping[str, int]
"""The number of steps that a slice takes on each track; tracks without any are left out."""


class CommandRefused(Exception):
    """A command cannot be applied at the moment; the message says why."""


@dataclass(frozen=True)
class Track:
    """Something that advances at its own pace: its step, its total, and where it must stop next.

    A slice ends at ``stop`` at the latest, because there is something to keep.
    """

    step: int
    steps: int
    stop: int

    @property
    def is_finished(self) -> bool:
        """Whether all of its steps are done."""
        return self.step >= self.steps


class Job(ABC):
    """One way to train a config, starting at step 0. Its methods are called by the training loop.

    A new kind of job is one more file beside this one and one more entry in ``jobs``.
    """

    record_type: ClassVar[type[Record]]
    """The kind of record that it produces."""

    @classmethod
    def check(cls, config: ExperimentConfig) -> None:
        """Raise ``InvalidValue`` for a valid config that this job cannot train."""
        return

    @classmethod
    def lanes_at_once(cls, config: ExperimentConfig) -> int:
        """The maximum number of lanes in an engine at the same time; all of them by default."""
        return lane_count(config)

    @classmethod
    def trained_arrays(cls, config: ExperimentConfig) -> Sequence[Sequence[TrainedArray]]:
        """The arrays that a lane trains, for each model; by default those of ``config.models``."""
        return [model_named(model).trained for model in config.models]

    @classmethod
    @abstractmethod
    def start(cls, config: ExperimentConfig, make_engine: EngineFactory) -> Self:
        """The job at step 0; raises ``InvalidValue`` like ``check``, and engine errors."""

    @classmethod
    def resume(cls, checkpoint: Checkpoint, make_engine: EngineFactory) -> Self:
        """The job as it was when its ``state`` was taken; it continues bit by bit.

        Raises ``InvalidValue`` for a state that does not fit the config or the engine.
        """
        reason = f"a {cls.record_type.title} cannot be continued"
        raise InvalidValue("resume", checkpoint.config.name, reason, "a run of lanes")

    @property
    @abstractmethod
    def config(self) -> ExperimentConfig:
        """The current config: models join and dials are turned."""

    @property
    @abstractmethod
    def engine(self) -> str:
        """The name of its newest engine."""

    @property
    @abstractmethod
    def device(self) -> str:
        """The device on which that engine computes."""

    @property
    def undoable(self) -> int:
        """The number of dial changes that can be undone."""
        return 0

    @property
    def added_steps(self) -> int:
        """How many steps of ``config`` dials have added: a run that begins again has none."""
        return 0

    @abstractmethod
    def tracks(self) -> Mapping[str, Track]:
        """All tracks by name. The job is finished when every track is."""

    @abstractmethod
    def advance(self, plan: Plan) -> Mapping[str, FloatArray]:
        """Take these steps; none goes past a track's ``stop``.

        Returns the losses by model, shape (steps, lanes), of those that are kept as curves; beside
        them, as more columns, what the record has of ``further_curves``.
        """

    @abstractmethod
    def keep(self, plan: Plan) -> None:
        """Keep what is worth keeping after these steps; does not count as training time."""

    @abstractmethod
    def record(self) -> Record:
        """What training has produced so far."""

    def state(self) -> Stored:
        """Everything needed to ``resume``, including what ``record`` stores."""
        return self.record().stored()

    @abstractmethod
    def apply(self, command: JobCommand) -> ExperimentConfig | None:
        """Apply a command, or return the config to restart with.

        Raises ``CommandRefused``, leaving everything unchanged, if it cannot be applied now.
        """

    @abstractmethod
    def close(self) -> None:
        """Release the resources held by engines."""


def config_to_begin_with(command: Reset | Reseed | Restart, left: Job) -> ExperimentConfig:
    """The config of the run that a command begins, where this job is left."""
    if isinstance(command, Restart):
        return command.config
    config = replace(left.config, steps=left.config.steps - left.added_steps)
    return replace(config, seed=command.seed) if isinstance(command, Reseed) else config
