"""Backward: derivatives with respect to pre-activations, and the gradient of a step."""

from __future__ import annotations

import numpy as np

from superpos_core.engine.fused.compilation import compiled, folded, inlined
from superpos_core.engine.fused.dictionaries.layout import (
    GATED,
    JUMP_RELU,
    Objective,
    Size,
)
from superpos_core.engine.fused.dictionaries.matrices import (
    Matrix,
    matrix_at,
    repeated,
    set_product,
)
from superpos_core.engine.fused.dictionaries.products import TILE, add_multiple, add_products
from superpos_core.engine.fused.dictionaries.wide import (
    add_rows,
    are_few_rows,
    sum_wide_matrices,
    turn_errors,
)
from superpos_core.engine.fused.dictionaries.workspace import (
    ACTIVITY_SUM,
    ALIVE_SUM,
    BIAS_SUM,
    SECOND_SUM,
    SUMS,
    THIRD_SUM,
    Workspace,
)
from superpos_core.engine.fused.pointers import Pointer, advanced, load, load_broadcast, store
from superpos_core.engine.fused.simd import (
    VECTOR_WIDTH,
    Floats16,
    absolute,
    broadcast,
    choose,
    fused_multiply_add,
    sum_of,
    sums_of_each,
    zeros,
)


@inlined
def _add(sums: Pointer, latent: int, which: int, terms: Floats16) -> None:
    at = (latent * SUMS + which) * VECTOR_WIDTH
    store(sums, at, load(sums, at) + terms)


@folded
def pull_back_block(
    size: Size,
    objective: Objective,
    penalty: float,
    work: Workspace,
    parameters: Pointer,
    block: int,
    blocks: int,
) -> None:
    """before = the derivatives with respect to pre-activations; adds to the sums of latents.

    Those of simple activations are summed later.
    """
    _pull_back_errors(size, objective, work, parameters, block, blocks)
    if objective.activation == GATED:
        _pull_back_gated(size, work, parameters, block)
    elif objective.activation == JUMP_RELU:
        _pull_back_jump(size, work, block, penalty, objective.bandwidth)
    else:
        _pull_back_relu(size, work, block)


@folded
def _pull_back_errors(
    size: Size,
    objective: Objective,
    work: Workspace,
    parameters: Pointer,
    block: int,
    blocks: int,
) -> None:
    """pulled = errors @ decoder.T, each latent from the errors that it has a part in."""
    part = blocks * size.hidden_block
    errors = advanced(work.error, block * size.hidden_block)
    decoder = advanced(parameters, size.decoder)
    for index in range(0, 2 * size.latents * VECTOR_WIDTH, VECTOR_WIDTH):
        store(work.pulled, index, zeros())
    begin = 0
    for q in range(objective.prefixes.size):
        end = objective.prefixes[q]
        add_products(
            advanced(work.pulled, begin * VECTOR_WIDTH),
            end - begin,
            advanced(errors, q * part),
            size.hidden,
            advanced(decoder, begin * size.row),
            size.row,
            1,
        )
        begin = end
    if objective.activation == GATED:
        of_gate = advanced(work.pulled, size.latents * VECTOR_WIDTH)
        error = advanced(errors, part)
        add_products(of_gate, size.latents, error, size.hidden, decoder, size.row, 1)


@compiled
def _pull_back_relu(size: Size, work: Workspace, block: int) -> None:
    start = block * size.latent_block
    share = load(work.share, block * VECTOR_WIDTH)
    for latent in range(size.latents):
        at = start + latent * VECTOR_WIDTH
        active = load(work.active, at)
        is_active = zeros() < active
        pushed = fused_multiply_add(
            share, load_broadcast(work.norm, latent), load(work.pulled, latent * VECTOR_WIDTH)
        )
        store(work.before, at, choose(is_active, pushed, zeros()))


@compiled
def _sum_relu(size: Size, work: Workspace, blocks: int) -> None:
    """The sums of latents, one latent after the other: they stay in registers."""
    for latent in range(size.latents):
        of_bias, activity, alive = zeros(), zeros(), zeros()
        for block in range(blocks):
            at = block * size.latent_block + latent * VECTOR_WIDTH
            share, active = load(work.share, block * VECTOR_WIDTH), load(work.active, at)
            of_bias = of_bias + load(work.before, at)
            activity = fused_multiply_add(share, active, activity)
            alive = alive + choose(zeros() < active, share, zeros())
        _add(work.sums, latent, BIAS_SUM, of_bias)
        _add(work.sums, latent, ACTIVITY_SUM, activity)
        _add(work.sums, latent, ALIVE_SUM, alive)


