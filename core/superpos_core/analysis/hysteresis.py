"""How many features are represented while noise on the hidden layer rises and falls again."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.geometry.feature_vectors import feature_vectors
from superpos_core.geometry.measures import REPRESENTED_NORM, feature_norms
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.timeline import Moment
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named
from superpos_core.task.lanes import density_of
from superpos_core.task.models import Model
from superpos_core.theory import noise_that_removes

SHARE_LEFT = 0.25
"""Features count as lost once a smaller share of those without noise is represented."""


@dataclass(frozen=True)
class Hysteresis:
    """The restarts of a model at one sparsity, on the way up to the greatest noise and back.

    ``noise``: σ of each stair in ascending order, shape (stairs,). ``up`` and ``down``: the number
    of represented features at the end of each stair on the way up, and on the way down, shape
    (stairs, restarts); equal at the last, the top. NaN where weights are not finite or not kept.
    ``unstable_below``: the σ = √(2·V(p)) below which, in theory, features grow from nothing; NaN if
    there is no closed form.
    """

    sparsity: float
    noise: FloatArray
    up: FloatArray
    down: FloatArray
    unstable_below: float

    @property
    def density(self) -> float:
        """p = 1 − S."""
        return density_of(self.sparsity)

    @property
    def stair(self) -> float:
        """The difference in σ between neighbouring stairs."""
        return float(self.noise[1] - self.noise[0])

    @cached_property
    def lost_at(self) -> float:
        """The σ at which features are lost on the way up, halfway between two stairs.

        NaN if they are not lost.
        """
        lost = np.flatnonzero(self.up.mean(axis=1) < self._few)
        return self._below(int(lost[0])) if lost.size and lost[0] > 0 else np.nan

    @cached_property
    def return_at(self) -> float:
        """The σ at which features return on the way down, halfway between two stairs.

        NaN if they were never lost, or do not return.
        """
        there = np.flatnonzero(self.down.mean(axis=1) >= self._few)
        is_at_top = there.size and there[-1] == len(self.noise) - 1
        return self._below(int(there[-1]) + 1) if there.size and not is_at_top else np.nan

    @property
    def _few(self) -> float:
        """The mean number of features at which they are lost."""
        return SHARE_LEFT * max(float(self.up[0].mean()), 1.0)

    def _below(self, stair: int) -> float:
        """Halfway from the stair before to this one."""
        return float(self.noise[stair - 1 : stair + 1].mean())


def has_hysteresis(record: LanesRecord, model: str) -> bool:
    """Whether noise rises and falls in the run, at the same pace, and nothing else is varied.

    Once a dial was turned, the plateaus are no longer those of the config.
    """
    config, factors = record.config, record.config.noise_schedule.factors
    rises_and_falls = len(factors) > 1 and factors == factors[::-1]
    is_plain = config.sweep == "none" and not record.cohorts[model].marks
    return rises_and_falls and config.hidden_noise > 0 and is_plain


def hystereses(record: LanesRecord, model: str) -> list[Hysteresis]:
    """The hysteresis of ``model`` at each sparsity."""
    config, cohort = record.config, record.cohorts[model]
    factors = np.array(config.noise_schedule.factors)
    top = len(factors) // 2
    moments = {moment.step: moment for moment in cohort.timeline.moments}
    ends = (*config.noise_changes, config.steps)
    counts = np.stack([_counts(cohort.model, moments.get(end), len(cohort.lanes)) for end in ends])
    of_settings = np.split(counts, len(config.settings), axis=1)
    return [
        Hysteresis(
            setting.sparsity,
            config.hidden_noise * factors[: top + 1],
            of_setting[: top + 1],
            of_setting[top:][::-1],
            _unstable_below(config, cohort.model, setting.density),
        )
        for setting, of_setting in zip(config.settings, of_settings, strict=True)
    ]


def _counts(model: Model, moment: Moment | None, lanes: int) -> FloatArray:
    """The number of represented features of each lane, shape (lanes,); NaN if it is unknown."""
    if moment is None:
        return np.full(lanes, np.nan)
    norms = feature_norms(feature_vectors(model, moment.parameters))
    is_known = np.isfinite(norms).all(axis=-1)
    return np.where(is_known, np.sum(norms > REPRESENTED_NORM, axis=-1), np.nan)


def _unstable_below(config: ExperimentConfig, model: Model, density: float) -> float:
    """√(2V), if all features are alike, and the model is linear around W = 0 (``theory``)."""
    distribution = distribution_named(config.distribution)
    outputs_are_open = model.output_activation == "identity" or (
        model.output_activation == "relu" and distribution.moments.mean > 0
    )
    has_closed_form = (
        model.tied
        and model.hidden_activation == "identity"
        and outputs_are_open
        and distribution.has_independent_features
        and not distribution.unit_norm
        and config.has_equal_frequencies
        and config.dataset_size == 0
        and config.hidden_dropout == 0
        and config.weight_decay == 0
    )
    if not has_closed_form:
        return np.nan
    return float(noise_that_removes(np.array(density), distribution.moments))
