"""Sums of a step's gradients over rows, spread over a vector until the end of the step."""

from __future__ import annotations

import numpy as np

from superpos_core.engine.fused.activations import activate_output, pull_back_output
from superpos_core.engine.fused.compilation import compiled, folded
from superpos_core.engine.fused.pointers import Pointer, advanced, load, store
from superpos_core.engine.fused.simd import VECTOR_WIDTH, broadcast, fused_multiply_add, zeros
from superpos_core.engine.fused.specialisation import Specialisation
from superpos_core.engine.fused.sums import sum_of
from superpos_core.engine.fused.tiles import (
    BLOCK_ROWS,
    add_outer_products,
    add_to_gradient,
    gradient_tile,
    gradient_zeros,
    hidden_tile,
    one_feature_zeros,
)
from superpos_core.engine.fused.workspace import Size, Workspace


@compiled
def clear(memory: Pointer, count: int) -> None:
    for index in range(0, count, VECTOR_WIDTH):
        store(memory, index, zeros())


@folded
def start_step(specialisation: Specialisation, size: Size, work: Workspace) -> None:
    matrix = size.padded_features * size.padded_hidden
    clear(work.encoder_gradient, matrix * VECTOR_WIDTH)
    if not size.tied:
        clear(work.decoder_gradient, matrix * VECTOR_WIDTH)
    clear(work.bias_gradient, size.features * VECTOR_WIDTH)
    store(work.loss, 0, zeros())


@compiled
def add_weight_gradients(
    specialisation: Specialisation, size: Size, work: Workspace, blocks: int, sparse: bool
) -> None:
    """encoder += x.T @ hidden_error (unless sparse), decoder += error.T @ hidden.

    Both in one sweep if tied, because they then share their sums.
    """
    block_x = size.padded_features * BLOCK_ROWS
    block_hidden = size.padded_hidden * BLOCK_ROWS
    row = size.padded_hidden * VECTOR_WIDTH
    for feature in range(0, size.padded_features, gradient_tile(specialisation)):
        for unit in range(0, size.units, hidden_tile(specialisation)):
            start = feature * row + unit * VECTOR_WIDTH
            tile = gradient_zeros(specialisation)
            if not sparse:
                for block in range(blocks):
                    tile = add_outer_products(
                        specialisation,
                        tile,
                        work.x,
                        block * block_x + feature * BLOCK_ROWS,
                        work.hidden_error,
                        block * block_hidden + unit * BLOCK_ROWS,
                    )
                if not size.tied:
                    add_to_gradient(specialisation, tile, work.encoder_gradient, start, row)
                    tile = gradient_zeros(specialisation)
            for block in range(blocks):
                tile = add_outer_products(
                    specialisation,
                    tile,
                    work.error,
                    block * block_x + feature * BLOCK_ROWS,
                    work.hidden,
                    block * block_hidden + unit * BLOCK_ROWS,
                )
            add_to_gradient(specialisation, tile, work.decoder_gradient, start, row)


@compiled
def add_awake_gradients(
    specialisation: Specialisation, size: Size, work: Workspace, block: int, awake_count: int
) -> None:
    """encoder += x.T @ hidden_error for one block and the features awake in it."""
    x = advanced(work.x, block * size.padded_features * BLOCK_ROWS)
    hidden_error = advanced(work.hidden_error, block * size.padded_hidden * BLOCK_ROWS)
    row = size.padded_hidden * VECTOR_WIDTH
    for position in range(awake_count):
        feature = np.int64(work.awake[position])
        for unit in range(0, size.units, hidden_tile(specialisation)):
            tile = add_outer_products(
                specialisation,
                one_feature_zeros(specialisation),
                x,
                feature * BLOCK_ROWS,
                hidden_error,
                unit * BLOCK_ROWS,
            )
            start = feature * row + unit * VECTOR_WIDTH
            add_to_gradient(specialisation, tile, work.encoder_gradient, start, row)


@compiled
def add_empty_rows(
    specialisation: Specialisation, size: Size, work: Workspace, bias: Pointer, rows: int
) -> float:
    """Add `rows` empty rows (may be negative) to the bias gradient; returns their loss."""
    loss = zeros()
    count = broadcast(np.float32(rows))
    for feature in range(0, size.feature_vectors, VECTOR_WIDTH):
        z = load(bias, feature)
        output = activate_output(specialisation, z)
        weighted = count * load(work.weight, feature) * output
        loss = fused_multiply_add(weighted, output, loss)
        index = size.bias_start + feature
        error = pull_back_output(specialisation, z, output, weighted)
        store(work.gradient, index, load(work.gradient, index) + error + error)
    return sum_of(loss)


@compiled
def sum_gradients(specialisation: Specialisation, size: Size, work: Workspace) -> None:
    """Sum the sixteen elements of every gradient, times the factor 2 omitted so far."""
    matrix = size.padded_features * size.padded_hidden
    for weight in range(matrix):
        work.gradient[weight] = np.float32(2.0) * sum_of(
            load(work.encoder_gradient, weight * VECTOR_WIDTH)
        )
    if not size.tied:
        for weight in range(matrix):
            work.gradient[matrix + weight] = np.float32(2.0) * sum_of(
                load(work.decoder_gradient, weight * VECTOR_WIDTH)
            )
    for feature in range(size.features):
        work.gradient[size.bias_start + feature] = np.float32(2.0) * sum_of(
            load(work.bias_gradient, feature * VECTOR_WIDTH)
        )
