"""Noise and dropout on the hidden layer, in training only.

The decoder reads h̃ = d·(h + σ·ε) instead of h, after the hidden activation: ε is standard normal,
and d is 0 with probability q and otherwise 1 / (1 − q), both drawn anew for each row and hidden
unit. A row without an active feature is then no longer known in closed form: all are computed.

Whether there is any noise is a fact of the specialisation: without it nothing of this is compiled.
In a specialisation with noise, lanes that have none take the same path as in one without.
"""

from __future__ import annotations

from math import pi
from typing import Any, NamedTuple

import numpy as np
from numba.extending import overload
from numpy.typing import NDArray

from superpos_core.engine.fused.compilation import COMPILED, INLINED, compiled, inlined
from superpos_core.engine.fused.pointers import Pointer, load, pointer_to, store
from superpos_core.engine.fused.random import STATE_WORDS, load_words, next_words, store_words
from superpos_core.engine.fused.simd import (
    VECTOR_WIDTH,
    Floats16,
    Words16,
    broadcast,
    choose,
    first_elements,
    fused_multiply_add,
    logarithm,
    shift_left,
    square_root,
    to_floats,
    zeros,
)
from superpos_core.engine.fused.specialisation import Specialisation
from superpos_core.engine.fused.tiles import BLOCK_ROWS
from superpos_core.engine.fused.workspace import Size, Workspace


class HiddenNoise(NamedTuple):
    """The noise of one lane, and its random state."""

    deviation: float
    """σ"""
    dropout: float
    """q"""
    units: Any
    """m of the lane; hidden units beyond, which pad it, stay 0"""
    state: Any
    """The words of random.py, which rows are drawn from, too"""


@compiled
def noise_of_lane(noise: NDArray[np.float64], random: NDArray[np.uint32], lane: int) -> HiddenNoise:
    """The lane's row of ``noise``, (lanes, 3): σ, q and m; and of ``random``."""
    return HiddenNoise(
        noise[lane, 0],
        noise[lane, 1],
        np.int64(noise[lane, 2]),
        pointer_to(random, lane * STATE_WORDS),
    )


# Interface to the kernel ---------------------------------------------------------------------


def is_noisy(specialisation: Any, noise: Any) -> Any:
    """Whether the lane has noise or dropout (compiled code only)."""
    raise NotImplementedError("compiled code only")


def disturb(specialisation: Any, size: Any, work: Any, noise: Any, block: Any, live: Any) -> Any:
    """hidden = d·(hidden + σ·ε) in the block's first ``live`` rows (compiled code only).

    Keeps h in ``work.undisturbed`` and d in ``work.kept``; rows after those become 0.
    """
    raise NotImplementedError("compiled code only")


def pull_back_disturbance(specialisation: Any, size: Any, work: Any, noise: Any, block: Any) -> Any:
    """hidden_error = hidden_error·d (compiled code only)."""
    raise NotImplementedError("compiled code only")


def undisturbed(specialisation: Any, work: Any, noise: Any) -> Any:
    """The pointer to h, as activations and the penalty have it (compiled code only)."""
    raise NotImplementedError("compiled code only")


@overload(is_noisy, jit_options=INLINED, strict=False)
def _is_noisy(specialisation, noise):
    if specialisation.noisy:
        return lambda specialisation, noise: noise.deviation > 0.0 or noise.dropout > 0.0
    return lambda specialisation, noise: False


@overload(disturb, jit_options=COMPILED, strict=False)
def _disturb(specialisation, size, work, noise, block, live):
    if specialisation.noisy:
        return _disturb_block
    return lambda specialisation, size, work, noise, block, live: None


@overload(pull_back_disturbance, jit_options=COMPILED, strict=False)
def _pull_back_disturbance(specialisation, size, work, noise, block):
    if specialisation.noisy:
        return _pull_back_block
    return lambda specialisation, size, work, noise, block: None


@overload(undisturbed, jit_options=INLINED, strict=False)
def _undisturbed(specialisation, work, noise):
    if specialisation.noisy:
        return lambda specialisation, work, noise: (
            work.undisturbed if is_noisy(specialisation, noise) else work.hidden
        )
    return lambda specialisation, work, noise: work.hidden


# One block -----------------------------------------------------------------------------------


def _disturb_block(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    noise: HiddenNoise,
    block: int,
    live: int,
) -> None:
    if not is_noisy(specialisation, noise):
        return
    start = block * size.padded_hidden * BLOCK_ROWS
    for index in range(start, start + size.units * BLOCK_ROWS, VECTOR_WIDTH):
        store(work.undisturbed, index, load(work.hidden, index))
        store(work.kept, index, broadcast(np.float32(1.0)))
    end = start + noise.units * BLOCK_ROWS
    if noise.deviation > 0.0:
        _add_noise(work.hidden, start, end, noise.deviation, noise.state)
    if noise.dropout > 0.0:
        _drop_out(work.hidden, work.kept, start, end, noise.dropout, noise.state)
    if live < BLOCK_ROWS:
        for index in range(start, end, VECTOR_WIDTH):
            here = first_elements(max(live - (index - start) % BLOCK_ROWS, 0))
            store(work.hidden, index, choose(here, load(work.hidden, index), zeros()))


