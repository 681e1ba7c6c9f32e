"""One step: its loss and gradient, and the descent.

A step takes its rows in chunks of a few blocks. For each block (tiles.py) it computes hidden units,
outputs and errors and pulls the errors back to the hidden units; then, for the whole chunk, it adds
to the weight gradients, whose sums stay spread over the sixteen elements of a vector until the end
of the step. All derivatives are of half the loss; the horizontal sum supplies the missing factor 2.

Rows beyond those to compute, and rows that pad the last block, are empty, and the contribution of
an empty row is known in closed form: h = 0, so only output_activation(b) matters. It is added (or
subtracted, if the last block has more rows than the batch) without computing the rows. With noise
on the hidden layer (noise.py) only the rows that pad the last block have h = 0.
"""

from __future__ import annotations

import numpy as np

from superpos_core.engine.fused.block import compare, decode, encode, pull_back
from superpos_core.engine.fused.compilation import compiled, folded
from superpos_core.engine.fused.decay import decay_weights
from superpos_core.engine.fused.descent import descend
from superpos_core.engine.fused.entries import clear_entries, entries_suffice, learn_from_entries
from superpos_core.engine.fused.gradients import (
    add_awake_gradients,
    add_empty_rows,
    add_weight_gradients,
    start_step,
    sum_gradients,
)
from superpos_core.engine.fused.layout import LaneStates, Optimiser
from superpos_core.engine.fused.noise import HiddenNoise, disturb, is_noisy
from superpos_core.engine.fused.pointers import Pointer, advanced, load, pointer_to, store
from superpos_core.engine.fused.rows import (
    RowReader,
    fill_block,
    rows_to_compute,
)
from superpos_core.engine.fused.sampling import RowSampler, list_awake
from superpos_core.engine.fused.simd import broadcast
from superpos_core.engine.fused.specialisation import Specialisation
from superpos_core.engine.fused.sums import sum_of
from superpos_core.engine.fused.tiles import BLOCK_ROWS
from superpos_core.engine.fused.workspace import Size, Workspace


@folded
def decoder_of(size: Size, parameters: Pointer) -> Pointer:
    return advanced(parameters, 0 if size.tied else size.padded_features * size.padded_hidden)


@folded
def _learn_from_block(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    parameters: Pointer,
    noise: HiddenNoise,
    block: int,
    live: int,
    sparse: bool,
) -> None:
    awake_count = size.features
    if sparse:
        x = advanced(work.x, block * size.padded_features * BLOCK_ROWS)
        awake_count = list_awake(x, size.features, work.awake)
    decoder = decoder_of(size, parameters)
    encode(specialisation, size, work, parameters, block, awake_count)
    disturb(specialisation, size, work, noise, block, live)
    decode(specialisation, size, work, decoder, block)
    compare(specialisation, size, work, advanced(parameters, size.bias_start), block)
    pull_back(specialisation, size, work, decoder, noise, block)
    if sparse:
        add_awake_gradients(specialisation, size, work, block, awake_count)


@compiled
def _wake_all(size: Size, work: Workspace) -> None:
    for feature in range(size.features):
        work.awake[feature] = feature


@folded
def start_lane(
    specialisation: Specialisation, size: Size, work: Workspace, noise: HiddenNoise, sparse: bool
) -> None:
    if sparse and entries_suffice(specialisation, size) and not is_noisy(specialisation, noise):
        clear_entries(size, work)
    else:
        _wake_all(size, work)


@compiled
def weigh(
    size: Size, work: Workspace, importance: Pointer, hidden_penalty: float, rows: int
) -> None:
    """Set the weights of squared errors and hidden units in the objective.

    Squared errors are averaged over rows and features. The penalty belongs to the total loss and is
    scaled in the same way; like all derivatives it lacks the factor 2.
    """
    share = np.float32(1.0 / (rows * size.features))
    for feature in range(size.features):
        work.weight[feature] = importance[feature] * share
    penalty = np.float32(0.5 * hidden_penalty / (rows * size.features))
    store(work.penalty, 0, broadcast(penalty))


