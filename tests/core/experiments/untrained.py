"""Weights that nobody trained, made for one lane: nonsense, and solutions by formula."""

from collections.abc import Mapping

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray, IntArray
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import Values, distribution_named
from superpos_core.task.dataset import fresh_rows
from superpos_core.task.initialization import initial_parameters
from superpos_core.task.lanes import Lane
from superpos_core.task.models import model_named
from superpos_core.task.parameters import Parameters
from superpos_core.theory import feature_variance

SAMPLED_ROWS = 1 << 13
"""Rows behind a mean that has no closed form."""
MEAN_OF_ACTIVE: Mapping[Values, float] = {
    "uniform": 1 / 2,
    "signed": 1 / 2,
    "binary": 1,
    "exponential": 1,
    "uniform-2": 1,
}
"""E[|x|] of an active feature."""


def means(config: ExperimentConfig, lane: Lane) -> FloatArray:
    """The mean of every target, E[x_i] or E[|x_i|], shape (n,)."""
    distribution = distribution_named(config.distribution)
    target = model_named(lane.model).target
    if distribution.unit_norm:
        rows = fresh_rows(config, lane, lane.random("counterfeit means"), SAMPLED_ROWS)
        mean: FloatArray = rows.mean(axis=0, dtype=np.float64)
        return mean
    sets, size = distribution.sets(config.feature_probability(lane), config.set_size)
    active = sets / size if distribution.grouping == "anticorrelated" else sets
    if distribution.values == "signed" and target == "input":
        return np.zeros_like(active)
    return active * MEAN_OF_ACTIVE[distribution.values]


def untrained(config: ExperimentConfig, lane: Lane) -> Parameters:
    """The initial weights."""
    return initial_parameters(config, lane)


def zeros(config: ExperimentConfig, lane: Lane) -> Parameters:
    """All parameters 0."""
    return _tied(config, lane, np.zeros((config.features, config.hidden)))


def means_only(config: ExperimentConfig, lane: Lane) -> Parameters:
    """Zero weights and the optimal bias for them."""
    return _tied(config, lane, np.zeros((config.features, config.hidden)), bias=means(config, lane))


def linear_optimum(config: ExperimentConfig, lane: Lane) -> Parameters:
    """A dedicated dimension for each of the m heaviest features; means for the rest."""
    encoder, ignored = _dedicated(config, lane)
    return _tied(config, lane, encoder, bias=np.where(ignored, means(config, lane), 0))


def linear_optimum_without_bias(config: ExperimentConfig, lane: Lane) -> Parameters:
    """The same, but ignored features are reconstructed as 0."""
    encoder, _ = _dedicated(config, lane)
    return _tied(config, lane, encoder)


def random_unit_rows(config: ExperimentConfig, lane: Lane) -> Parameters:
    """Features of norm 1 in random directions."""
    rows = _normal(config, lane)
    return _tied(config, lane, rows / np.linalg.norm(rows, axis=1, keepdims=True))


def random_tight_frame(config: ExperimentConfig, lane: Lane) -> Parameters:
    """W where WᵀW is a multiple of the identity and the mean ‖W_i‖² is 1: Σ D_i = m exactly."""
    left, _, right = np.linalg.svd(_normal(config, lane), full_matrices=False)
    scale = np.sqrt(config.features / min(config.features, config.hidden))
    return _tied(config, lane, scale * left @ right)


def one_axis(config: ExperimentConfig, lane: Lane) -> Parameters:
    """All features along the first hidden dimension."""
    encoder = np.zeros((config.features, config.hidden))
    encoder[:, 0] = 1
    return _tied(config, lane, encoder)


def digons_in_order(config: ExperimentConfig, lane: Lane) -> Parameters:
    """Antipodal pairs of features 0 and 1, 2 and 3, …, one per dimension; means for the rest."""
    return _digons(config, lane, np.arange(config.features))


def digons_across(config: ExperimentConfig, lane: Lane) -> Parameters:
    """Antipodal pairs of features i and i + m, which join sets if there are any."""
    features = np.arange(config.features)
    order = np.ravel(
        [features[: config.hidden], np.roll(features, -config.hidden)[: config.hidden]], "F"
    )
    return _digons(config, lane, order)


def _dedicated(config: ExperimentConfig, lane: Lane) -> tuple[FloatArray, BoolArray]:
    """W, shape (n, m), and which features are ignored, shape (n,)."""
    variance = feature_variance(
        config.feature_probability(lane), distribution_named(config.distribution).moments
    )
    heaviest = np.argsort(-config.importance_of(lane) * variance, kind="stable")[: config.hidden]
    encoder = np.zeros((config.features, config.hidden))
    encoder[heaviest, np.arange(heaviest.size)] = 1
    ignored: BoolArray = ~np.any(encoder, axis=1)
    return encoder, ignored


def _digons(config: ExperimentConfig, lane: Lane, order: IntArray) -> Parameters:
    encoder = np.zeros((config.features, config.hidden))
    for index, feature in enumerate(order[: 2 * config.hidden]):
        encoder[feature, index // 2] = 1 if index % 2 == 0 else -1
    return _tied(config, lane, encoder, bias=np.where(encoder.any(axis=1), 0, means(config, lane)))


def _normal(config: ExperimentConfig, lane: Lane) -> FloatArray:
    return lane.random("counterfeit").standard_normal((config.features, config.hidden))


def _tied(
    config: ExperimentConfig, lane: Lane, encoder: FloatArray, bias: FloatArray | None = None
) -> Parameters:
    """Parameters of either kind of model, with W₂ = W₁ᵀ."""
    return Parameters(
        encoder=encoder.astype(np.float32),
        decoder=None if model_named(lane.model).tied else encoder.T.astype(np.float32),
        bias=(np.zeros(config.features) if bias is None else bias).astype(np.float32),
    )
