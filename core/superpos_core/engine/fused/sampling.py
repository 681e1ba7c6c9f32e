"""Drawing rows: one 32-bit draw decides whether a feature is active and its value.

The tables (sampling_tables.py) hold the thresholds. (For features in correlated or anticorrelated
sets, see the functions below.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba.extending import overload
from numpy.typing import NDArray

from superpos_core.engine.fused.compilation import COMPILED, INLINED, compiled, inlined
from superpos_core.engine.fused.pointers import Pointer, load, load_broadcast, pointer_to, store
from superpos_core.engine.fused.random import (
    STATE_WORDS,
    binomial,
    load_words,
    next_words,
    store_words,
)
from superpos_core.engine.fused.sampling_tables import SamplingTables
from superpos_core.engine.fused.simd import (
    VECTOR_WIDTH,
    Floats16,
    Mask16,
    Words16,
    absolute,
    anywhere,
    broadcast,
    choose,
    first_elements,
    fused_multiply_add,
    logarithm,
    nowhere,
    square_root,
    to_floats,
    zeros,
)
from superpos_core.engine.fused.specialisation import Specialisation
from superpos_core.engine.fused.tiles import BLOCK_ROWS, BLOCK_VECTORS


class RowSampler(NamedTuple):
    """One lane's tables and random state."""

    row_probability: float
    threshold: Any
    scale: Any
    empty_threshold: Any
    empty_scale: Any
    set_size: Any
    index_in_set: Any
    state: Any


# Interface of rows.py ------------------------------------------------------------------------


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
        pointer_to(rows.index_in_set, 0),
        pointer_to(random, lane * STATE_WORDS),
    )


def draw_count(specialisation: Specialisation, lane_rows: RowSampler, batch: int, step: int) -> int:
    """Draw the number of non-empty rows in a batch."""
    return binomial(batch, lane_rows.row_probability, lane_rows.state)


def draw_block(
    specialisation: Specialisation, lane_rows: RowSampler, step: int, block: Pointer, left: int,
    features: int,
) -> None:  # fmt: skip
    """Draw the next of `left` rows into the block; the rows after them become zero."""
    for vector in range(BLOCK_VECTORS):
        live = left - vector * VECTOR_WIDTH
        if live > 0:
            draw_rows(specialisation, lane_rows, block, vector * VECTOR_WIDTH, features)
            scale_rows(specialisation, block, vector * VECTOR_WIDTH, features)
        if live < VECTOR_WIDTH:
            kept = first_elements(max(live, 0))
            for index in range(vector * VECTOR_WIDTH, features * BLOCK_ROWS, BLOCK_ROWS):
                store(block, index, choose(kept, load(block, index), zeros()))


@compiled
def list_awake(block: Pointer, features: int, awake: Pointer) -> int:
    """Write the indices of features that are active in any row of the block; their number."""
    count = 0
    for feature in range(features):
        some = 0
        for vector in range(BLOCK_VECTORS):
            x = load(block, feature * BLOCK_ROWS + vector * VECTOR_WIDTH)
            some |= anywhere(zeros() < absolute(x))
        awake[count] = feature
        count += some
    return count


# Sixteen rows --------------------------------------------------------------------------------


def draw_rows(specialisation: Any, sampler: Any, block: Any, column: Any, features: Any) -> None:
    """Draw sixteen rows into the block, starting at `column` (compiled code only)."""
    raise NotImplementedError("compiled code only")


@overload(draw_rows, jit_options=COMPILED, strict=False)  # strict would compare annotations
def _draw_rows(specialisation, sampler, block, column, features):
    return {
        "independent": _draw_independent,
        "correlated": _draw_correlated,
        "anticorrelated": _draw_anticorrelated,
    }[specialisation.sampling.grouping]


def _draw_independent(
    specialisation: Specialisation, sampler: RowSampler, block: Pointer, column: int, features: int
) -> None:
    """One draw per feature, with the random state kept in registers."""
    s0, s1, s2, s3 = load_words(sampler.state)
    occupied = nowhere()
    for feature in range(features):
        draw, s0, s1, s2, s3 = next_words(s0, s1, s2, s3)
        active, fraction = switched(sampler, feature, occupied, draw)
        value = value_of(specialisation, fraction)
        store(block, column + feature * BLOCK_ROWS, choose(active, value, zeros()))
        occupied = occupied | active
    store_words(sampler.state, s0, s1, s2, s3)