@compiled
def _pull_back_jump(
    size: Size, work: Workspace, block: int, penalty: float, bandwidth: float
) -> None:
    """The threshold's derivative is estimated through a rectangle around it.

    Equations 11 and 12 of Rajamanoharan et al. (2024b); that of log θ has a further factor θ.
    """
    start = block * size.latent_block
    share = load(work.share, block * VECTOR_WIDTH)
    of_step = broadcast(np.float32(penalty)) * share
    half = broadcast(np.float32(bandwidth / 2))
    height = broadcast(np.float32(-1.0 / bandwidth))
    for latent in range(size.latents):
        at = start + latent * VECTOR_WIDTH
        is_active = zeros() < load(work.active, at)
        threshold = load_broadcast(work.grown, latent)
        is_near = absolute(load(work.before, at) - threshold) < half
        pulled = load(work.pulled, latent * VECTOR_WIDTH)
        pushed = height * threshold * fused_multiply_add(threshold, pulled, of_step)
        slope = choose(is_active, pulled, zeros())
        store(work.before, at, slope)
        _add(work.sums, latent, BIAS_SUM, slope)
        _add(work.sums, latent, SECOND_SUM, choose(is_near, pushed, zeros()))
        _add(work.sums, latent, ALIVE_SUM, choose(is_active, share, zeros()))


@compiled
def _pull_back_gated(size: Size, work: Workspace, parameters: Pointer, block: int) -> None:
    """Magnitudes learn from the reconstruction, gates from their own one and the penalty."""
    start = block * size.latent_block
    share = load(work.share, block * VECTOR_WIDTH)
    for latent in range(size.latents):
        at = start + latent * VECTOR_WIDTH
        gate, projected = load(work.gate, at), load(work.before, at)
        is_active = zeros() < load(work.active, at)
        scale = load_broadcast(work.grown, latent)
        pulled = load(work.pulled, latent * VECTOR_WIDTH)
        of_gate = load(work.pulled, (size.latents + latent) * VECTOR_WIDTH)
        pushed = fused_multiply_add(share, load_broadcast(work.norm, latent), of_gate)
        slope = choose(zeros() < gate, pushed, zeros())
        of_magnitude = choose(is_active, pulled, zeros())
        scaled = of_magnitude * scale
        store(work.before, at, slope + scaled)
        _add(work.sums, latent, BIAS_SUM, slope)
        _add(work.sums, latent, SECOND_SUM, of_magnitude)
        _add(work.sums, latent, THIRD_SUM, scaled * projected)
        _add(work.sums, latent, ACTIVITY_SUM, share * gate)
        _add(work.sums, latent, ALIVE_SUM, choose(is_active, share, zeros()))


@inlined
def _sum(work: Workspace, latent: int, which: int) -> float:
    return sum_of(load(work.sums, (latent * SUMS + which) * VECTOR_WIDTH))


@folded
def sum_gradient(
    size: Size, objective: Objective, work: Workspace, parameters: Pointer, blocks: int
) -> None:
    """The gradient of the step, from the blocks and the sums of latents."""
    if objective.activation != JUMP_RELU and objective.activation != GATED:
        _sum_relu(size, work, blocks)
    for index in range(size.parameter_count):
        work.gradient[index] = np.float32(0.0)
    is_wide = are_few_rows(size, blocks)
    if is_wide:
        turn_errors(size, work, blocks * objective.prefixes.size)
    part, part_of_rows = blocks * size.hidden_block, blocks * VECTOR_WIDTH * size.row
    begin = 0
    for q in range(objective.prefixes.size):
        end = objective.prefixes[q]
        if is_wide:
            rows = advanced(work.error_rows, q * part_of_rows)
            for latent in range(begin, end):
                sum_wide_matrices(size, work, parameters, latent, rows, blocks)
        else:
            _sum_matrices(size, work, begin, end, advanced(work.error, q * part), blocks)
        for latent in range(begin, end):
            _add_penalty_of_norm(size, work, parameters, latent)
        begin = end
    _sum_vectors(size, objective, work)
    if objective.trains_bias:
        _sum_bias(size, objective, work, parameters, blocks)


