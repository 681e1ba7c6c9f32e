"""Products of a block with a small matrix, and sums over the rows of all blocks."""

from __future__ import annotations

from superpos_core.engine.fused.compilation import compiled
from superpos_core.engine.fused.pointers import Pointer, advanced, load, load_broadcast, store
from superpos_core.engine.fused.simd import VECTOR_WIDTH, fused_multiply_add

TILE = 4
"""Sums at a time, in registers."""


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
