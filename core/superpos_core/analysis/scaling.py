"""How the loss falls with the hidden dimension m, and the closed forms it is compared with.

From "Superposition yields robust neural scaling" (Liu, Liu and Gore 2025). In weak superposition
the loss is that of the features left out; in strong superposition all are represented, and the loss
is their interference.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from superpos_core.analysis.evaluation import evaluate
from superpos_core.analysis.power_law import PowerLaw
from superpos_core.arrays import FloatArray
from superpos_core.geometry.measures import (
    REPRESENTED_NORM,
    feature_norms,
    mean_squared_overlap,
)
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named
from superpos_core.task.lanes import HIDDEN, Lane
from superpos_core.theory import linear_optimum
from superpos_core.theory.welch import welch_bound

ROWS = 1 << 16
"""Fresh rows behind a loss: each of the features left out is active in few of them."""


@dataclass(frozen=True)
class Scaling:
    """The best restart at every m of one model at the first sparsity; all of shape (lanes,).

    ``losses``: the total loss on fresh rows. ``represented``: φ½, the share of features with
    ‖W_i‖ > ½. ``overlaps``: the mean of (Ŵ_i·Ŵ_j)² over pairs of those features.
    ``loss_of_ignored``: the loss of a model that keeps the φ½·n heaviest features without error and
    gives the mean for the others, Σ_{i > φ½·n} V(p_i); it is 0 if all are represented.
    ``linear_losses``: the same with m features, the best that a linear model can do.
    """

    features: int
    hidden: FloatArray
    losses: FloatArray
    represented: FloatArray
    overlaps: FloatArray
    loss_of_ignored: FloatArray
    linear_losses: FloatArray

    @cached_property
    def law(self) -> PowerLaw | None:
        """The power of m that the loss falls with."""
        return PowerLaw.fitted(self.hidden, self.losses)

    @cached_property
    def over_linear(self) -> FloatArray:
        """The losses relative to the best linear model's at the same m."""
        return self.losses / self.linear_losses

    @cached_property
    def least_overlaps(self) -> FloatArray:
        """Welch's bound on the mean squared overlap of the represented features, at each m."""
        counts = np.rint(self.represented * self.features).astype(int).tolist()
        hidden = self.hidden.astype(int).tolist()
        return np.array([welch_bound(*each) for each in zip(counts, hidden, strict=True)])


def can_scale(record: LanesRecord) -> bool:
    """Whether the hidden dimension is swept and the closed forms hold for the data."""
    config = record.config
    distribution = distribution_named(config.distribution)
    is_independent = distribution.grouping == "independent" and not distribution.unit_norm
    return config.sweep == HIDDEN and is_independent and config.dataset_size == 0


def scaling_of(record: LanesRecord, model: str) -> Scaling:
    """The scaling of ``model``, measured once per record."""
    kept = record.measured.setdefault(Scaling, {})
    if model not in kept:
        kept[model] = _measured(record, model)
    scaling: Scaling = kept[model]
    return scaling


def _measured(record: LanesRecord, model: str) -> Scaling:
    config, cohort = record.config, record.cohorts[model]
    settings = range(len(config.sweep_values))
    best = [int(cohort.ranked(setting)[0]) for setting in settings]
    lanes = [cohort.lanes[index] for index in best]
    losses, represented, overlaps, of_ignored, linear = [], [], [], [], []
    for index, lane in zip(best, lanes, strict=True):
        parameters = cohort.parameters.take(index)
        is_represented = feature_norms(parameters.encoder) > REPRESENTED_NORM
        count = int(np.sum(is_represented))
        losses.append(evaluate(config, lane, parameters, ROWS).loss_total)
        represented.append(count / config.features)
        overlaps.append(float(mean_squared_overlap(parameters.encoder[is_represented])))
        of_ignored.append(_loss_of_keeping(config, lane, count))
        linear.append(_loss_of_keeping(config, lane, config.hidden_of(lane)))
    return Scaling(
        config.features,
        np.array([config.hidden_of(lane) for lane in lanes], np.float64),
        np.array(losses),
        np.array(represented),
        np.array(overlaps),
        np.array(of_ignored),
        np.array(linear),
    )


def _loss_of_keeping(config: ExperimentConfig, lane: Lane, count: int) -> float:
    """The total loss of a model that keeps this many features without error."""
    moments = distribution_named(config.distribution).moments
    return linear_optimum(
        config.importance_of(lane), config.feature_probability(lane), count, moments
    )
