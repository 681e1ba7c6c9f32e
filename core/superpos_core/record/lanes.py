"""The record of a run of lanes: all lanes that train side by side, grouped by model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from superpos_core.arrays import FloatArray
from superpos_core.geometry.feature_vectors import feature_vectors
from superpos_core.record.grouped import GroupedRecord
from superpos_core.record.hidden_penalty import penalties_of
from superpos_core.record.lane_group import LaneGroup
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import Model, model_named


@dataclass(frozen=True)
class Cohort(LaneGroup):
    """The lanes of one model; ``penalties`` are those on the hidden layer."""

    @property
    def model(self) -> Model:
        """The model that all lanes compute."""
        return model_named(self.name)

    def vectors_of(self, index: int) -> FloatArray:
        """The feature vectors of one lane, shape (n, m), which measures and shapes are based on."""
        return feature_vectors(self.model, self.parameters.take(index))


@dataclass(frozen=True)
class LanesRecord(GroupedRecord[Cohort]):
    """All cohorts by model name: the initial models before those that joined.

    Their arrays in files are ``W`` (n, m) and ``b`` (n,), or ``W1`` (n, m), ``W2`` (m, n) and
    ``b``.
    """

    title: ClassVar[str] = "run of lanes"

    @classmethod
    def group_from(
        cls, config: ExperimentConfig, parts: Mapping[str, Any], further: Mapping[str, FloatArray]
    ) -> Cohort:
        """The cohort of a model; its penalties follow from its parameters."""
        penalties = penalties_of(config, parts["lanes"], parts["parameters"])
        return Cohort(**parts, penalties=penalties)
