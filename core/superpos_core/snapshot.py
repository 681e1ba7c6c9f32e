"""An immutable picture of all lanes at one moment: all that the interface ever sees of training."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from superpos_core.config import ExperimentConfig, Lane
from superpos_core.history import LossCurve
from superpos_core.models import Parameters

Phase = Literal["training", "paused", "finished"]


@dataclass(frozen=True)
class Cohort:
    """The lanes of one model, which train in lockstep: the leading axis of every array."""

    lanes: tuple[Lane, ...]
    step: int
    parameters: Parameters
    losses: LossCurve
    recent_losses: LossCurve

    def index(self, sparsity: float) -> int:
        """The place of the lane with this sparsity; raises ``KeyError`` if there is none."""
        for index, lane in enumerate(self.lanes):
            if lane.sparsity == sparsity:
                return index
        raise KeyError(sparsity)


@dataclass(frozen=True)
class Snapshot:
    """All cohorts by model name, and how the training goes.

    ``generation`` counts resets: what belongs to an older one is gone. ``steps_per_second`` counts
    whole steps of all lanes; ``seconds_training`` is the time spent in the engine so far.
    """

    generation: int
    config: ExperimentConfig
    phase: Phase
    cohorts: Mapping[str, Cohort]
    steps_per_second: float
    engine: str
    device: str
    seconds_training: float = 0.0
