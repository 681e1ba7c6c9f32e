"""Gradients of many hidden dimensions, in whole vectors of them.

A gradient is a sum over rows of a latent's value times a vector of dimensions. With the rows of
dimensions one after the other, no sum over the elements of a vector is needed, and rows on which a
latent has no part, which are most, are passed over.
"""

from __future__ import annotations

import numpy as np

from superpos_core.engine.fused.bits import bits_of, lowest_bit
from superpos_core.engine.fused.compilation import compiled, folded, inlined
from superpos_core.engine.fused.dictionaries.layout import Size
from superpos_core.engine.fused.dictionaries.products import add_multiple
from superpos_core.engine.fused.dictionaries.workspace import Workspace
from superpos_core.engine.fused.pointers import Pointer, advanced, load, load_broadcast, store
from superpos_core.engine.fused.simd import VECTOR_WIDTH, Floats16, fused_multiply_add, zeros
from superpos_core.engine.fused.sums import sum_of
from superpos_core.engine.fused.transposition import transpose

TILE = 4 * VECTOR_WIDTH
"""Dimensions at a time, in registers."""


@inlined
def are_few_rows(size: Size, blocks: int) -> bool:
    """Whether turning the blocks of errors costs less than the sums that it saves."""
    return size.wide and blocks <= size.latents


@compiled
def turn_errors(size: Size, work: Workspace, blocks: int) -> None:
    """Fill in ``error_rows``."""
    for block in range(blocks):
        errors = advanced(work.error, block * size.hidden_block)
        rows = advanced(work.error_rows, block * VECTOR_WIDTH * size.row)
        for dimension in range(0, size.row, VECTOR_WIDTH):
            of_dimension = advanced(errors, dimension * VECTOR_WIDTH)
            transpose(of_dimension, VECTOR_WIDTH, advanced(rows, dimension), size.row)


@folded
def sum_wide_matrices(
    size: Size,
    work: Workspace,
    parameters: Pointer,
    latent: int,
    error_rows: Pointer,
    blocks: int,
) -> None:
    """The gradients of a latent's rows of the encoder, which reads h − b_dec, and the decoder."""
    encoder = advanced(work.gradient, (size.decoder if size.tied else 0) + latent * size.row)
    decoder = advanced(work.gradient, size.decoder + latent * size.row)
    slope = advanced(work.before, latent * VECTOR_WIDTH)
    active = advanced(work.active, latent * VECTOR_WIDTH)
    slopes = _add_weighted_rows(size, slope, work.rows, blocks, encoder)
    add_multiple(size, encoder, -slopes, advanced(parameters, size.bias))
    _add_weighted_rows(size, active, error_rows, blocks, decoder)


@compiled
def _add_weighted_rows(
    size: Size, values: Pointer, rows: Pointer, blocks: int, sums: Pointer
) -> np.float32:
    """sums[t] += Σ_rows value·row[t], for all dimensions t; returns Σ_rows value."""
    total = zeros()
    for block in range(blocks):
        total = total + load(values, block * size.latent_block)
    for dimension in range(0, size.row, TILE):
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
                # Beyond the row's end are other numbers, whose sums are not stored.
                first = fused_multiply_add(weight, load(rows, place), first)
                second = fused_multiply_add(weight, load(rows, place + VECTOR_WIDTH), second)
                third = fused_multiply_add(weight, load(rows, place + 2 * VECTOR_WIDTH), third)
                fourth = fused_multiply_add(weight, load(rows, place + 3 * VECTOR_WIDTH), fourth)
        _add(size, sums, dimension, first)
        _add(size, sums, dimension + VECTOR_WIDTH, second)
        _add(size, sums, dimension + 2 * VECTOR_WIDTH, third)
        _add(size, sums, dimension + 3 * VECTOR_WIDTH, fourth)
    return sum_of(total)


@inlined
def _add(size: Size, sums: Pointer, dimension: int, terms: Floats16) -> None:
    if dimension < size.row:
        store(sums, dimension, load(sums, dimension) + terms)


@compiled
def add_rows(size: Size, rows: Pointer, blocks: int, sums: Pointer) -> None:
    """sums[t] += Σ_rows row[t], for all dimensions t."""
    for dimension in range(0, size.row, VECTOR_WIDTH):
        total = load(sums, dimension)
        for row in range(blocks * VECTOR_WIDTH):
            total = total + load(rows, row * size.row + dimension)
        store(sums, dimension, total)
