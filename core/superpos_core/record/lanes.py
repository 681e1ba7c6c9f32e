"""The record of a run of lanes: all lanes that train side by side, grouped by model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from superpos_core.arrays import FloatArray, IntArray, freeze
from superpos_core.geometry.feature_vectors import feature_vectors
from superpos_core.record.hidden_penalty import HiddenPenalties, penalties_of
from superpos_core.record.history import LossCurve
from superpos_core.record.lane_names import exact_lane_names, lane_labels
from superpos_core.record.record import LossTable, Record
from superpos_core.record.steady_order import steady_order
from superpos_core.record.stored import Stored
from superpos_core.record.timeline import Timeline
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import INSTANCE, Lane
from superpos_core.task.models import Model, model_named
from superpos_core.task.parameters import Parameters
from superpos_core.task.sweeps import sweep_named

RANKING_STEPS = 100
"""Restarts are ranked by their mean loss over this many last steps, plus the current penalty."""


@dataclass(frozen=True)
class Mark:
    """The step where a dial was turned, and which one."""

    step: int
    text: str


@dataclass(frozen=True)
class Cohort:
    """The lanes of one model, which train in lockstep; they are the leading axis of every array.

    Lanes are grouped by setting, ``restarts`` of them per setting. ``penalties`` are those on the
    hidden layer at the newest step; ``None`` if there are none.
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
        """The model that all lanes compute."""
        return model_named(self.lanes[0].model)

    def vectors_of(self, index: int) -> FloatArray:
        """The feature vectors of one lane, shape (n, m), which measures and shapes are based on."""
        return feature_vectors(self.model, self.parameters.take(index))

    def at_step(self, step: int) -> "Cohort":
        """The same lanes at the kept moment nearest to ``step``."""
        if not self.timeline.moments:
            return self
        moment = self.timeline.nearest(step)
        return replace(self, step=moment.step, parameters=moment.parameters)

    def best(self) -> "Cohort":
        """One lane per setting: its best restart by the training objective."""
        if self.restarts == 1:
            return self
        indices = [self.lane_at(setting) for setting in range(len(self.lanes) // self.restarts)]
        return Cohort(
            lanes=tuple(self.lanes[index] for index in indices),
            step=self.step,
            parameters=self.parameters.take(indices),
            losses=self.losses.lanes(indices),
            recent_losses=self.recent_losses.lanes(indices),
            marks=self.marks,
        )

    def lanes_at(self, setting: int) -> range:
        """The indices of a setting's restarts; raises ``IndexError`` for an unknown setting."""
        first = setting * self.restarts
        if not 0 <= first < len(self.lanes):
            raise IndexError(f"there is no setting {setting}")
        return range(first, first + self.restarts)

    def recent_loss(self, indices: range) -> FloatArray:
        """The mean loss of some lanes over the last ``RANKING_STEPS``; NaN before the first.

        Excludes any penalty, as displayed losses do.
        """
        if not self.recent_losses.steps.size:
            return np.full(len(indices), np.nan)
        with np.errstate(all="ignore"):
            means: FloatArray = self.recent_losses.mean[
                indices.start : indices.stop, -RANKING_STEPS:
            ].mean(axis=1)
        return means

    def recent_objective(self, indices: range) -> FloatArray:
        """The same including the penalty: the objective that training minimises."""
        losses = self.recent_loss(indices)
        return losses if self.penalties is None else losses + self.penalties.at(indices)

    def lane_at(self, setting: int, rank: int = 0) -> int:
        """The index of the restart of this rank: one entry of ``ranked``."""
        indices = self.lanes_at(setting)
        if rank > 0:
            return indices[int(self._order(indices)[rank])]
        return indices[int(np.argmin(self._ranking(indices)))]

    def ranked(self, setting: int) -> list[int]:
        """The indices of a setting's restarts by the training objective, best first."""
        indices = self.lanes_at(setting)
        return [indices[int(index)] for index in self._order(indices)]

    def steadily_ranked(self, setting: int) -> list[int]:
        """The indices of a setting's restarts, best first, as they are shown while they train.

        Unlike in ``ranked``, noise does not change the order; see ``steady_order``.
        """
        indices = self.lanes_at(setting)
        if len(indices) == 1:
            return list(indices)
        penalties = np.zeros(len(indices)) if self.penalties is None else self.penalties.at(indices)
        diverged = ~np.isfinite(self.recent_objective(indices))
        order = steady_order(self.losses, indices, penalties, diverged)
        return [indices[int(index)] for index in order]

    def _order(self, indices: range) -> IntArray:
        return np.argsort(self._ranking(indices), kind="stable")

    def _ranking(self, indices: range) -> FloatArray:
        """The training objective; a lane that has diverged ranks last."""
        if len(indices) == 1:
            return np.zeros(1)
        means = self.recent_objective(indices)
        return np.where(np.isfinite(means), means, np.inf)


@dataclass(frozen=True)
class LanesRecord(Record):
    """All cohorts by model name: the initial models before those that joined."""

    title: ClassVar[str] = "run of lanes"

    cohorts: Mapping[str, Cohort]

    @property
    def share_done(self) -> float:
        """The fraction done by the model that is furthest behind."""
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
        """One table per model; columns are named by lane labels."""
        return tuple(
            LossTable(tuple(lane_labels(cohort.lanes)), cohort.losses)
            for cohort in self.cohorts.values()
        )

    def stored(self) -> Stored:
        """The newest parameters, the curves and the marks of every model."""
        stored = Stored(facts={"steps": self.steps, "marks": marks_by_model(self.cohorts)})
        for model, cohort in self.cohorts.items():
            stored = stored.with_arrays(f"parameters/{model}", arrays_in_files(cohort))
            stored = stored.with_arrays(f"losses/{model}", vars(cohort.losses))
            stored = stored.with_arrays(f"recent/{model}", vars(cohort.recent_losses))
        return stored

    @classmethod
    def restored(
        cls, config: ExperimentConfig, stored: Stored, timelines: Mapping[str, Timeline]
    ) -> "LanesRecord":
        """The lanes that were ``stored``; see ``Record.restored``."""
        return cls(
            config,
            {
                model: _restored_cohort(config, model, stored, timelines.get(model, Timeline()))
                for model in stored.facts["steps"]
            },
        )

    def at_step(self, step: int) -> "LanesRecord":
        """The kept moments nearest to ``step``; losses stay whole."""
        return replace(
            self, cohorts={model: cohort.at_step(step) for model, cohort in self.cohorts.items()}
        )

    @property
    def _varied(self) -> tuple[str, ...]:
        config = self.config
        if config.sweep == INSTANCE:
            instances = len(config.sweep_values)
            return (f"{instances} instances",) if instances > 1 else ()
        return (f"swept: {sweep_named(config.sweep).factor_of}",) if config.sweep_values else ()

    @property
    def _chosen(self) -> tuple[str, ...]:
        restarts = self.config.restarts
        return (f"best of {restarts} restarts",) if restarts > 1 else ()


def arrays_in_files(cohort: Cohort) -> dict[str, FloatArray]:
    """The parameters of all lanes by their names in files, with a leading lane axis."""
    arrays = cohort.parameters.arrays
    return {each.file_name: arrays[each.name] for each in cohort.model.trained}


def parameters_from_file(
    config: ExperimentConfig, model: str, arrays: Mapping[str, FloatArray]
) -> Parameters:
    """The parameters of a model's lanes from ``arrays_in_files``.

    Raises ``KeyError`` for a missing array and ``ValueError`` for one of another shape.
    """
    lanes = config.lanes_of(model)
    found = {}
    for each in model_named(model).trained:
        array = arrays[each.file_name]
        if array.shape != (len(lanes), *each.shape(config.features, config.hidden)):
            raise ValueError(f"{each.file_name} has shape {array.shape}, which {model} has not")
        found[each.name] = freeze(array)
    return Parameters(**found).padded(config.padding_of(lanes))


def marks_by_model(cohorts: Mapping[str, Cohort]) -> dict[str, list[list[int | str]]]:
    """The marks of every model as JSON values: ``[step, text]``."""
    return {
        model: [[mark.step, mark.text] for mark in cohort.marks]
        for model, cohort in cohorts.items()
    }


def marks_from(values: Iterable[Sequence[Any]]) -> tuple[Mark, ...]:
    """The marks of a model from ``marks_by_model``."""
    return tuple(Mark(int(step), str(text)) for step, text in values)


def _restored_cohort(
    config: ExperimentConfig, model: str, stored: Stored, timeline: Timeline
) -> Cohort:
    lanes = config.lanes_of(model)
    parameters = parameters_from_file(config, model, stored.under(f"parameters/{model}"))
    curves = [
        LossCurve(
            **{name: freeze(array) for name, array in stored.under(f"{kind}/{model}").items()}
        )
        for kind in ("losses", "recent")
    ]
    return Cohort(
        lanes=lanes,
        step=int(stored.facts["steps"][model]),
        parameters=parameters,
        losses=curves[0],
        recent_losses=curves[1],
        restarts=config.restarts,
        timeline=timeline,
        marks=marks_from(stored.facts["marks"].get(model, ())),
        penalties=penalties_of(config, lanes, parameters),
    )


def _arrays_of(cohort: Cohort, lane: int) -> dict[str, FloatArray]:
    arrays = cohort.parameters.take(lane).arrays
    return {each.file_name: arrays[each.name] for each in cohort.model.trained}
