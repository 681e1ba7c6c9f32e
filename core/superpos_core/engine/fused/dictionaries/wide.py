"""Gradients of many hidden dimensions, in whole vectors of them.

A gradient is a sum over rows of a latent's value times a vector of dimensions. With the rows of
dimensions one after the other, no sum over the elements of a vector is needed, and rows on which a
latent has no part, which are most, are passed over.
"""

from __future__ import annotations

from superpos_core.engine.fused.bits import bits_of, lowest_bit
from superpos_core.engine.fused.compilation import compiled, folded, inlined
from superpos_core.engine.fused.dictionaries.layout import Size
from superpos_core.engine.fused.dictionaries.workspace import Workspace
from superpos_core.engine.fused.pointers import Pointer, advanced, load, load_broadcast, store
from superpos_core.engine.fused.simd import (
    VECTOR_WIDTH,
    Floats16,
    fused_multiply_add,
    zeros,
)
from superpos_core.engine.fused.transposition import transpose

TILE = 4 * VECTOR_WIDTH
"""Dimensions at a time, in registers."""


@inlined
def are_few_rows(size: Size, blocks: int) -> bool:
    """Whether turning blocks into rows costs less than the sums that it saves."""
    return size.row > 0 and blocks <= size.latents


@folded
def turn_into_rows(size: Size, work: Workspace, blocks: int, parts: int) -> None:
    """Fill in ``centred_rows`` and ``error_rows``."""
    _turn(size, work.centred, blocks, work.centred_rows)
    _turn(size, work.error, blocks * parts, work.error_rows)


@compiled
def _turn(size: Size, units: Pointer, blocks: int, rows: Pointer) -> None:
    for block in range(blocks):
        source = advanced(units, block * size.hidden_block)
        target = advanced(rows, block * VECTOR_WIDTH * size.row)
        for dimension in range(0, size.hidden, VECTOR_WIDTH):
            of_dimension = advanced(source, dimension * VECTOR_WIDTH)
            transpose(of_dimension, VECTOR_WIDTH, advanced(target, dimension), size.row)


@compiled
def add_weighted_rows(
    size: Size, work: Workspace, values: Pointer, rows: Pointer, blocks: int, sums: Pointer
) -> None:
    """sums[t] += Σ_rows value·row[t], for all dimensions t; values in blocks of latents."""
    for dimension in range(0, size.hidden, TILE):
        first, second, third, fourth = zeros(), zeros(), zeros(), zeros()
        for block in range(blocks):
            at = block * size.latent_block
            value = load(values, at)
            left = bits_of((value < zeros()) | (zeros() < value))
            while left != 0:
                element = lowest_bit(left)
                left &= left - 1
                place = (block * VECTOR_WIDTH + element) * size.row + dimension
                weight = load_broadcast(values, at + element)
                first = fused_multiply_add(weight, load(rows, place), first)
                second = fused_multiply_add(weight, load(rows, place + VECTOR_WIDTH), second)
                third = fused_multiply_add(weight, load(rows, place + 2 * VECTOR_WIDTH), third)
                fourth = fused_multiply_add(weight, load(rows, place + 3 * VECTOR_WIDTH), fourth)
        there = size.hidden - dimension
        at = advanced(sums, dimension)
        _add_first(work, first, at, there)
        _add_first(work, second, advanced(at, VECTOR_WIDTH), there - VECTOR_WIDTH)
        _add_first(work, third, advanced(at, 2 * VECTOR_WIDTH), there - 2 * VECTOR_WIDTH)
        _add_first(work, fourth, advanced(at, 3 * VECTOR_WIDTH), there - 3 * VECTOR_WIDTH)


@inlined
def _add_first(work: Workspace, terms: Floats16, sums: Pointer, count: int) -> None:
    """Add the first ``count`` elements, by way of memory that nothing uses any more."""
    if count >= VECTOR_WIDTH:
        store(sums, 0, load(sums, 0) + terms)
    elif count > 0:
        store(work.pulled, 0, terms)
        for element in range(count):
            sums[element] += work.pulled[element]


@compiled
def add_rows(size: Size, work: Workspace, rows: Pointer, blocks: int, sums: Pointer) -> None:
    """sums[t] += Σ_rows row[t], for all dimensions t."""
    for dimension in range(0, size.hidden, VECTOR_WIDTH):
        total = zeros()
        for row in range(blocks * VECTOR_WIDTH):
            total = total + load(rows, row * size.row + dimension)
        _add_first(work, total, advanced(sums, dimension), size.hidden - dimension)
