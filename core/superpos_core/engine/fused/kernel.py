"""The training loop of a lane: whole steps, without the GIL, without leaving the L1 and L2 caches.

A step takes its rows in chunks of a few blocks. For each block (tiles.py) it computes hidden units,
outputs and errors and pulls the errors back to the hidden units; then, for the whole chunk, it adds
to the weight gradients, whose sums stay spread over the sixteen elements of a vector until the end
of the step. All derivatives are of half the loss; the horizontal sum supplies the missing factor 2.

Rows beyond those to compute, and rows that pad the last block, are empty, and the contribution of
an empty row is known in closed form: h = 0, so only output_activation(b) matters. It is added (or
subtracted, if the last block has more rows than the batch) without computing the rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from superpos_core.engine.fused.block import compare, decode, encode, pull_back
from superpos_core.engine.fused.cache import KERNELS
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
from superpos_core.engine.fused.layout import Floats, LaneStates, Optimiser
from superpos_core.engine.fused.pointers import Pointer, advanced, load, pointer_to, store
from superpos_core.engine.fused.rows import (
    GivenRows,
    RowReader,
    batch_of_lane,
    fill_block,
    rows_of_lane,
    rows_to_compute,
)
from superpos_core.engine.fused.sampling import RowSampler, list_awake
from superpos_core.engine.fused.sampling_tables import SamplingTables
from superpos_core.engine.fused.simd import broadcast, sum_of
from superpos_core.engine.fused.specialisation import Specialisation
from superpos_core.engine.fused.tiles import BLOCK_ROWS
from superpos_core.engine.fused.workspace import Size, Workspace, workspace_in


@folded
def decoder_of(size: Size, parameters: Pointer) -> Pointer:
    return advanced(parameters, 0 if size.tied else size.padded_features * size.padded_hidden)


@folded
def _learn_from_block(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    parameters: Pointer,
    block: int,
    sparse: bool,
) -> None:
    awake_count = size.features
    if sparse:
        x = advanced(work.x, block * size.padded_features * BLOCK_ROWS)
        awake_count = list_awake(x, size.features, work.awake)
    decoder = decoder_of(size, parameters)
    encode(specialisation, size, work, parameters, block, awake_count)
    decode(specialisation, size, work, decoder, block)
    compare(specialisation, size, work, advanced(parameters, size.bias_start), block)
    pull_back(specialisation, size, work, decoder, block)
    if sparse:
        add_awake_gradients(specialisation, size, work, block, awake_count)


@compiled
def _wake_all(size: Size, work: Workspace) -> None:
    for feature in range(size.features):
        work.awake[feature] = feature


@folded
def _start_lane(specialisation: Specialisation, size: Size, work: Workspace, sparse: bool) -> None:
    if sparse and entries_suffice(specialisation, size):
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
    step: int,
    left: int,
    blocks: int,
    sparse: bool,
) -> None:
    """Add up the gradients of a chunk, block by block."""
    for block in range(blocks):
        x = advanced(work.x, block * size.padded_features * BLOCK_ROWS)
        block_left = left - block * BLOCK_ROWS
        fill_block(specialisation, lane_rows, step, x, block_left, size.features)
        _learn_from_block(specialisation, size, work, parameters, block, sparse)
    add_weight_gradients(specialisation, size, work, blocks, sparse)


@folded
def _learn_from_rows(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    parameters: Pointer,
    lane_rows: RowSampler | RowReader,
    step: int,
    rows: int,
    sparse: bool,
) -> int:
    """Add up the gradients of `rows` rows; returns the number of rows computed."""
    decoder, bias = decoder_of(size, parameters), advanced(parameters, size.bias_start)
    left = rows
    while left > 0:
        blocks = _blocks_for(size, left)
        if sparse and entries_suffice(specialisation, size):
            learn_from_entries(
                specialisation, size, work, parameters, decoder, bias, lane_rows, step, left, blocks
            )
        else:
            _learn_from_blocks(
                specialisation, size, work, parameters, lane_rows, step, left, blocks, sparse
            )
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
def _learn_from_step(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    parameters: Pointer,
    lane_rows: RowSampler | RowReader,
    step: int,
    batch: int,
    sparse: bool,
) -> float:
    """Returns a step's loss and leaves its gradient in the workspace."""
    start_step(specialisation, size, work)
    rows = rows_to_compute(specialisation, lane_rows, batch, step)
    computed = _learn_from_rows(
        specialisation, size, work, parameters, lane_rows, step, rows, sparse
    )
    return _finish_gradient(specialisation, size, work, parameters, batch - computed)


