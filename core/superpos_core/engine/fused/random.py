"""Random numbers of one lane: sixteen streams of xoshiro128++, and exact binomial counts.

The state of a lane is one row of 66 words: the four state words of the sixteen vector streams, and
a 64-bit counter (two words) for the rare scalar draws. It is private to the lane, so results cannot
depend on which thread advances which lane.
"""

from __future__ import annotations

from math import exp, floor, log, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

from superpos_core.engine.fused.compilation import compiled, inlined
from superpos_core.engine.fused.pointers import Pointer, load, store
from superpos_core.engine.fused.simd import VECTOR_WIDTH, Words16, rotate_left, shift_left

STATE_WORDS = 4 * VECTOR_WIDTH + 2
COUNTER = 4 * VECTOR_WIDTH

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def seeded_states(seeds: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The initial states of lanes, (lanes, STATE_WORDS), from one 64-bit seed each.

    Every stream's 128 bits are outputs of splitmix64, which starts at a hash of the seed: equal
    seeds give equal streams, others start at unrelated positions of a period of 2**128.
    """
    start = _mixed(np.asarray(seeds, dtype=np.uint64) ^ _GOLDEN)
    steps = np.arange(1, STATE_WORDS // 2 + 1, dtype=np.uint64)
    return _mixed(start[:, None] + steps * _GOLDEN).view(np.uint32).copy()


def _mixed(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """splitmix64's finaliser: a bijection in which every bit depends on every bit."""
    x = (x ^ (x >> np.uint64(30))) * _MIX_1
    x = (x ^ (x >> np.uint64(27))) * _MIX_2
    return x ^ (x >> np.uint64(31))


@inlined
def next_words(
    s0: Words16, s1: Words16, s2: Words16, s3: Words16
) -> tuple[Words16, Words16, Words16, Words16, Words16]:
    """Sixteen random words and the next state (xoshiro128++, Blackman and Vigna 2019)."""
    result = rotate_left(s0 + s3, 7) + s0
    t = shift_left(s1, 9)
    s2 = s2 ^ s0
    s3 = s3 ^ s1
    s1 = s1 ^ s2
    s0 = s0 ^ s3
    s2 = s2 ^ t
    s3 = rotate_left(s3, 11)
    return result, s0, s1, s2, s3


@inlined
def load_words(state: Pointer) -> tuple[Words16, Words16, Words16, Words16]:
    return (
        load(state, 0),
        load(state, VECTOR_WIDTH),
        load(state, 2 * VECTOR_WIDTH),
        load(state, 3 * VECTOR_WIDTH),
    )


@inlined
def store_words(state: Pointer, s0: Words16, s1: Words16, s2: Words16, s3: Words16) -> None:
    store(state, 0, s0)
    store(state, VECTOR_WIDTH, s1)
    store(state, 2 * VECTOR_WIDTH, s2)
    store(state, 3 * VECTOR_WIDTH, s3)


@compiled
def uniform(state: Pointer) -> float:
    """A float64 in (0, 1) from the lane's counter."""
    counter = (np.uint64(state[COUNTER + 1]) << np.uint64(32)) | np.uint64(state[COUNTER])
    counter += _GOLDEN
    state[COUNTER] = np.uint32(counter & np.uint64(0xFFFFFFFF))
    state[COUNTER + 1] = np.uint32(counter >> np.uint64(32))
    x = (counter ^ (counter >> np.uint64(30))) * _MIX_1
    x = (x ^ (x >> np.uint64(27))) * _MIX_2
    x = x ^ (x >> np.uint64(31))
    return (np.float64(x >> np.uint64(12)) + 0.5) * 2.0**-52


@compiled
def binomial(trials: int, probability: float, state: Pointer) -> int:
    """Number of successes, exact in distribution (to float64) for every probability."""
    rarer = min(probability, 1.0 - probability)
    if rarer <= 0.0:
        count = 0
    elif trials * rarer < 10.0:
        count = _binomial_by_inversion(trials, rarer, state)
    else:
        count = _binomial_by_rejection(trials, rarer, state)
    return count if probability <= 0.5 else trials - count


@compiled
def _binomial_by_inversion(trials: int, probability: float, state: Pointer) -> int:
    """Walk up the distribution function in about trials * probability steps."""
    odds = probability / (1.0 - probability)
    chance = exp(trials * log1p(-probability))
    remaining = uniform(state)
    successes = 0
    while remaining > chance and successes < trials:
        remaining -= chance
        chance *= odds * (trials - successes) / (successes + 1)
        successes += 1
    return successes


@compiled
def _binomial_by_rejection(trials: int, probability: float, state: Pointer) -> int:
    """Hörmann's BTRS (1993): transformed rejection with squeeze, about 1.2 rounds."""
    deviation = sqrt(trials * probability * (1.0 - probability))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * probability
    centre = trials * probability + 0.5
    squeeze = 0.92 - 4.2 / b
    odds = probability / (1.0 - probability)
    alpha = (2.83 + 5.1 / b) * deviation
    mode = floor((trials + 1) * probability)
    while True:
        u = uniform(state) - 0.5
        v = uniform(state)
        distance = 0.5 - abs(u)
        k = floor((2.0 * a / distance + b) * u + centre)
        if distance >= 0.07 and v <= squeeze:
            return int(k)
        if k < 0.0 or k > trials:
            continue
        height = log(v * alpha / (a / (distance * distance) + b))
        bound = (
            (mode + 0.5) * log((mode + 1.0) / (odds * (trials - mode + 1.0)))
            + (trials + 1.0) * log((trials - mode + 1.0) / (trials - k + 1.0))
            + (k + 0.5) * log(odds * (trials - k + 1.0) / (k + 1.0))
            + _stirling_remainder(mode)
            + _stirling_remainder(trials - mode)
            - _stirling_remainder(k)
            - _stirling_remainder(trials - k)
        )
        if height <= bound:
            return int(k)


@compiled
def _stirling_remainder(k: float) -> float:
    """log k! minus Stirling's formula for it, to float64's accuracy."""
    if k < 10.0:
        # log k! directly; the series below is not accurate enough there.
        product = 1.0
        for factor in range(2, int(k) + 1):
            product *= factor
        return log(product) - (k + 0.5) * log(k + 1.0) + (k + 1.0) - 0.9189385332046727
    inverse = 1.0 / (k + 1.0)
    square = inverse * inverse
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - square / 1680) * square) * square) * inverse
