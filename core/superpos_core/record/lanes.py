"""The record of a run of lanes: all that trains side by side, model by model."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.geometry.feature_vectors import feature_vectors
from superpos_core.record.hidden_penalty import HiddenPenalties
from superpos_core.record.history import LossCurve
from superpos_core.record.lane_names import exact_lane_names, lane_labels
from superpos_core.record.record import LossTable, Record
from superpos_core.record.timeline import Timeline
from superpos_core.task.lanes import Lane
from superpos_core.task.models import Model, model_named
from superpos_core.task.parameters import Parameters
from superpos_core.task.sweeps import sweep_named

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
class LanesRecord(Record):
    """All cohorts by model name, those that began first before those that joined."""

    title: ClassVar[str] = "run of lanes"

    cohorts: Mapping[str, Cohort]

    @property
    def share_done(self) -> float:
        """That of the model that is least far."""
        return self.steps_done / self.config.steps

    @property
    def steps_done(self) -> int:
        """Steps that every lane has taken."""
        return min(self.steps.values())

    @property
    def steps(self) -> dict[str, int]:
        """The step of each model."""
        return {model: cohort.step for model, cohort in self.cohorts.items()}

    def arrays(self) -> dict[str, FloatArray]:
        """Every weight by name: ``tied/S=0.9/W`` and ``b``, or ``W1``, ``W2`` and ``b``.

        Shapes: W and W1 (n, m), W2 (m, n), b (n,).
        """
        return {
            f"{lane_name}/{name}": np.ascontiguousarray(array)
            for cohort in self.cohorts.values()
            for index, lane_name in enumerate(exact_lane_names(cohort.lanes))
            for name, array in _arrays_of(cohort, index).items()
        }

    @property
    def losses(self) -> tuple[LossTable, ...]:
        """A table for each model; a column is named by its lane's label."""
        return tuple(
            LossTable(tuple(lane_labels(cohort.lanes)), cohort.losses)
            for cohort in self.cohorts.values()
        )

    def at_step(self, step: int) -> "LanesRecord":
        """The picture of the moments kept that are nearest to ``step``; losses stay whole."""
        return replace(
            self, cohorts={model: cohort.at_step(step) for model, cohort in self.cohorts.items()}
        )

    @property
    def _varied(self) -> tuple[str, ...]:
        config = self.config
        return (f"swept: {sweep_named(config.sweep).factor_of}",) if config.sweep_values else ()

    @property
    def _chosen(self) -> tuple[str, ...]:
        restarts = self.config.restarts
        return (f"best of {restarts} restarts",) if restarts > 1 else ()


def _arrays_of(cohort: Cohort, lane: int) -> dict[str, FloatArray]:
    arrays = cohort.parameters.take(lane).arrays
    return {each.file_name: arrays[each.name] for each in cohort.model.trained}
