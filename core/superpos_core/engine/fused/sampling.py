"""Drawing rows: one 32-bit draw for whether a feature is active and for its value.

(Where features form correlated sets, or anticorrelated ones, see the functions for those.)

A draw u (0 … 2**32 - 1) makes a feature of probability p active when u <= T = p * 2**32 - 1, and
u / T is then uniform on [0, 1] with all of float32's resolution.

Rows without any active feature add nothing but what the bias alone does, so they are counted, not
computed: the number of other rows is Binomial(batch, 1 - Π(1 - p_i)), and those are drawn under the
condition that something is active. That condition costs one choice a draw: as long as a row is
still empty before feature i, feature i is active with probability p_i / P(any of i … n-1 active).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numba.extending import overload
from numpy.typing import NDArray

from superpos_core.engine.fused.random import (
    STATE_WORDS,
    binomial,
    load_words,
    next_words,
    store_words,
)
from superpos_core.engine.fused.simd import (
    COMPILED,
    INLINED,
    LANES,
    Floats16,
    Mask16,
    Pointer,
    Words16,
    absolute,
    anywhere,
    broadcast,
    choose,
    compiled,
    first_lanes,
    fused_multiply_add,
    inlined,
    load,
    load_broadcast,
    logarithm,
    nowhere,
    pointer_to,
    square_root,
    store,
    to_floats,
    zeros,
)
from superpos_core.engine.fused.specialisation import Specialisation
from superpos_core.engine.fused.tiles import PANEL_ROWS, PANEL_VECTORS
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
    """(lanes,): whether most features (lanes, features) are silent in all rows of a panel."""
    silent_share = ((1.0 - activity) ** PANEL_ROWS).mean(axis=1)
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


class RowSampler(NamedTuple):
    """One lane's tables and random state."""

    row_probability: float
    threshold: Any
    scale: Any
    empty_threshold: Any
    empty_scale: Any
    set_size: Any
    place: Any
    state: Any


# What a step asks of a lane's rows (rows.py) -------------------------------------------------


def row_sampler(
    specialisation: Specialisation, rows: SamplingTables, random: NDArray[np.uint32], lane: int
) -> RowSampler:
    first = lane * rows.threshold.shape[1]
    return RowSampler(
        rows.row_probability[lane],
        pointer_to(rows.threshold, first),
        pointer_to(rows.scale, first),
        pointer_to(rows.empty_threshold, first),
        pointer_to(rows.empty_scale, first),
        pointer_to(rows.set_size, 0),
        pointer_to(rows.place, 0),
        pointer_to(random, lane * STATE_WORDS),
    )


def draw_count(specialisation: Specialisation, lane_rows: RowSampler, batch: int, step: int) -> int:
    """Draw how many rows of a batch are not empty."""
    return binomial(batch, lane_rows.row_probability, lane_rows.state)


def draw_panel(
    specialisation: Specialisation, lane_rows: RowSampler, step: int, panel: Pointer, left: int,
    features: int,
) -> None:  # fmt: skip
    """Draw the next of `left` rows into the panel; rows beyond them become zero."""
    for vector in range(PANEL_VECTORS):
        live = left - vector * LANES
        if live > 0:
            draw_rows(specialisation, lane_rows, panel, vector * LANES, features)
            scale_rows(specialisation, panel, vector * LANES, features)
        if live < LANES:
            kept = first_lanes(max(live, 0))
            for index in range(vector * LANES, features * PANEL_ROWS, PANEL_ROWS):
                store(panel, index, choose(kept, load(panel, index), zeros()))


@compiled
def list_awake(panel: Pointer, features: int, awake: Pointer) -> int:
    """Write the numbers of the features that are active in any row of the panel; how many."""
    count = 0
    for feature in range(features):
        some = 0
        for vector in range(PANEL_VECTORS):
            x = load(panel, feature * PANEL_ROWS + vector * LANES)
            some |= anywhere(zeros() < absolute(x))
        awake[count] = feature
        count += some
    return count


# Sixteen rows --------------------------------------------------------------------------------


def draw_rows(specialisation: Any, sampler: Any, panel: Any, column: Any, features: Any) -> None:
    """Draw sixteen rows into the panel from `column` on (compiled code only)."""
    raise NotImplementedError("compiled code only")


@overload(draw_rows, jit_options=COMPILED, strict=False)  # strict would compare annotations
def _draw_rows(specialisation, sampler, panel, column, features):
    return {
        "independent": _draw_independent,
        "correlated": _draw_correlated,
        "anticorrelated": _draw_anticorrelated,
    }[specialisation.sampling.grouping]


def _draw_independent(
    specialisation: Specialisation, sampler: RowSampler, panel: Pointer, column: int, features: int
) -> None:
    """Feature by feature, one draw each; the random state's words stay in registers meanwhile."""
    s0, s1, s2, s3 = load_words(sampler.state)
    occupied = nowhere()
    for feature in range(features):
        draw, s0, s1, s2, s3 = next_words(s0, s1, s2, s3)
        active, fraction = switched(sampler, feature, occupied, draw)
        value = value_of(specialisation, fraction)
        store(panel, column + feature * PANEL_ROWS, choose(active, value, zeros()))
        occupied = occupied | active
    store_words(sampler.state, s0, s1, s2, s3)


