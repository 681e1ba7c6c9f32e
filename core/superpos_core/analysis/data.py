"""What the data of a lane look like: some rows, and their second moments."""

from functools import lru_cache

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named, moments_of
from superpos_core.task.dataset import dataset, fresh_rows
from superpos_core.task.lanes import Lane
from superpos_core.task.structured import moments_of_rows

SAMPLED_ROWS = 1 << 14
"""Rows behind second moments that have no closed form here."""
MAX_FEATURES = 512
"""Maximum features whose second moments are shown: they take 0.1 s."""


@lru_cache(maxsize=4)
def some_rows(config: ExperimentConfig, lane: Lane, count: int) -> FloatArray:
    """The first rows of a lane's dataset, or as many fresh ones; (rows, n)."""
    if config.dataset_size_of(lane):
        return dataset(config, lane)[:count]
    return fresh_rows(config, lane, lane.random("shown"), count)


@lru_cache(maxsize=4)
def active_rows(config: ExperimentConfig, lane: Lane, count: int) -> FloatArray:
    """The first ``count`` of some rows that have an active feature; (rows, n), perhaps fewer."""
    rows = some_rows(config, lane, SAMPLED_ROWS)
    return rows[rows.any(axis=1)][:count]


@lru_cache(maxsize=4)
def second_moments(config: ExperimentConfig, lane: Lane) -> FloatArray:
    """E[x xᵀ] of a lane's data, (n, n), float64: of its dataset, or exact, or of fresh rows."""
    if config.dataset_size_of(lane):
        return moments_of_rows(dataset(config, lane))[1]
    distribution = distribution_named(config.distribution)
    if distribution.source is None:
        return moments_of_rows(some_rows(config, lane, SAMPLED_ROWS))[1]
    return moments_of(distribution, config.feature_probability(lane), config.structure)[1]


def correlations(second: FloatArray) -> FloatArray:
    """Second moments scaled to 1 on the diagonal, (n, n): E[x_i x_j] / √(E[x_i²] E[x_j²])."""
    scale = np.sqrt(np.diag(second))
    outer = np.outer(scale, scale)
    scaled: FloatArray = np.divide(second, outer, out=np.zeros_like(second), where=outer > 0)
    return scaled
