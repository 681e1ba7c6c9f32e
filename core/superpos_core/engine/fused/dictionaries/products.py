"""Products of a block with a small matrix, and sums over the rows of all blocks."""

from __future__ import annotations

import numpy as np

from superpos_core.engine.fused.compilation import compiled, inlined
from superpos_core.engine.fused.dictionaries.layout import Size
from superpos_core.engine.fused.pointers import Pointer, advanced, load, load_broadcast, store
from superpos_core.engine.fused.simd import VECTOR_WIDTH, broadcast, fused_multiply_add, zeros
from superpos_core.engine.fused.sums import sum_of

TILE = 4
"""Sums at a time, in registers."""


@inlined
def product_of(size: Size, one: Pointer, other: Pointer) -> np.float32:
    """The scalar product of two rows of hidden dimensions."""
    if size.wide:
        sums = zeros()
        for dimension in range(0, size.row, VECTOR_WIDTH):
            sums = fused_multiply_add(load(one, dimension), load(other, dimension), sums)
        return sum_of(sums)
    total = np.float32(0.0)
    for dimension in range(size.hidden):
        total += one[dimension] * other[dimension]
    return total


@inlined
def sum_of_squares(size: Size, vector: Pointer) -> np.float32:
    """The squared length of a row of hidden dimensions."""
    return product_of(size, vector, vector)


@inlined
def add_multiple(size: Size, sums: Pointer, factor: np.float32, terms: Pointer) -> None:
    """sums += factor·terms, rows of hidden dimensions."""
    if size.wide:
        weight = broadcast(factor)
        for dimension in range(0, size.row, VECTOR_WIDTH):
            found = fused_multiply_add(weight, load(terms, dimension), load(sums, dimension))
            store(sums, dimension, found)
    else:
        for dimension in range(size.hidden):
            sums[dimension] += factor * terms[dimension]


@compiled
def add_products(
    sums: Pointer,
    units: int,
    terms: Pointer,
    count: int,
    matrix: Pointer,
    unit_stride: int,
    term_stride: int,
) -> None:
    """sums[u] += Σ_t terms[t]·matrix[u·unit_stride + t·term_stride], in one block."""
    whole = units - units % TILE
    for unit in range(0, whole, TILE):
        at = unit * VECTOR_WIDTH
        first, second = load(sums, at), load(sums, at + VECTOR_WIDTH)
        third, fourth = load(sums, at + 2 * VECTOR_WIDTH), load(sums, at + 3 * VECTOR_WIDTH)
        row_1 = advanced(matrix, unit * unit_stride)
        row_2 = advanced(row_1, unit_stride)
        row_3 = advanced(row_2, unit_stride)
        row_4 = advanced(row_3, unit_stride)
        for term in range(count):
            values = load(terms, term * VECTOR_WIDTH)
            index = term * term_stride
            first = fused_multiply_add(values, load_broadcast(row_1, index), first)
            second = fused_multiply_add(values, load_broadcast(row_2, index), second)
            third = fused_multiply_add(values, load_broadcast(row_3, index), third)
            fourth = fused_multiply_add(values, load_broadcast(row_4, index), fourth)
        store(sums, at, first)
        store(sums, at + VECTOR_WIDTH, second)
        store(sums, at + 2 * VECTOR_WIDTH, third)
        store(sums, at + 3 * VECTOR_WIDTH, fourth)
    for unit in range(whole, units):
        total = load(sums, unit * VECTOR_WIDTH)
        row = advanced(matrix, unit * unit_stride)
        for term in range(count):
            weight = load_broadcast(row, term * term_stride)
            total = fused_multiply_add(load(terms, term * VECTOR_WIDTH), weight, total)
        store(sums, unit * VECTOR_WIDTH, total)
