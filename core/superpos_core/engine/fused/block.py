"""One block: forward, compare, and back to the hidden units; the computation for each row.

All derivatives are of half the loss; the sums in gradients.py supply the missing factor 2.
"""

from __future__ import annotations

from superpos_core.engine.fused.activations import (
    activate_hidden,
    activate_output,
    pull_back_hidden,
    pull_back_output,
    target_of,
)
from superpos_core.engine.fused.compilation import compiled, folded
from superpos_core.engine.fused.noise import HiddenNoise, pull_back_disturbance, undisturbed
from superpos_core.engine.fused.pointers import Pointer, advanced, load, load_broadcast, store
from superpos_core.engine.fused.simd import VECTOR_WIDTH, choose, fused_multiply_add, zeros
from superpos_core.engine.fused.specialisation import Specialisation
from superpos_core.engine.fused.tiles import (
    BLOCK_ROWS,
    BLOCK_VECTORS,
    feature_tile,
    feature_zeros,
    hidden_tile,
    hidden_zeros,
    store_tile,
    weighted_sums,
    weighted_sums_of,
)
from superpos_core.engine.fused.workspace import Size, Workspace


@compiled
def encode(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    encoder: Pointer,
    block: int,
    awake_count: int,
) -> None:
    """hidden = hidden_activation(x @ encoder), summing over the features that are awake."""
    x = advanced(work.x, block * size.padded_features * BLOCK_ROWS)
    hidden_start = block * size.padded_hidden * BLOCK_ROWS
    for unit in range(0, size.units, hidden_tile(specialisation)):
        tile = weighted_sums_of(
            hidden_zeros(specialisation),
            x,
            work.awake,
            awake_count,
            encoder,
            unit,
            size.padded_hidden,
        )
        store_tile(tile, work.hidden, hidden_start + unit * BLOCK_ROWS)
    activate_hidden_units(specialisation, work, hidden_start, size.units * BLOCK_ROWS)


@folded
def activate_hidden_units(
    specialisation: Specialisation, work: Workspace, start: int, count: int
) -> None:
    for index in range(start, start + count, VECTOR_WIDTH):
        store(work.hidden, index, activate_hidden(specialisation, load(work.hidden, index)))


@compiled
def decode(
    specialisation: Specialisation, size: Size, work: Workspace, decoder: Pointer, block: int
) -> None:
    """error = hidden @ decoder.T, for now; bias, activation and target follow."""
    error_start = block * size.padded_features * BLOCK_ROWS
    hidden_start = block * size.padded_hidden * BLOCK_ROWS
    for feature in range(0, size.padded_features, feature_tile(specialisation)):
        tile = weighted_sums(
            feature_zeros(specialisation),
            work.hidden,
            hidden_start,
            size.units,
            decoder,
            feature * size.padded_hidden,
            1,
            size.padded_hidden,
        )
        store_tile(tile, work.error, error_start + feature * BLOCK_ROWS)


@compiled
def compare(
    specialisation: Specialisation, size: Size, work: Workspace, bias: Pointer, block: int
) -> None:
    """Turn outputs into errors; add to the loss and to the bias gradient."""
    start = block * size.padded_features * BLOCK_ROWS
    loss = load(work.loss, 0)
    for feature in range(size.features):
        offset = load_broadcast(bias, feature)
        weight = load_broadcast(work.weight, feature)
        bias_gradient = load(work.bias_gradient, feature * VECTOR_WIDTH)
        for vector in range(BLOCK_VECTORS):
            index = start + feature * BLOCK_ROWS + vector * VECTOR_WIDTH
            z = load(work.error, index) + offset
            output = activate_output(specialisation, z)
            difference = output - target_of(specialisation, load(work.x, index))
            weighted = weight * difference
            loss = fused_multiply_add(weighted, difference, loss)
            error = pull_back_output(specialisation, z, output, weighted)
            bias_gradient = bias_gradient + error
            store(work.error, index, error)
        store(work.bias_gradient, feature * VECTOR_WIDTH, bias_gradient)
    store(work.loss, 0, loss)


@folded
def pull_back_hidden_units(
    specialisation: Specialisation, work: Workspace, start: int, count: int
) -> None:
    """hidden_error = (hidden_error + penalty) * hidden_activation'."""
    _pull_back_units(specialisation, work, work.hidden, start, count)


@folded
def _pull_back_units(
    specialisation: Specialisation, work: Workspace, hidden: Pointer, start: int, count: int
) -> None:
    """The same with ``hidden``, the hidden units before any noise."""
    if work.penalty[0] != 0.0:
        _penalise_hidden_units(work, hidden, start, count)
    for index in range(start, start + count, VECTOR_WIDTH):
        # Only the value of a hidden unit is kept; it must determine the slope, as with relu.
        value, error = load(hidden, index), load(work.hidden_error, index)
        store(work.hidden_error, index, pull_back_hidden(specialisation, value, value, error))


@compiled
def _penalise_hidden_units(work: Workspace, hidden: Pointer, start: int, count: int) -> None:
    """hidden_error += penalty * sign(hidden)."""
    upward = load(work.penalty, 0)
    for index in range(start, start + count, VECTOR_WIDTH):
        value, error = load(hidden, index), load(work.hidden_error, index)
        push = choose(zeros() < value, upward, choose(value < zeros(), zeros() - upward, zeros()))
        store(work.hidden_error, index, error + push)


@compiled
def pull_back(
    specialisation: Specialisation,
    size: Size,
    work: Workspace,
    decoder: Pointer,
    noise: HiddenNoise,
    block: int,
) -> None:
    """hidden_error = (error @ decoder) * dropout * hidden_activation'."""
    error_start = block * size.padded_features * BLOCK_ROWS
    hidden_start = block * size.padded_hidden * BLOCK_ROWS
    for unit in range(0, size.units, hidden_tile(specialisation)):
        tile = weighted_sums(
            hidden_zeros(specialisation),
            work.error,
            error_start,
            size.padded_features,
            decoder,
            unit,
            size.padded_hidden,
            1,
        )
        store_tile(tile, work.hidden_error, hidden_start + unit * BLOCK_ROWS)
    pull_back_disturbance(specialisation, size, work, noise, block)
    before = undisturbed(specialisation, work, noise)
    _pull_back_units(specialisation, work, before, hidden_start, size.units * BLOCK_ROWS)
