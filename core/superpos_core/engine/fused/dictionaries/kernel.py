"""The training loop of a lane: whole steps, without the GIL.

Every kind is trained by the same compiled code: what depends on the kind is decided once a block,
which costs nothing beside the block itself, and compiling it for each kind would take seconds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from superpos_core.engine.fused.cache import KERNELS
from superpos_core.engine.fused.compilation import compiled, folded, inlined
from superpos_core.engine.fused.descent import descend
from superpos_core.engine.fused.dictionaries.backward import pull_back_block, sum_latents
from superpos_core.engine.fused.dictionaries.chunks import RowTable
from superpos_core.engine.fused.dictionaries.forward import (
    activate_block,
    centre_block,
    compare_block,
    encode_block,
    fill_counts,
    fill_rows,
    fill_shares,
    prepare_latents,
)
from superpos_core.engine.fused.dictionaries.gradient import sum_gradient
from superpos_core.engine.fused.dictionaries.layout import (
    BATCH_TOPK,
    TOPK,
    LaneObjectives,
    Objective,
    Size,
    States,
)
from superpos_core.engine.fused.dictionaries.products import (
    add_multiple,
    product_of,
    sum_of_squares,
)
from superpos_core.engine.fused.dictionaries.selection import (
    keep_largest_of_batch,
    keep_largest_of_rows,
)
from superpos_core.engine.fused.dictionaries.workspace import (
    ALIVE_SUM,
    SUMS,
    Workspace,
    parts_of,
    workspace_in,
)
from superpos_core.engine.fused.layout import Floats, Optimiser
from superpos_core.engine.fused.pointers import (
    Pointer,
    advanced,
    floats_at,
    integers_at,
    load,
    pointer_to,
    store,
)
from superpos_core.engine.fused.simd import VECTOR_WIDTH, zeros
from superpos_core.engine.fused.sums import sum_of


@folded
def _forward(
    size: Size,
    objective: Objective,
    penalty: float,
    kept: int,
    work: Workspace,
    parameters: Pointer,
    rows: int,
    blocks: int,
) -> None:
    """The activations of all rows."""
    prepare_latents(size, objective, penalty, work, parameters)
    for block in range(blocks):
        centre_block(size, work, advanced(parameters, size.bias), block)
        encode_block(size, objective, work, parameters, block)
        activate_block(size, objective, work, parameters, block)
        if objective.activation == TOPK:
            active = advanced(work.active, block * size.latent_block)
            keep_largest_of_rows(size, active, kept)
    if objective.activation == BATCH_TOPK:
        keep_largest_of_batch(size, work, rows, blocks, objective.batch, kept)


@folded
def _backward(
    size: Size,
    objective: Objective,
    penalty: float,
    work: Workspace,
    parameters: Pointer,
    blocks: int,
) -> float:
    """Leaves the gradient in the workspace; returns the loss."""
    store(work.loss, 0, zeros())
    for index in range(0, size.latents * SUMS * VECTOR_WIDTH, VECTOR_WIDTH):
        store(work.sums, index, zeros())
    for block in range(blocks):
        compare_block(size, objective, work, parameters, block, blocks)
        pull_back_block(size, objective, penalty, work, parameters, block, blocks)
    sum_latents(size, objective, work, blocks)
    sum_gradient(size, objective, work, parameters, blocks)
    return sum_of(load(work.loss, 0))


@inlined
def _remove_radial(size: Size, gradient: Pointer, parameters: Pointer) -> None:
    """Take the component along d from the gradient of each d of length 1 (Bricken et al. 2023)."""
    for latent in range(size.latents):
        start = size.decoder + latent * size.row
        slope, decoder = advanced(gradient, start), advanced(parameters, start)
        along = product_of(size, slope, decoder)
        add_multiple(size, slope, -along, decoder)


@inlined
def _restore_length(size: Size, parameters: Pointer) -> None:
    """Scale every d to length 1."""
    for latent in range(size.latents):
        decoder = advanced(parameters, size.decoder + latent * size.row)
        square = sum_of_squares(size, decoder)
        if square > 0.0:
            scale = np.float32(1.0) / np.sqrt(square)
            for dimension in range(size.row):
                decoder[dimension] *= scale


@compiled
def _follow_threshold(size: Size, objective: Objective, work: Workspace, own: Pointer) -> None:
    """The running threshold of BatchTopK moves towards the step's smallest activation."""
    smallest, news = work.threshold[0], np.float32(objective.threshold_news)
    if smallest < 0.0:
        return
    thresholds = advanced(own, size.vectors + size.latents)
    for latent in range(size.latents):
        kept = (np.float32(1.0) - news) * thresholds[latent]
        thresholds[latent] = kept + news * smallest


