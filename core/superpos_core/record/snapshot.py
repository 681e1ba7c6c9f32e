"""An immutable picture of one moment of training: all that the interface ever sees of it."""

from dataclasses import dataclass, replace
from typing import Literal

from superpos_core.record.record import Kind, Record
from superpos_core.task.config import ExperimentConfig

Phase = Literal["training", "paused", "finished"]


@dataclass(frozen=True)
class Snapshot:
    """What training has produced so far, and how it goes.

    ``generation`` counts resets: what belongs to an older one is gone. ``steps_per_second`` counts
    whole steps of all that trains at once; ``seconds_training`` is the time spent in the engine so
    far. ``undoable`` is how many turns of dials can be undone.
    """

    generation: int
    record: Record
    phase: Phase
    steps_per_second: float
    engine: str
    device: str
    seconds_training: float = 0.0
    undoable: int = 0

    @property
    def config(self) -> ExperimentConfig:
        """What is trained."""
        return self.record.config

    def record_as(self, kind: type[Kind]) -> Kind:
        """The record, to whoever knows its kind; raises ``TypeError`` where it is of another."""
        if not isinstance(self.record, kind):
            raise TypeError(f"a {self.record.title} is no {kind.title}")
        return self.record

    def at_step(self, step: int) -> "Snapshot":
        """The picture of the moments kept that are nearest to ``step``."""
        return replace(self, record=self.record.at_step(step))