def _draw_correlated(
    specialisation: Specialisation, sampler: RowSampler, block: Pointer, column: int, features: int
) -> None:
    """One draw per set, and one for the value of each member."""
    s0, s1, s2, s3 = load_words(sampler.state)
    occupied, active = nowhere(), nowhere()
    for feature in range(features):
        if sampler.index_in_set[feature] == 0.0:
            draw, s0, s1, s2, s3 = next_words(s0, s1, s2, s3)
            active, _ = switched(sampler, feature, occupied, draw)
            occupied = occupied | active
        draw, s0, s1, s2, s3 = next_words(s0, s1, s2, s3)
        value = value_of(specialisation, to_floats(draw) * broadcast(ALL_DRAWS))
        store(block, column + feature * BLOCK_ROWS, choose(active, value, zeros()))
    store_words(sampler.state, s0, s1, s2, s3)


def _draw_anticorrelated(
    specialisation: Specialisation, sampler: RowSampler, block: Pointer, column: int, features: int
) -> None:
    """One draw for whether a set is on and which member is active, and one for its value."""
    s0, s1, s2, s3 = load_words(sampler.state)
    occupied, active = nowhere(), nowhere()
    position, value = zeros(), zeros()
    for feature in range(features):
        size = load_broadcast(sampler.set_size, feature)
        if sampler.index_in_set[feature] == 0.0:
            draw, s0, s1, s2, s3 = next_words(s0, s1, s2, s3)
            active, fraction = switched(sampler, feature, occupied, draw)
            occupied = occupied | active
            position = fraction * size
            draw, s0, s1, s2, s3 = next_words(s0, s1, s2, s3)
            value = value_of(specialisation, to_floats(draw) * broadcast(ALL_DRAWS))
        index = load_broadcast(sampler.index_in_set, feature)
        after = index + broadcast(np.float32(1.0))
        # The last member also takes the position `size`, which rounding can produce.
        here = (index <= position) & ((position < after) | (size <= after))
        store(block, column + feature * BLOCK_ROWS, choose(active & here, value, zeros()))
    store_words(sampler.state, s0, s1, s2, s3)


ALL_DRAWS = np.float32(2.0**-32)


@inlined
def switched(
    sampler: RowSampler, feature: int, occupied: Mask16, draw: Words16
) -> tuple[Mask16, Floats16]:
    """The rows made active by the draw, and a uniform fraction in [0, 1] for those."""
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
    "uniform-2": lambda specialisation, fraction: fraction + fraction,
    # The fraction's complement may be 0 after rounding; 2**-33 is half a draw.
    "exponential": lambda specialisation, fraction: (
        zeros() - logarithm(broadcast(np.float32(1.0)) - fraction + broadcast(np.float32(2.0**-33)))
    ),
}


@overload(value_of, jit_options=INLINED)
def _value_of(specialisation, fraction):
    return VALUES[specialisation.sampling.values]


def scale_rows(specialisation: Any, block: Any, column: Any, features: Any) -> None:
    """Scale sixteen rows according to the distribution (compiled code only)."""
    raise NotImplementedError("compiled code only")


@overload(scale_rows, jit_options=COMPILED, strict=False)
def _scale_rows(specialisation, block, column, features):
    return _scale_to_unit_norm if specialisation.sampling.unit_norm else _leave_as_they_are


def _scale_to_unit_norm(
    specialisation: Specialisation, block: Pointer, column: int, features: int
) -> None:
    square = zeros()
    for index in range(column, column + features * BLOCK_ROWS, BLOCK_ROWS):
        x = load(block, index)
        square = fused_multiply_add(x, x, square)
    factor = choose(zeros() < square, broadcast(np.float32(1.0)) / square_root(square), zeros())
    for index in range(column, column + features * BLOCK_ROWS, BLOCK_ROWS):
        store(block, index, factor * load(block, index))


def _leave_as_they_are(
    specialisation: Specialisation, block: Pointer, column: int, features: int
) -> None:
    pass