@compiled
def _count_active(size: Size, work: Workspace, activity: Pointer) -> float:
    """The step's mean number of active latents; adds to the activity of each."""
    total = 0.0
    for latent in range(size.latents):
        alive = sum_of(load(work.sums, (latent * SUMS + ALIVE_SUM) * VECTOR_WIDTH))
        activity[latent] += alive
        total += alive
    return total


@folded
def _take_step(
    size: Size,
    objective: Objective,
    work: Workspace,
    states: States,
    lane: int,
    rate: float,
    optimiser: Optimiser,
) -> None:
    first = lane * size.parameter_count
    parameters = pointer_to(states.parameters, first)
    states.steps_taken[lane] += 1
    if objective.unit_norm:
        _remove_radial(size, work.gradient, parameters)
    descend(
        work.gradient,
        parameters,
        pointer_to(states.first_moment, first),
        pointer_to(states.second_moment, first),
        size.parameter_count,
        states.steps_taken[lane],
        rate,
        optimiser,
    )
    if objective.unit_norm:
        _restore_length(size, parameters)
    if objective.activation == BATCH_TOPK:
        _follow_threshold(size, objective, work, parameters)


@compiled
def _last_that_occurs(shares: Pointer, rows: int) -> int:
    """The number of rows without those at the end that do not occur."""
    while rows > 1 and shares[rows - 1] == 0.0:
        rows -= 1
    return rows


@KERNELS.jit
def train_dictionaries(
    size: Size,
    objective: Objective,
    lanes: NDArray[np.int64],
    own: LaneObjectives,
    states: States,
    rows: RowTable,
    optimiser: Optimiser,
    begun: int,
    losses: Floats,
    active: Floats,
    memory: Floats,
    most_blocks: int,
) -> None:
    """Take len(optimiser.learning_rates) steps in each of ``lanes``, one lane after the other.

    losses, active: (all lanes, steps) float32, written from column ``begun`` on.
    memory, most_blocks: from ``Memory``.
    """
    work = workspace_in(size, most_blocks, parts_of(objective), memory)
    spare = 1 if objective.activation == BATCH_TOPK else 0
    for lane in lanes:
        parameters = pointer_to(states.parameters, lane * size.parameter_count)
        activity = pointer_to(states.activity, lane * size.latents)
        vectors, shares = floats_at(rows.vectors[lane]), floats_at(rows.shares[lane])
        first, penalty, kept = integers_at(rows.first[lane]), own.penalty[lane], own.kept[lane]
        repeated = rows.repeated[lane]
        if repeated:
            fill_rows(size, work, vectors, first[1] - first[0])
        for step in range(optimiser.learning_rates.size):
            count, of_step = first[step + 1] - first[step], advanced(shares, first[step])
            if not repeated:
                fill_rows(size, work, advanced(vectors, first[step] * size.hidden), count)
            elif spare == 0:
                count = _last_that_occurs(of_step, count)
            blocks = (count + spare + VECTOR_WIDTH - 1) // VECTOR_WIDTH
            fill_shares(work, of_step, count, blocks)
            if objective.activation == BATCH_TOPK:
                fill_counts(work, blocks, objective.batch)
            _forward(size, objective, penalty, kept, work, parameters, count, blocks)
            losses[lane, begun + step] = _backward(
                size, objective, penalty, work, parameters, blocks
            )
            active[lane, begun + step] = _count_active(size, work, activity)
            rate = optimiser.learning_rates[step]
            _take_step(size, objective, work, states, lane, rate, optimiser)
