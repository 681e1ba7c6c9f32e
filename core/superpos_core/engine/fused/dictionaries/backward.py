"""Backward: derivatives with respect to pre-activations, and sums of them over rows."""

from __future__ import annotations

import numpy as np

from superpos_core.engine.fused.compilation import compiled, folded, inlined
from superpos_core.engine.fused.dictionaries.layout import (
    GATED,
    JUMP_RELU,
    Objective,
    Size,
)
from superpos_core.engine.fused.dictionaries.products import add_products
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

    Those of simple activations are summed later, by ``sum_latents``.
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


@folded
def sum_latents(size: Size, objective: Objective, work: Workspace, blocks: int) -> None:
    """Add to the sums of latents what ``pull_back_block`` has not."""
    if objective.activation != JUMP_RELU and objective.activation != GATED:
        _sum_relu(size, work, blocks)


@compiled
def _sum_relu(size: Size, work: Workspace, blocks: int) -> None:
    """One latent after the other: the sums stay in registers."""
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
