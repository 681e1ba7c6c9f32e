"""The gradient of a step, from its blocks and the sums of latents."""

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
from superpos_core.engine.fused.dictionaries.products import TILE, add_multiple
from superpos_core.engine.fused.dictionaries.wide import (
    add_rows,
    are_few_rows,
    sum_wide_matrices,
    turn_errors,
)
from superpos_core.engine.fused.dictionaries.workspace import (
    ACTIVITY_SUM,
    BIAS_SUM,
    SECOND_SUM,
    SUMS,
    THIRD_SUM,
    Workspace,
)
from superpos_core.engine.fused.pointers import Pointer, advanced, load, store
from superpos_core.engine.fused.simd import VECTOR_WIDTH, zeros
from superpos_core.engine.fused.sums import sum_of, sums_of_each


@inlined
def _sum(work: Workspace, latent: int, which: int) -> float:
    return sum_of(load(work.sums, (latent * SUMS + which) * VECTOR_WIDTH))


@folded
def sum_gradient(
    size: Size, objective: Objective, work: Workspace, parameters: Pointer, blocks: int
) -> None:
    """The gradient of the step, from the blocks and the sums of latents."""
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
