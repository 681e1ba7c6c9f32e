"""The exponential and related functions on vectors, accurate to float32, without library calls."""

from __future__ import annotations

from math import factorial, log

import numpy as np

from superpos_core.engine.fused.compilation import inlined
from superpos_core.engine.fused.simd import (
    Floats16,
    broadcast,
    choose,
    fused_multiply_add,
    power_of_two,
    rounded,
)

_SMALLEST, _LARGEST = np.float32(-87.0), np.float32(88.0)
"""Arguments are clamped to these, where the result reaches the range of normal float32 numbers."""
_PER_OCTAVE = np.float32(1 / log(2))
_OCTAVE = np.float32(0.693359375)
"""log 2 in few bits, so that its multiples are exact; the rest follows."""
_OCTAVE_REST = np.float32(log(2) - 0.693359375)
_2, _3, _4, _5, _6, _7 = (np.float32(1 / factorial(degree)) for degree in range(2, 8))


@inlined
def exponential(x: Floats16) -> Floats16:
    """exp(x): a power of two times a Taylor series on [-log(2)/2, log(2)/2]; NaN stays NaN."""
    x = choose(x <= broadcast(_SMALLEST), broadcast(_SMALLEST), x)
    x = choose(broadcast(_LARGEST) <= x, broadcast(_LARGEST), x)
    octaves = rounded(x * broadcast(_PER_OCTAVE))
    rest = fused_multiply_add(octaves, broadcast(-_OCTAVE), x)
    rest = fused_multiply_add(octaves, broadcast(-_OCTAVE_REST), rest)
    series = fused_multiply_add(broadcast(_7), rest, broadcast(_6))
    series = fused_multiply_add(series, rest, broadcast(_5))
    series = fused_multiply_add(series, rest, broadcast(_4))
    series = fused_multiply_add(series, rest, broadcast(_3))
    series = fused_multiply_add(series, rest, broadcast(_2))
    series = fused_multiply_add(series, rest * rest, rest)
    return (series + broadcast(np.float32(1))) * power_of_two(octaves)


_ODD = tuple(np.float32(2 / degree) for degree in range(1, 14, 2))
_1ST, _3RD, _5TH, _7TH, _9TH, _11TH, _13TH = _ODD


@inlined
def log_of_one_plus(x: Floats16) -> Floats16:
    """log(1 + x) for x in [0, 1]: the series of 2·artanh(x / (2 + x))."""
    ratio = x / (x + broadcast(np.float32(2)))
    square = ratio * ratio
    series = fused_multiply_add(broadcast(_13TH), square, broadcast(_11TH))
    series = fused_multiply_add(series, square, broadcast(_9TH))
    series = fused_multiply_add(series, square, broadcast(_7TH))
    series = fused_multiply_add(series, square, broadcast(_5TH))
    series = fused_multiply_add(series, square, broadcast(_3RD))
    series = fused_multiply_add(series, square, broadcast(_1ST))
    return series * ratio