@KERNELS.jit
def train_lanes(
    specialisation: Specialisation,
    size: Size,
    lanes: NDArray[np.int64],
    batch: int,
    states: LaneStates,
    rows: SamplingTables | GivenRows,
    importance: Floats,
    hidden_penalty: NDArray[np.float64],
    optimiser: Optimiser,
    losses: Floats,
    memory: Floats,
) -> None:
    """Take len(optimiser.learning_rates) steps in each of `lanes`, one lane after the other.

    importance: (lanes, feature_vectors) float32, zero beyond the features.
    hidden_penalty: (lanes,) float64.
    losses: (lanes, steps) float32, written.
    memory: from `workspace_memory`, for one thread.
    """
    work = workspace_in(size, memory)
    steps = optimiser.learning_rates.size
    for lane in lanes:
        first = lane * size.parameter_count
        parameters = pointer_to(states.parameters, first)
        lane_rows = rows_of_lane(specialisation, rows, states.random, lane)
        lane_batch = batch_of_lane(specialisation, rows, batch, lane)
        own_importance = pointer_to(importance, lane * size.feature_vectors)
        weigh(size, work, own_importance, hidden_penalty[lane], lane_batch)
        _start_lane(specialisation, size, work, rows.sparse[lane])
        for step in range(steps):
            losses[lane, step] = _learn_from_step(
                specialisation, size, work, parameters, lane_rows, step, lane_batch,
                rows.sparse[lane],
            )  # fmt: skip
            states.steps[lane] += 1
            decay_weights(
                size, work.gradient, parameters, optimiser.learning_rates[step], optimiser
            )
            descend(
                work.gradient,
                parameters,
                pointer_to(states.first_moment, first),
                pointer_to(states.second_moment, first),
                size.parameter_count,
                states.steps[lane],
                optimiser.learning_rates[step],
                optimiser,
            )


@KERNELS.jit
def gradient_of_step(
    specialisation: Specialisation,
    size: Size,
    parameters: Floats,
    rows: GivenRows,
    importance: Floats,
    hidden_penalty: float,
    gradient: Floats,
    memory: Floats,
) -> float:
    """The loss and gradient of one lane on its first step's rows, in the layout of parameters."""
    work = workspace_in(size, memory)
    _start_lane(specialisation, size, work, rows.sparse[0])
    batch = rows.batch[0]
    weigh(size, work, pointer_to(importance, 0), hidden_penalty, batch)
    loss = _learn_from_step(
        specialisation, size, work, pointer_to(parameters, 0),
        rows_of_lane(specialisation, rows, 0, 0), 0, batch, rows.sparse[0],
    )  # fmt: skip
    for index in range(size.parameter_count):
        gradient[index] = work.gradient[index]
    return loss


@KERNELS.jit
def draw_batch(
    specialisation: Specialisation,
    size: Size,
    lane: int,
    states: LaneStates,
    rows: SamplingTables | GivenRows,
    memory: Floats,
    x: Floats,
) -> int:
    """Fill x (batch, features) as a training step of the lane would: empty rows come last.

    Returns the number of rows that are not empty.
    """
    work = workspace_in(size, memory)
    lane_rows = rows_of_lane(specialisation, rows, states.random, lane)
    batch, features = x.shape
    count = rows_to_compute(specialisation, lane_rows, batch, 0)
    x[:] = 0.0
    for first in range(0, count, BLOCK_ROWS):
        fill_block(specialisation, lane_rows, 0, work.x, count - first, features)
        for row in range(min(BLOCK_ROWS, count - first)):
            for feature in range(features):
                x[first + row, feature] = work.x[feature * BLOCK_ROWS + row]
    return count