@compiled
def _sum_matrices(
    size: Size, work: Workspace, begin: int, end: int, error: Pointer, blocks: int
) -> None:
    """The gradients of some latents' rows of the encoder and the decoder."""
    encoder = advanced(work.gradient, 0 if not size.tied else size.decoder)
    decoder = advanced(work.gradient, size.decoder)
    for latent in range(begin, end, TILE):
        count, row = min(TILE, end - latent), latent * size.row
        slopes = Matrix(
            advanced(work.before, latent * VECTOR_WIDTH), VECTOR_WIDTH, size.latent_block
        )
        _add_sums(size, work, slopes, count, work.centred, blocks, advanced(encoder, row))
        actives = Matrix(
            advanced(work.active, latent * VECTOR_WIDTH), VECTOR_WIDTH, size.latent_block
        )
        _add_sums(size, work, actives, count, error, blocks, advanced(decoder, row))


@compiled
def _add_sums(
    size: Size,
    work: Workspace,
    latents: Matrix,
    count: int,
    dimensions: Pointer,
    blocks: int,
    gradient: Pointer,
) -> None:
    """gradient[l, t] += Σ_rows latent l·dimension t, for a tile of latents."""
    sums, right = work.products, Matrix(dimensions, size.hidden_block, VECTOR_WIDTH)
    products = matrix_at(sums, size.row)
    set_product(products, repeated(work.nothing), count, size.hidden, latents, right, blocks)
    numbers = count * size.row
    whole = numbers - numbers % VECTOR_WIDTH
    for number in range(0, whole, VECTOR_WIDTH):
        found = sums_of_each(advanced(sums, number * VECTOR_WIDTH))
        store(gradient, number, load(gradient, number) + found)
    for number in range(whole, numbers):
        gradient[number] += sum_of(load(sums, number * VECTOR_WIDTH))


@compiled
def _add_penalty_of_norm(size: Size, work: Workspace, parameters: Pointer, latent: int) -> None:
    """The gradient of λ·mean(f)·‖d‖ with respect to d, which is λ·mean(f)·d/‖d‖."""
    if work.norm[latent] == 0.0:
        return
    decoder = advanced(parameters, size.decoder + latent * size.row)
    strength = _sum(work, latent, ACTIVITY_SUM) * work.norm[latent] / work.square[latent]
    gradient = advanced(work.gradient, size.decoder + latent * size.row)
    add_multiple(size, gradient, strength, decoder)


@inlined
def _sum_vectors(size: Size, objective: Objective, work: Workspace) -> None:
    vectors = advanced(work.gradient, size.vectors)
    for latent in range(size.latents):
        vectors[latent] = _sum(work, latent, BIAS_SUM)
        if objective.activation == JUMP_RELU or objective.activation == GATED:
            vectors[size.latents + latent] = _sum(work, latent, SECOND_SUM)
        if objective.activation == GATED:
            vectors[2 * size.latents + latent] = _sum(work, latent, THIRD_SUM)


@inlined
def _sum_bias(
    size: Size, objective: Objective, work: Workspace, parameters: Pointer, blocks: int
) -> None:
    """b_dec is added to the reconstruction, and taken from what the encoder reads."""
    encoder = advanced(parameters, size.decoder if size.tied else 0)
    gradient = advanced(work.gradient, size.bias)
    if are_few_rows(size, blocks):
        add_rows(size, work.error_rows, blocks, gradient)
    else:
        for dimension in range(size.hidden):
            total, at = zeros(), dimension * VECTOR_WIDTH
            for block in range(blocks):
                total = total + load(work.error, block * size.hidden_block + at)
            gradient[dimension] = sum_of(total)
    vectors = advanced(work.gradient, size.vectors)
    for latent in range(size.latents):
        slope = vectors[latent]
        if objective.activation == GATED:
            slope += work.grown[latent] * vectors[size.latents + latent]
        add_multiple(size, gradient, -slope, advanced(encoder, latent * size.row))
