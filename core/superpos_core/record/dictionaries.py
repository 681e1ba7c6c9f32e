"""The record of a run of dictionaries: what they have learned, and the true directions."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from superpos_core.arrays import FloatArray, freeze
from superpos_core.record.dictionary_penalty import dictionary_penalties
from superpos_core.record.grouped import GroupedRecord
from superpos_core.record.history import LossCurve
from superpos_core.record.lane_group import LaneGroup, recent_mean
from superpos_core.record.record import LossTable
from superpos_core.record.stored import Stored
from superpos_core.record.timeline import Timeline
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.directions import OF_MODEL
from superpos_core.task.dictionaries.kinds import DictionaryKind, kind_named
from superpos_core.task.dictionaries.truth import steps_of_models
from superpos_core.task.lanes import Lane

DIRECTIONS = "directions"
"""The name of the true directions among the arrays of a run."""


@dataclass(frozen=True)
class DictionaryCohort(LaneGroup):
    """The dictionaries of one kind.

    ``losses`` are reconstruction errors; ``penalties`` are all that is minimised besides.
    ``active`` is L0, the mean number of active latents per
    row, at the same points as ``losses``, and ``recent_active`` that of the newest steps.
    """

    compared_by_seed: ClassVar[bool] = True

    active: LossCurve = field(kw_only=True)
    recent_active: LossCurve = field(kw_only=True)

    @property
    def kind(self) -> DictionaryKind:
        """What all lanes compute."""
        return kind_named(self.name)

    def recent_l0(self, indices: range) -> FloatArray:
        """The mean L0 of some lanes over the last ``RANKING_STEPS``; NaN before the first."""
        return recent_mean(self.recent_active, indices)

    def further_arrays(self) -> Mapping[str, FloatArray]:
        """The curves of L0."""
        curves = {"active": self.active, "recent": self.recent_active}
        return {
            f"{name}/{part}": array
            for name, curve in curves.items()
            for part, array in curve.arrays().items()
        }

    def _only(self, indices: list[int]) -> Self:
        return replace(
            super()._only(indices),
            active=self.active.lanes(indices),
            recent_active=self.recent_active.lanes(indices),
        )


@dataclass(frozen=True)
class DictionaryRecord(GroupedRecord[DictionaryCohort]):
    """All dictionaries by kind, and the true directions that they should find.

    ``directions`` (lanes, n, d), float32, are those of each lane, in the order of
    ``config.lanes_of(kind)``, which is the same for every kind. As long as models train they are
    the current ones, and all dictionaries stand at step 0. ``model_step`` is the number of steps
    that the models have trained; 0 if the directions are made or given.
    """

    title: ClassVar[str] = "run of dictionaries"

    directions: FloatArray
    model_step: int = 0

    @property
    def model_steps(self) -> int:
        """All steps of the models."""
        return steps_of_models(self.config)

    @property
    def preparing(self) -> str:
        """Such as ``training the model first, 34 %``."""
        if self.newest_step or self.model_step >= self.model_steps:
            return ""
        return f"training the model first, {self.model_step / self.model_steps:.0%}"

    @property
    def share_done(self) -> float:
        """The fraction of the steps of models and dictionaries that is done."""
        done = self.model_step + self.steps_done
        return done / (self.model_steps + self.config.steps)

    @property
    def further_curves(self) -> tuple[LossTable, ...]:
        """L0, in columns such as ``relu S=0.9 L0``."""
        return tuple(
            LossTable(
                tuple(f"{name} L0" for name in table.names), group.active, group.recent_active
            )
            for table, group in zip(self.losses, self.cohorts.values(), strict=True)
        )

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The lanes of any kind: the true ``directions`` are theirs."""
        return next(iter(self.cohorts.values())).lanes

    def arrays(self) -> dict[str, FloatArray]:
        """Every array of every lane, such as ``relu/S=0.9/W_enc`` (d, K), and the directions.

        They have the names and axes that SAELens gives them. ``directions`` is (lanes, n, d).
        """
        return {**super().arrays(), DIRECTIONS: self.directions}

    def stored(self) -> Stored:
        """The dictionaries, the directions, and how far the models are."""
        stored = super().stored().with_facts(model_step=self.model_step)
        return Stored({**stored.arrays, DIRECTIONS: self.directions}, stored.facts)

    @classmethod
    def group_from(
        cls, config: ExperimentConfig, parts: Mapping[str, Any], further: Mapping[str, FloatArray]
    ) -> DictionaryCohort:
        """The dictionaries of one kind, with their L0."""
        curves = Stored(further)
        active, recent = (LossCurve.stored(curves.under(name)) for name in ("active", "recent"))
        return DictionaryCohort(**parts, active=active, recent_active=recent)

    @classmethod
    def restored(
        cls, config: ExperimentConfig, stored: Stored, timelines: Mapping[str, Timeline]
    ) -> Self:
        """The groups that were stored; their penalties follow from parameters and directions."""
        record = super().restored(config, stored, timelines)
        cohorts = {
            kind: replace(
                group,
                penalties=dictionary_penalties(
                    config, group.lanes, group.parameters, record.directions
                ),
            )
            for kind, group in record.cohorts.items()
        }
        return replace(record, cohorts=cohorts)

    @classmethod
    def restored_fields(cls, config: ExperimentConfig, stored: Stored) -> Mapping[str, Any]:
        """The directions, and how far the models are."""
        directions = stored.arrays[DIRECTIONS]
        lanes = len(config.lanes_of(config.dictionaries[0]))
        if directions.shape != (lanes, config.features, config.hidden):
            raise ValueError(f"{DIRECTIONS} have shape {directions.shape}, which this run has not")
        return {"directions": freeze(directions), "model_step": int(stored.facts["model_step"])}

    @property
    def _varied(self) -> tuple[str, ...]:
        latents = self.config.latents
        size = "1 latent" if latents == 1 else f"{latents} latents"
        return (size, *self._sparsifiers, *super()._varied)

    @property
    def _sparsifiers(self) -> tuple[str, ...]:
        """What keeps latents silent, in the kinds that train."""
        has_penalty = {kind_named(name).has_penalty for name in self.cohorts}
        k = (f"k = {self.config.active_latents:g}",) if False in has_penalty else ()
        return (*k, *((f"λ = {self.config.latent_penalty:g}",) if True in has_penalty else ()))

    @property
    def _chosen(self) -> tuple[str, ...]:
        """The restarts, of which figures show the best, several, or means; and the directions."""
        restarts = self.config.restarts
        return (*((f"{restarts} restarts",) if restarts > 1 else ()), self._origin)

    @property
    def _origin(self) -> str:
        """Where the directions are from."""
        config = self.config
        if config.directions != OF_MODEL:
            return f"{config.directions} directions"
        if not self.model_steps:
            return f"directions of a given {config.models[0]} model"
        at = f"step {self.model_step:,} of {self.model_steps:,}"
        return f"directions of {config.models[0]} at {at}"
