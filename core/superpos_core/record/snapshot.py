"""An immutable picture of all lanes at one moment: all that the interface ever sees of training."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.geometry.feature_vectors import feature_vectors
from superpos_core.record.hidden_penalty import HiddenPenalties
from superpos_core.record.history import LossCurve
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.timeline import Timeline
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane
from superpos_core.task.models import Model, model_named
from superpos_core.task.parameters import Parameters

Phase = Literal["training", "paused", "finished"]

RANKING_STEPS = 100
"""Restarts are ranked by their mean loss over so many last steps, with the penalty of now."""


@dataclass(frozen=True)
class Mark:
    """Where a dial was turned, and which."""

    step: int
    text: str


@dataclass(frozen=True)
class Cohort:
    """The lanes of one model, which train in lockstep: the leading axis of every array.

    Lanes stand setting by setting, ``restarts`` of them for each. ``penalties`` are those on the
    hidden layer at the newest step; ``None`` where there are none.
    """

    lanes: tuple[Lane, ...]
    step: int
    parameters: Parameters
    losses: LossCurve
    recent_losses: LossCurve
    restarts: int = 1
    timeline: Timeline = field(default_factory=Timeline)
    marks: tuple[Mark, ...] = ()
    penalties: HiddenPenalties | None = None

    @property
    def model(self) -> Model:
        """What all of the lanes compute."""
        return model_named(self.lanes[0].model)

    def vectors_of(self, index: int) -> FloatArray:
        """The feature vectors of one lane, shape (n, m): what is measured, and drawn as shapes."""
        return feature_vectors(self.model, self.parameters.take(index))

    def at_step(self, step: int) -> "Cohort":
        """The same lanes at the moment kept that is nearest to ``step``."""
        if not self.timeline.moments:
            return self
        moment = self.timeline.nearest(step)
        return replace(self, step=moment.step, parameters=moment.parameters)

    def best(self) -> "Cohort":
        """One lane for each setting: of its restarts the best, by what was minimised."""
        if self.restarts == 1:
            return self
        places = [self.lane_at(setting) for setting in range(len(self.lanes) // self.restarts)]
        return Cohort(
            lanes=tuple(self.lanes[place] for place in places),
            step=self.step,
            parameters=self.parameters.take(places),
            losses=self.losses.lanes(places),
            recent_losses=self.recent_losses.lanes(places),
            marks=self.marks,
        )

    def lanes_at(self, setting: int) -> range:
        """The places of a setting's restarts; raises ``IndexError`` if there is no such setting."""
        first = setting * self.restarts
        if not 0 <= first < len(self.lanes):
            raise IndexError(f"there is no setting {setting}")
        return range(first, first + self.restarts)

    def recent_loss(self, places: range) -> FloatArray:
        """The mean loss of some lanes over the last ``RANKING_STEPS``; NaN before the first.

        It is without any penalty, as losses are shown.
        """
        if not self.recent_losses.steps.size:
            return np.full(len(places), np.nan)
        with np.errstate(all="ignore"):
            means: FloatArray = self.recent_losses.mean[
                places.start : places.stop, -RANKING_STEPS:
            ].mean(axis=1)
        return means

    def recently_minimised(self, places: range) -> FloatArray:
        """The same of a setting's restarts, with the penalty: what training makes small."""
        losses = self.recent_loss(places)
        return losses if self.penalties is None else losses + self.penalties.at(places)

    def lane_at(self, setting: int, rank: int = 0) -> int:
        """The place of one of a setting's restarts, by rank: ``ranked`` without all the others."""
        places = self.lanes_at(setting)
        if rank > 0:
            return places[int(self._order(places)[rank])]
        return places[int(np.argmin(self._ranking(places)))]

    def ranked(self, setting: int) -> list[int]:
        """The places of a setting's restarts, best first, by what was minimised."""
        places = self.lanes_at(setting)
        return [places[int(place)] for place in self._order(places)]

    def _order(self, places: range) -> IntArray:
        return np.argsort(self._ranking(places), kind="stable")

    def _ranking(self, places: range) -> FloatArray:
        """What was minimised; a lane that has diverged is no better than any other."""
        if len(places) == 1:
            return np.zeros(1)
        means = self.recently_minimised(places)
        return np.where(np.isfinite(means), means, np.inf)


@dataclass(frozen=True)
class Snapshot:
    """All cohorts by model name, and how the training goes.

    ``generation`` counts resets: what belongs to an older one is gone. ``steps_per_second`` counts
    whole steps of all lanes; ``seconds_training`` is the time spent in the engine so far.
    ``undoable`` is how many turns of dials can be undone. A phase diagram has a ``phase_map`` and
    no cohorts: its lanes train a block at a time.
    """

    generation: int
    config: ExperimentConfig
    phase: Phase
    cohorts: Mapping[str, Cohort]
    steps_per_second: float
    engine: str
    device: str
    seconds_training: float = 0.0
    undoable: int = 0
    phase_map: PhaseMap | None = None

    def __getstate__(self) -> dict[str, Any]:
        """For another process: what was measured stays here, as a thread may be adding to it."""
        return {name: value for name, value in self.__dict__.items() if name != "measured"}

    @cached_property
    def measured(self) -> dict[Hashable, dict[Hashable, Any]]:
        """Room for whoever measures a lane at a moment to keep what was found; it goes with this.

        Nothing else depends on it. Any thread may look and add.
        """
        return {}

    def at_step(self, step: int) -> "Snapshot":
        """The picture of the moments kept that are nearest to ``step``; losses stay whole."""
        return replace(
            self, cohorts={model: cohort.at_step(step) for model, cohort in self.cohorts.items()}
        )