@folded
def _blocks_for(size: Size, rows: int) -> int:
    """Blocks in the next chunk if `rows` rows are left."""
    return min(size.chunk_blocks, (rows + BLOCK_ROWS - 1) // BLOCK_ROWS)


@folded
def _learn_from_blocks(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    parameters: Pointer,
    lane_rows: RowSampler | RowReader,
    noise: HiddenNoise,
    step: int,
    left: int,
    empty: int,
    blocks: int,
    sparse: bool,
) -> None:
    """Add up the gradients of a chunk, block by block; the last ``empty`` of its rows are empty."""
    for block in range(blocks):
        x = advanced(work.x, block * size.padded_features * BLOCK_ROWS)
        block_left = left - block * BLOCK_ROWS
        fill_block(specialisation, lane_rows, step, x, block_left - empty, size.features)
        _learn_from_block(specialisation, size, work, parameters, noise, block, block_left, sparse)
    add_weight_gradients(specialisation, size, work, blocks, sparse)


@folded
def _learn_from_rows(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    parameters: Pointer,
    lane_rows: RowSampler | RowReader,
    noise: HiddenNoise,
    step: int,
    rows: int,
    empty: int,
    sparse: bool,
) -> int:
    """Add up the gradients of `rows` rows, the last `empty` of which have no active feature.

    Returns the number of rows computed.
    """
    decoder, bias = decoder_of(size, parameters), advanced(parameters, size.bias_start)
    left = rows
    while left > 0:
        blocks = _blocks_for(size, left)
        if sparse and entries_suffice(specialisation, size) and not is_noisy(specialisation, noise):
            learn_from_entries(
                specialisation, size, work, parameters, decoder, bias, lane_rows, step, left, blocks
            )
        else:
            _learn_from_blocks(
                specialisation, size, work, parameters, lane_rows, noise, step, left, empty, blocks,
                sparse,
            )  # fmt: skip
        left -= blocks * BLOCK_ROWS
    return rows - left


@folded
def _finish_gradient(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    parameters: Pointer,
    empty_rows: int,
) -> float:
    """Complete the gradient; returns the loss of the step."""
    loss = sum_of(load(work.loss, 0))
    sum_gradients(specialisation, size, work)
    if empty_rows != 0:
        bias = advanced(parameters, size.bias_start)
        loss += add_empty_rows(specialisation, size, work, bias, empty_rows)
    return loss


@folded
def learn_from_step(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    parameters: Pointer,
    lane_rows: RowSampler | RowReader,
    noise: HiddenNoise,
    step: int,
    batch: int,
    sparse: bool,
) -> float:
    """Returns a step's loss and leaves its gradient in the workspace."""
    start_step(specialisation, size, work)
    occupied = rows_to_compute(specialisation, lane_rows, batch, step)
    rows = batch if is_noisy(specialisation, noise) else occupied
    computed = _learn_from_rows(
        specialisation, size, work, parameters, lane_rows, noise, step, rows, rows - occupied,
        sparse,
    )  # fmt: skip
    return _finish_gradient(specialisation, size, work, parameters, batch - computed)


@folded
def take_step(
    size: Size,
    gradient: Pointer,
    states: LaneStates,
    lane: int,
    rate: float,
    optimiser: Optimiser,
) -> None:
    """Count a step and take it, down the gradient."""
    first = lane * size.parameter_count
    parameters = pointer_to(states.parameters, first)
    states.steps[lane] += 1
    decay_weights(size, gradient, parameters, rate, optimiser)
    descend(
        gradient,
        parameters,
        pointer_to(states.first_moment, first),
        pointer_to(states.second_moment, first),
        size.parameter_count,
        states.steps[lane],
        rate,
        optimiser,
    )
