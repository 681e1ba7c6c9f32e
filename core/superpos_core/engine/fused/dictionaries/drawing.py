"""Rows from their active entries, which are few: one pass through them."""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from superpos_core.engine.fused.cache import KERNELS
from superpos_core.engine.fused.compilation import compiled
from superpos_core.engine.fused.layout import Floats
from superpos_core.engine.fused.pointers import pointer_to
from superpos_core.engine.fused.simd import call_llvm


@intrinsic
def _fused(typing_context, x, y, z):
    """x·y + z of three float32, rounded once: as in a product of matrices."""

    def emit(context, builder, signature, arguments):
        return call_llvm(builder, "llvm.fma.f32", ir.FloatType(), list(arguments))

    return types.float32(types.float32, types.float32, types.float32), emit


@KERNELS.jit
def add_gaps(
    waiting: NDArray[np.float64],
    scale: float,
    last: int,
    total: int,
    positions: NDArray[np.int64],
) -> int:
    """The positions after ``last``, in order; returns how many of them are below ``total``.

    Gaps between them are geometric, from 1: whole parts of exponential ``waiting`` times.
    """
    position, below = np.int64(last), 0
    for index in range(waiting.size):
        position += np.int64(waiting[index] * scale) + 1
        positions[index] = position
        if position < total:
            below = index + 1
    return below


@KERNELS.jit
def lay_out(
    positions: NDArray[np.int64],
    values: Floats,
    directions: Floats,
    batch: int,
    first: NDArray[np.int64],
    shares: Floats,
    vectors: Floats,
) -> None:
    """Fill in the rows of some steps: see ``HiddenRows``.

    positions: of the active entries, (entries,), ascending, counted over steps, rows and features.
    values: (entries,). directions: (n, d). Each step's last row is that without an active feature.
    """
    features, hidden = np.uint64(directions.shape[0]), directions.shape[1]
    row, slot, step, begin, end = np.int64(-1), -1, 0, 0, batch
    for entry in range(positions.size):
        position = np.uint64(positions[entry])
        of_entry = np.int64(position // features)
        direction = pointer_to(directions, np.int64(position % features) * hidden)
        value = values[entry]
        if of_entry == row:
            vector = pointer_to(vectors, slot * hidden)
            for dimension in range(hidden):
                vector[dimension] = _fused(value, direction[dimension], vector[dimension])
            continue
        row = of_entry
        while row >= end:
            slot += 1
            _end_step(slot, begin, batch, hidden, shares, vectors)
            begin, step, end = slot + 1, step + 1, end + batch
            first[step] = begin
        slot += 1
        shares[slot] = 1.0 / batch
        vector = pointer_to(vectors, slot * hidden)
        for dimension in range(hidden):
            vector[dimension] = _fused(value, direction[dimension], np.float32(0.0))
    while step < first.size - 1:
        slot += 1
        _end_step(slot, begin, batch, hidden, shares, vectors)
        begin, step = slot + 1, step + 1
        first[step] = begin


@compiled
def _end_step(
    slot: int, begin: int, batch: int, hidden: int, shares: Floats, vectors: Floats
) -> None:
    """The row of zeros, which represents all rows without an active feature since ``begin``."""
    shares[slot] = (batch - (slot - begin)) / batch
    for dimension in range(hidden):
        vectors[slot, dimension] = np.float32(0.0)
