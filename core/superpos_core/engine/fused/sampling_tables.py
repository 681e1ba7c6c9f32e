"""Tables of the row sampler: probabilities as thresholds of 32-bit draws.

A draw u (0 … 2**32 - 1) makes a feature of probability p active when u <= T = p * 2**32 - 1, and
u / T is then uniform on [0, 1] with all of float32's resolution.

Rows without any active feature only contribute through the bias, so they are counted, not computed:
the number of other rows is Binomial(batch, 1 - Π(1 - p_i)), and those are drawn conditional on some
feature being active. This costs one selection per draw: while a row is still empty before feature
i, feature i is active with probability p_i / P(any of i … n-1 active).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superpos_core.engine.fused.tiles import BLOCK_ROWS
from superpos_core.task.data import Grouping


class SamplingTables(NamedTuple):
    """The sampler's constants for each lane and feature.

    If features form sets, a set's first feature holds the values for the whole set.
    """

    row_probability: NDArray[np.float64]
    """(lanes,): that a row has an active feature; 1 if empty rows are drawn like any other"""
    threshold: NDArray[np.uint32]
    """(lanes, features): T of the feature's or the set's probability"""
    scale: NDArray[np.float32]
    """(lanes, features): 1 / T"""
    empty_threshold: NDArray[np.uint32]
    """the same two, while the row is still empty"""
    empty_scale: NDArray[np.float32]
    set_size: NDArray[np.float32]
    """(features,)"""
    sparse: NDArray[np.bool_]
    """(lanes,): whether so few features are active that skipping the others pays off"""
    index_in_set: NDArray[np.float32]
    """(features,): index of the feature in its set"""

    @classmethod
    def of(
        cls,
        probabilities: NDArray[np.float64],
        set_sizes: Sequence[int] | None = None,
        grouping: Grouping = "independent",
        collapse: bool = True,
    ) -> SamplingTables:
        """Tables for features, or sets of neighbours, with these probabilities.

        probabilities: (lanes, features), of being active, or of the set being on (equal within a
        set). collapse: count empty rows instead of drawing them.
        """
        lanes, features = probabilities.shape
        sizes = np.ones(features, np.int64) if set_sizes is None else np.asarray(set_sizes)
        firsts = np.cumsum(sizes) - sizes
        activity = probabilities
        if grouping == "anticorrelated":
            activity = probabilities / np.repeat(sizes, sizes)
        starts_set = np.zeros(features, np.bool_)
        starts_set[firsts] = True
        chance = np.where(starts_set, probabilities, 0.0)
        any_from_here = _any_from_here(chance)
        while_empty = chance
        if collapse:
            while_empty = np.zeros_like(chance)
            np.divide(chance, any_from_here, out=while_empty, where=any_from_here > 0)
        return cls(
            any_from_here[:, 0].copy() if collapse else np.ones(lanes),
            *_thresholds_and_scales(chance),
            *_thresholds_and_scales(while_empty),
            np.repeat(sizes, sizes).astype(np.float32),
            is_sparse_enough(_while_occupied(activity)),
            (np.arange(features) - np.repeat(firsts, sizes)).astype(np.float32),
        )

    def expected_rows(self, batch: int) -> NDArray[np.float64]:
        """(lanes,): average number of rows computed per batch."""
        return self.row_probability * batch


def _while_occupied(activity: NDArray[np.float64]) -> NDArray[np.float64]:
    """(lanes, features): probability of being active in a non-empty row.

    Only these rows are drawn, and they are denser than all rows together.
    """
    occupied = np.maximum(-np.expm1(np.log1p(-np.minimum(activity, 1 - 1e-12)).sum(1)), 1e-300)
    return np.minimum(activity / occupied[:, None], 1.0)


def is_sparse_enough(activity: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(lanes,): whether enough features (lanes, features) are inactive in all rows of a block."""
    inactive_share = ((1.0 - activity) ** BLOCK_ROWS).mean(axis=1)
    return inactive_share > SPARSE_THRESHOLD


SPARSE_THRESHOLD = 0.65  # measured: below it, finding active features costs more than it saves


def _any_from_here(chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """(lanes, features): the probability that this feature or a later one is active."""
    with np.errstate(divide="ignore"):
        log_inactive = np.log1p(-chance)
    return -np.expm1(np.cumsum(log_inactive[:, ::-1], axis=1)[:, ::-1])


def _thresholds_and_scales(
    probabilities: NDArray[np.float64],
) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    thresholds = np.clip(np.rint(probabilities * 2.0**32), 1, 2**32) - 1
    scales = np.divide(1.0, thresholds, out=np.zeros_like(thresholds), where=thresholds > 0)
    return thresholds.astype(np.uint32), scales.astype(np.float32)