def _draw_correlated(
    specialisation: Specialisation, sampler: RowSampler, panel: Pointer, column: int, features: int
) -> None:
    """One draw for each set, and one for the value of each member."""
    s0, s1, s2, s3 = load_words(sampler.state)
    occupied, active = nowhere(), nowhere()
    for feature in range(features):
        if sampler.place[feature] == 0.0:
            draw, s0, s1, s2, s3 = next_words(s0, s1, s2, s3)
            active, _ = switched(sampler, feature, occupied, draw)
            occupied = occupied | active
        draw, s0, s1, s2, s3 = next_words(s0, s1, s2, s3)
        value = value_of(specialisation, to_floats(draw) * broadcast(ALL_DRAWS))
        store(panel, column + feature * PANEL_ROWS, choose(active, value, zeros()))
    store_words(sampler.state, s0, s1, s2, s3)


def _draw_anticorrelated(
    specialisation: Specialisation, sampler: RowSampler, panel: Pointer, column: int, features: int
) -> None:
    """One draw for whether and where in a set, and one for the value there."""
    s0, s1, s2, s3 = load_words(sampler.state)
    occupied, active = nowhere(), nowhere()
    position, value = zeros(), zeros()
    for feature in range(features):
        size = load_broadcast(sampler.set_size, feature)
        if sampler.place[feature] == 0.0:
            draw, s0, s1, s2, s3 = next_words(s0, s1, s2, s3)
            active, fraction = switched(sampler, feature, occupied, draw)
            occupied = occupied | active
            position = fraction * size
            draw, s0, s1, s2, s3 = next_words(s0, s1, s2, s3)
            value = value_of(specialisation, to_floats(draw) * broadcast(ALL_DRAWS))
        place = load_broadcast(sampler.place, feature)
        after = place + broadcast(np.float32(1.0))
        # The last member also takes the position `size`, which rounding can produce.
        here = (place <= position) & ((position < after) | (size <= after))
        store(panel, column + feature * PANEL_ROWS, choose(active & here, value, zeros()))
    store_words(sampler.state, s0, s1, s2, s3)


ALL_DRAWS = np.float32(2.0**-32)


@inlined
def switched(
    sampler: RowSampler, feature: int, occupied: Mask16, draw: Words16
) -> tuple[Mask16, Floats16]:
    """Which rows the draw makes active, and a uniform fraction in [0, 1] for those that are."""
    threshold = choose(
        occupied,
        load_broadcast(sampler.threshold, feature),
        load_broadcast(sampler.empty_threshold, feature),
    )
    scale = choose(
        occupied,
        load_broadcast(sampler.scale, feature),
        load_broadcast(sampler.empty_scale, feature),
    )
    return draw <= threshold, to_floats(draw) * scale


def value_of(specialisation: Any, fraction: Any) -> Any:
    """The value of an active feature from a uniform fraction (compiled code only)."""
    raise NotImplementedError("compiled code only")


VALUES = {
    "uniform": lambda specialisation, fraction: fraction,
    "signed": lambda specialisation, fraction: fraction + fraction - broadcast(np.float32(1.0)),
    "binary": lambda specialisation, fraction: broadcast(np.float32(1.0)),
    # The fraction's complement may be 0 after rounding; 2**-33 is half a draw.
    "exponential": lambda specialisation, fraction: (
        zeros() - logarithm(broadcast(np.float32(1.0)) - fraction + broadcast(np.float32(2.0**-33)))
    ),
}


@overload(value_of, jit_options=INLINED)
def _value_of(specialisation, fraction):
    return VALUES[specialisation.sampling.values]


def scale_rows(specialisation: Any, panel: Any, column: Any, features: Any) -> None:
    """Scale sixteen rows as the distribution wants them (compiled code only)."""
    raise NotImplementedError("compiled code only")


@overload(scale_rows, jit_options=COMPILED, strict=False)
def _scale_rows(specialisation, panel, column, features):
    return _scale_to_unit_norm if specialisation.sampling.unit_norm else _leave_as_they_are


def _scale_to_unit_norm(
    specialisation: Specialisation, panel: Pointer, column: int, features: int
) -> None:
    square = zeros()
    for index in range(column, column + features * PANEL_ROWS, PANEL_ROWS):
        x = load(panel, index)
        square = fused_multiply_add(x, x, square)
    factor = choose(zeros() < square, broadcast(np.float32(1.0)) / square_root(square), zeros())
    for index in range(column, column + features * PANEL_ROWS, PANEL_ROWS):
        store(panel, index, factor * load(panel, index))


def _leave_as_they_are(
    specialisation: Specialisation, panel: Pointer, column: int, features: int
) -> None:
    pass
