"""Tables that the sampler of rows draws by: probabilities as thresholds of 32-bit draws.

A draw u (0 … 2**32 - 1) makes a feature of probability p active when u <= T = p * 2**32 - 1, and
u / T is then uniform on [0, 1] with all of float32's resolution.

Rows without any active feature add nothing but what the bias alone does, so they are counted, not
computed: the number of other rows is Binomial(batch, 1 - Π(1 - p_i)), and those are drawn under the
condition that something is active. That condition costs one choice a draw: as long as a row is
still empty before feature i, feature i is active with probability p_i / P(any of i … n-1 active).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superpos_core.engine.fused.tiles import BLOCK_ROWS
from superpos_core.task.data import Grouping


class SamplingTables(NamedTuple):
    """What the sampler knows of each lane and feature.

    Where features form sets, a set's first feature holds what is said of the whole set.
    """

    row_probability: NDArray[np.float64]
    """(lanes,): that a row has an active feature; 1 where empty rows are drawn like any other"""
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
    """(lanes,): whether so few features are active that it pays to look which ones are"""
    place: NDArray[np.float32]
    """(features,): how many members of its set come before it"""

    @classmethod
    def of(
        cls,
        probabilities: NDArray[np.float64],
        set_sizes: Sequence[int] | None = None,
        grouping: Grouping = "independent",
        collapse: bool = True,
    ) -> SamplingTables:
        """Tables for features (or, with sets, neighbours in sets) of these probabilities.

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
            looking_pays(_while_occupied(activity)),
            (np.arange(features) - np.repeat(firsts, sizes)).astype(np.float32),
        )

    def expected_rows(self, batch: int) -> NDArray[np.float64]:
        """(lanes,): how many rows of a batch are computed, on average."""
        return self.row_probability * batch


def _while_occupied(activity: NDArray[np.float64]) -> NDArray[np.float64]:
    """(lanes, features): how often features are active in rows that are not empty.

    Counting empty rows makes the others fuller: it is the rows that are drawn that matter.
    """
    occupied = np.maximum(-np.expm1(np.log1p(-np.minimum(activity, 1 - 1e-12)).sum(1)), 1e-300)
    return np.minimum(activity / occupied[:, None], 1.0)


def looking_pays(activity: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(lanes,): whether most features (lanes, features) are silent in all rows of a block."""
    silent_share = ((1.0 - activity) ** BLOCK_ROWS).mean(axis=1)
    return silent_share > SILENT_SHARE_THAT_PAYS


SILENT_SHARE_THAT_PAYS = 0.65  # measured: below it, looking costs more than it saves


def _any_from_here(chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """(lanes, features): the probability that any of the features from this one on is active."""
    with np.errstate(divide="ignore"):
        log_inactive = np.log1p(-chance)
    return -np.expm1(np.cumsum(log_inactive[:, ::-1], axis=1)[:, ::-1])


def _thresholds_and_scales(
    probabilities: NDArray[np.float64],
) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    thresholds = np.clip(np.rint(probabilities * 2.0**32), 1, 2**32) - 1
    scales = np.divide(1.0, thresholds, out=np.zeros_like(thresholds), where=thresholds > 0)
    return thresholds.astype(np.uint32), scales.astype(np.float32)
