"""How features shrink as noise on the hidden layer grows, beside the closed form of theory."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.geometry.feature_vectors import feature_vectors
from superpos_core.geometry.measures import feature_norms
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.data import distribution_named
from superpos_core.task.models import model_named
from superpos_core.task.noise_schedules import CONSTANT
from superpos_core.theory import length_with_noise, noise_that_removes

SWEEP = "hidden-noise"
CLEARLY_ABOVE_0 = 0.1
"""Minimum ‖W_i‖² of a point that a line is fitted to: below, the line bends into 0."""
MIN_POINTS = 3


@dataclass(frozen=True)
class NoiseResponse:
    """The longest feature of the best restart, at every noise and one density.

    ``noise``: σ. ``squared_norms``: ‖W_i‖² of the longest feature. ``expected``: the same in
    theory, of a linear model's feature with a direction of its own; all of shape (values of the
    sweep,). ``removed_at``: the σ² = 2·V(p) at which theory gives it up.
    """

    sparsity: float
    noise: FloatArray
    squared_norms: FloatArray
    expected: FloatArray
    removed_at: float

    @cached_property
    def fitted_removal(self) -> float:
        """The σ² at which a line through the points with a clear ‖W_i‖² reaches 0.

        The fit knows nothing of theory. NaN if there are too few points, or if they do not fall.
        """
        is_fitted = np.isfinite(self.squared_norms) & (self.squared_norms > CLEARLY_ABOVE_0)
        squared_noise, heights = self.noise[is_fitted] ** 2, self.squared_norms[is_fitted]
        if len(np.unique(squared_noise)) < MIN_POINTS:
            return np.nan
        slope, start = np.polyfit(squared_noise, heights, 1)
        return float(-start / slope) if slope < 0 else np.nan


def has_noise_response(record: LanesRecord) -> bool:
    """Whether noise is swept, without dropout, over data of which the closed form holds."""
    config = record.config
    distribution = distribution_named(config.distribution)
    is_independent = distribution.has_independent_features and not distribution.unit_norm
    is_constant = config.hidden_noise_schedule == CONSTANT
    is_plain = config.dataset_size == 0 and config.hidden_dropout == 0 and is_constant
    return config.sweep == SWEEP and is_independent and is_plain and config.has_equal_frequencies


def noise_responses(record: LanesRecord, model: str) -> list[NoiseResponse]:
    """The response of ``model`` at each sparsity."""
    config = record.config
    count = len(config.sweep_values)
    firsts = range(0, len(config.settings), count)
    return [_response(record, model, range(first, first + count)) for first in firsts]


def _response(record: LanesRecord, model: str, settings: range) -> NoiseResponse:
    """``settings`` are those of one sparsity."""
    config, cohort = record.config, record.cohorts[model]
    best = [cohort.ranked(setting)[0] for setting in settings]
    lanes = [cohort.lanes[index] for index in best]
    vectors = feature_vectors(model_named(model), cohort.parameters.take(best))
    noise = np.array([config.hidden_noise_of(lane) for lane in lanes])
    density = np.array(lanes[0].density)
    moments = distribution_named(config.distribution).moments
    with np.errstate(all="ignore"):
        squared_norms = feature_norms(vectors.astype(np.float64)).max(axis=-1) ** 2
    return NoiseResponse(
        lanes[0].sparsity,
        noise,
        squared_norms,
        length_with_noise(density, noise, moments),
        float(noise_that_removes(density, moments)) ** 2,
    )
