"""An immutable picture of one moment of training: all that the interface sees of training."""

from dataclasses import dataclass, replace
from typing import Literal

from superpos_core.record.record import Kind, Record
from superpos_core.task.config import ExperimentConfig

Phase = Literal["training", "paused", "finished"]


@dataclass(frozen=True)
class Snapshot:
    """What training has produced so far, and its progress.

    ``generation`` counts resets; results of an older generation are void. ``steps_per_second``
    counts steps of all lanes together as one; ``seconds_training`` is the time spent in the engine
    so far. ``undoable`` is the number of dial changes that can be undone, and ``added_steps`` those
    of the config's steps that dials have added. A run elsewhere may not say how many steps it
    takes: then ``has_known_length`` is false, and the config's are a guess.
    """

    generation: int
    record: Record
    phase: Phase
    steps_per_second: float
    engine: str
    device: str
    seconds_training: float = 0.0
    undoable: int = 0
    added_steps: int = 0
    has_known_length: bool = True

    @property
    def config(self) -> ExperimentConfig:
        """The config being trained."""
        return self.record.config

    def record_as(self, kind: type[Kind]) -> Kind:
        """The record as this kind; raises ``TypeError`` if it is of another kind."""
        return self.record.as_kind(kind)

    def at_step(self, step: int) -> "Snapshot":
        """The snapshot at the kept moments nearest to ``step``."""
        return replace(self, record=self.record.at_step(step))
