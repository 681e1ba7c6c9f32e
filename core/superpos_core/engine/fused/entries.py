"""Learning from stored rows that are almost all zero, with few hidden units.

Each row has only a few non-zero *entries*, so hidden units are sums over entries. One pass then
compares outputs with targets: it keeps a feature's weights and gradients in registers for a chunk
of rows, and for most features all targets are 0.

Between chunks `x` and `awake`, which here marks features with entries, are 0 everywhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import overload

from superpos_core.engine.fused.activations import activate_output, pull_back_output, target_of
from superpos_core.engine.fused.block import activate_hidden_units, pull_back_hidden_units
from superpos_core.engine.fused.compilation import COMPILED, INLINED, compiled, inlined
from superpos_core.engine.fused.gradients import clear
from superpos_core.engine.fused.pointers import Pointer, load, load_broadcast, store
from superpos_core.engine.fused.rows import RowReader, row_number
from superpos_core.engine.fused.simd import VECTOR_WIDTH, fused_multiply_add
from superpos_core.engine.fused.specialisation import Specialisation
from superpos_core.engine.fused.tiles import (
    BLOCK_ROWS,
    BLOCK_VECTORS,
    add_scaled_row,
    add_to_gradient,
    add_units_times,
    hidden_tile,
    one_feature_zeros,
    row_of_weights,
    weighted_units,
)
from superpos_core.engine.fused.workspace import Size, Workspace


def entries_suffice(specialisation: Any, size: Any) -> Any:
    """Whether sparse rows can be processed as entries: they are stored, and one tile holds all
    hidden units (compiled code only).
    """
    raise NotImplementedError("compiled code only")


@overload(entries_suffice, jit_options=INLINED, strict=False)
def _entries_suffice(specialisation, size):
    if specialisation.sampling is None:
        return lambda specialisation, size: size.padded_hidden == hidden_tile(specialisation)
    return lambda specialisation, size: False


@compiled
def clear_entries(size: Size, work: Workspace) -> None:
    """Reset the workspace, so that no feature has an entry."""
    clear(work.x, size.chunk_blocks * size.padded_features * BLOCK_ROWS)
    for feature in range(size.features):
        work.awake[feature] = 0


def learn_from_entries(
    specialisation: Any, size: Any, work: Any, encoder: Any, decoder: Any, bias: Any, reader: Any,
    step: Any, left: Any, blocks: Any,
) -> Any:  # fmt: skip
    """Add up the gradients of the first chunk of the `left` rows still to be computed (compiled
    code only).
    """
    raise NotImplementedError("compiled code only")


@overload(learn_from_entries, jit_options=COMPILED, strict=False)
def _learn_from_entries(
    specialisation, size, work, encoder, decoder, bias, reader, step, left, blocks
):
    if specialisation.sampling is None:
        return _learn_from_given_entries
    return lambda specialisation, size, work, encoder, decoder, bias, reader, step, left, blocks: (
        None
    )


def _learn_from_given_entries(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    encoder: Pointer,
    decoder: Pointer,
    bias: Pointer,
    reader: RowReader,
    step: int,
    left: int,
    blocks: int,
) -> None:
    units = blocks * size.padded_hidden * BLOCK_ROWS
    clear(work.hidden, units)
    clear(work.hidden_error, units)
    rows = min(left, blocks * BLOCK_ROWS)
    for row in range(rows):
        start, stored = _start_of(size.padded_hidden, row), row_number(reader, step, left - row)
        for entry in range(reader.first[stored], reader.first[stored + 1]):
            feature, value = np.int64(reader.feature[entry]), reader.value[entry]
            work.x[_start_of(size.padded_features, row) + feature * BLOCK_ROWS] = value
            work.awake[feature] = 1
            for k in range(size.padded_hidden):
                weight = encoder[feature * size.padded_hidden + k]
                work.hidden[start + k * BLOCK_ROWS] += value * weight
    activate_hidden_units(specialisation, work, 0, units)
    _compare_features(specialisation, size, work, decoder, bias, blocks)
    pull_back_hidden_units(specialisation, work, 0, units)
    for row in range(rows):
        start, stored = _start_of(size.padded_hidden, row), row_number(reader, step, left - row)
        for entry in range(reader.first[stored], reader.first[stored + 1]):
            feature, value = np.int64(reader.feature[entry]), reader.value[entry]
            work.x[_start_of(size.padded_features, row) + feature * BLOCK_ROWS] = np.float32(0.0)
            work.awake[feature] = 0
            gradient = feature * size.padded_hidden * VECTOR_WIDTH
            for k in range(size.padded_hidden):
                error = work.hidden_error[start + k * BLOCK_ROWS]
                work.encoder_gradient[gradient + k * VECTOR_WIDTH] += value * error


@inlined
def _start_of(units: int, row: int) -> int:
    """The offset of a row's first unit in the chunk, whose blocks have `units` units."""
    return row // BLOCK_ROWS * units * BLOCK_ROWS + row % BLOCK_ROWS


@compiled
def _compare_features(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    decoder: Pointer,
    bias: Pointer,
    blocks: int,
) -> None:
    """Loss, gradients of decoder and bias, and hidden errors, feature by feature.

    Only awake features have non-zero targets in the chunk.
    """
    loss = load(work.loss, 0)
    row = size.padded_hidden * VECTOR_WIDTH
    for feature in range(size.features):
        weights = row_of_weights(specialisation, decoder, feature * size.padded_hidden)
        offset = load_broadcast(bias, feature)
        weight = load_broadcast(work.weight, feature)
        awake = work.awake[feature] != 0
        decoder_gradient = one_feature_zeros(specialisation)
        bias_gradient = load(work.bias_gradient, feature * VECTOR_WIDTH)
        for block in range(blocks):
            for vector in range(BLOCK_VECTORS):
                first_unit = block * size.padded_hidden * BLOCK_ROWS + vector * VECTOR_WIDTH
                z = weighted_units(offset, weights, work.hidden, first_unit)
                output = activate_output(specialisation, z)
                difference = output
                if awake:
                    start = (block * size.padded_features + feature) * BLOCK_ROWS
                    index = start + vector * VECTOR_WIDTH
                    difference = output - target_of(specialisation, load(work.x, index))
                weighted = weight * difference
                loss = fused_multiply_add(weighted, difference, loss)
                error = pull_back_output(specialisation, z, output, weighted)
                bias_gradient = bias_gradient + error
                decoder_gradient = add_units_times(decoder_gradient, work.hidden, first_unit, error)
                add_scaled_row(work.hidden_error, first_unit, weights, error)
        store(work.bias_gradient, feature * VECTOR_WIDTH, bias_gradient)
        add_to_gradient(specialisation, decoder_gradient, work.decoder_gradient, feature * row, row)
    store(work.loss, 0, loss)