def _pull_back_block(
    specialisation: Specialisation, size: Size, work: Workspace, noise: HiddenNoise, block: int
) -> None:
    if not is_noisy(specialisation, noise):
        return
    start = block * size.padded_hidden * BLOCK_ROWS
    for index in range(start, start + size.units * BLOCK_ROWS, VECTOR_WIDTH):
        error = load(work.kept, index) * load(work.hidden_error, index)
        store(work.hidden_error, index, error)


@compiled
def _add_noise(hidden: Pointer, start: int, end: int, deviation: float, state: Pointer) -> None:
    """Add σ·ε, two vectors at a time."""
    s0, s1, s2, s3 = load_words(state)
    scale = broadcast(np.float32(deviation))
    for index in range(start, end, 2 * VECTOR_WIDTH):
        one, s0, s1, s2, s3 = next_words(s0, s1, s2, s3)
        other, s0, s1, s2, s3 = next_words(s0, s1, s2, s3)
        first, second = normal_pair(one, other)
        store(hidden, index, fused_multiply_add(scale, first, load(hidden, index)))
        if index + VECTOR_WIDTH < end:
            beside = index + VECTOR_WIDTH
            store(hidden, beside, fused_multiply_add(scale, second, load(hidden, beside)))
    store_words(state, s0, s1, s2, s3)


@compiled
def _drop_out(
    hidden: Pointer, kept: Pointer, start: int, end: int, dropout: float, state: Pointer
) -> None:
    s0, s1, s2, s3 = load_words(state)
    threshold = broadcast(np.uint32(dropout * 2.0**32))
    gain = broadcast(np.float32(1.0 / (1.0 - dropout)))
    for index in range(start, end, VECTOR_WIDTH):
        draw, s0, s1, s2, s3 = next_words(s0, s1, s2, s3)
        factor = choose(draw < threshold, zeros(), gain)
        store(kept, index, factor)
        store(hidden, index, factor * load(hidden, index))
    store_words(state, s0, s1, s2, s3)


# Normal numbers ------------------------------------------------------------------------------

_PER_DRAW, _HALF_A_DRAW = np.float32(2.0**-32), np.float32(2.0**-33)
_RIGHT_ANGLE = np.float32(pi / 2)
_HALF_OF_DRAWS = np.uint32(1 << 31)
_ONE, _HALF, _MINUS_2 = np.float32(1.0), np.float32(0.5), np.float32(-2.0)
_SIN_3, _SIN_5, _SIN_7 = np.float32(-1 / 6), np.float32(1 / 120), np.float32(-1 / 5040)
_COS_2, _COS_4, _COS_6, _COS_8 = (
    np.float32(-1 / 2), np.float32(1 / 24), np.float32(-1 / 720), np.float32(1 / 40320),
)  # fmt: skip


@inlined
def normal_pair(one: Words16, other: Words16) -> tuple[Floats16, Floats16]:
    """Two independent standard normal numbers from two words (Box and Muller 1958).

    Taylor series give the direction within ±45°; two low bits of the second word, which hardly
    count in it, choose the quarter of the circle.
    """
    fraction = fused_multiply_add(to_floats(one), broadcast(_PER_DRAW), broadcast(_HALF_A_DRAW))
    radius = square_root(broadcast(_MINUS_2) * logarithm(fraction))
    turn = to_floats(other) * broadcast(_PER_DRAW) - broadcast(_HALF)
    angle = turn * broadcast(_RIGHT_ANGLE)
    square = angle * angle
    series = fused_multiply_add(broadcast(_SIN_7), square, broadcast(_SIN_5))
    series = fused_multiply_add(series, square, broadcast(_SIN_3))
    sine = radius * fused_multiply_add(series * square, angle, angle)
    series = fused_multiply_add(broadcast(_COS_8), square, broadcast(_COS_6))
    series = fused_multiply_add(series, square, broadcast(_COS_4))
    series = fused_multiply_add(series, square, broadcast(_COS_2))
    cosine = radius * fused_multiply_add(series, square, broadcast(_ONE))
    is_swapped = shift_left(other, 24) < broadcast(_HALF_OF_DRAWS)
    first, second = choose(is_swapped, sine, cosine), choose(is_swapped, cosine, sine)
    is_opposite = shift_left(other, 25) < broadcast(_HALF_OF_DRAWS)
    return (
        choose(is_opposite, zeros() - first, first),
        choose(is_opposite, zeros() - second, second),
    )
