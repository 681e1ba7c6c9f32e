"""The rows on which a dictionary is evaluated, with the truth about each."""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dataset import fresh_rows
from superpos_core.task.dictionaries.rows import hidden_activation, hidden_vectors, patterns_of
from superpos_core.task.lanes import Lane

MOST_ROWS, FEWEST_ROWS = 1 << 17, 1 << 10
MOST_ENTRIES = 1 << 22
"""Rows × the largest of n, d and K, if that leaves enough rows: a few arrays of 16 MiB."""


@dataclass(frozen=True)
class TrueRows:
    """Rows of features ``x`` (rows, n) and their hidden vectors ``hidden`` (rows, d).

    ``shares`` (rows,), float64, are the probabilities of the rows and sum to 1.
    """

    x: FloatArray
    hidden: FloatArray
    shares: FloatArray

    @classmethod
    def sampled(cls, x: FloatArray, hidden: FloatArray) -> "TrueRows":
        """Rows that all count the same."""
        return cls(x, hidden, np.full(len(x), 1 / len(x)))

    @property
    def is_active(self) -> BoolArray:
        """Which features are active in which rows, (rows, n): those that are not 0."""
        active: BoolArray = self.x != 0
        return active

    def mean(self, values: FloatArray | BoolArray) -> FloatArray:
        """The mean over rows of ``values``, shape (rows, …), in float64."""
        mean: FloatArray = np.tensordot(self.shares, values, axes=1)
        return mean

    def joint(self, first: BoolArray, second: BoolArray) -> FloatArray:
        """The shares of rows on which both hold, (a, b), of (rows, a) and (rows, b)."""
        shares: FloatArray = (self.shares[:, None] * first).T @ second.astype(np.float64)
        return shares


def rows_of_lane(
    config: ExperimentConfig,
    lane: Lane,
    directions: FloatArray,
    latents: int,
    most_rows: int = MOST_ROWS,
) -> TrueRows:
    """Rows of the lane's distribution that training never saw.

    Every possible row with its probability, if features are binary and few, so that measures are
    exact. Otherwise a sample that depends on the lane and its seed alone, of ``most_rows``, or
    fewer if there are many features or ``latents``; all rows without an active feature are one.
    """
    activation = hidden_activation(config)
    patterns = patterns_of(config, lane)
    if patterns is not None:
        x, probabilities = patterns
        is_possible = probabilities > 0
        x, probabilities = x[is_possible], probabilities[is_possible]
        return TrueRows(x, hidden_vectors(x, directions, activation), probabilities)
    widest = max(*directions.shape, latents)
    count = min(max(MOST_ENTRIES // widest, FEWEST_ROWS), most_rows)
    x, shares = _empty_rows_merged(fresh_rows(config, lane, lane.random("evaluation"), count))
    return TrueRows(x, hidden_vectors(x, directions, activation), shares)


def _empty_rows_merged(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The rows of ``x`` (rows, n), with one for all that are 0, and the share of each."""
    filled = x[x.any(axis=1)]
    empty = len(x) - len(filled)
    if empty == 0:
        return x, np.full(len(x), 1 / len(x))
    shares = np.full(len(filled) + 1, 1 / len(x))
    shares[-1] = empty / len(x)
    return np.concatenate([filled, np.zeros((1, x.shape[1]), x.dtype)]), shares
