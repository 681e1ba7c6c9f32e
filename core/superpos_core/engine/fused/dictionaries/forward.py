"""Forward: rows into blocks, pre-activations, activations and errors."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np

from superpos_core.engine.fused.compilation import compiled, folded, inlined
from superpos_core.engine.fused.dictionaries.layout import (
    GATED,
    JUMP_RELU,
    RELU,
    Objective,
    Size,
)
from superpos_core.engine.fused.dictionaries.products import add_products, sum_of_squares
from superpos_core.engine.fused.dictionaries.workspace import Workspace
from superpos_core.engine.fused.pointers import Pointer, advanced, load, load_broadcast, store
from superpos_core.engine.fused.simd import (
    VECTOR_WIDTH,
    Floats16,
    choose,
    fused_multiply_add,
    zeros,
)
from superpos_core.engine.fused.transposition import transpose


@inlined
def prepare_latents(
    size: Size, objective: Objective, penalty: float, work: Workspace, parameters: Pointer
) -> None:
    """‖d‖² of each latent, λ·‖d‖ where the penalty is on f·‖d‖, and exp of a logarithm."""
    weighs_norm = objective.activation == RELU or objective.activation == GATED
    logarithm = size.vectors + size.latents * (2 if objective.activation == GATED else 1)
    for latent in range(size.latents):
        square = sum_of_squares(size, advanced(parameters, size.decoder + latent * size.row))
        norm = np.float32(penalty) * np.float32(sqrt(square))
        work.norm[latent] = norm if weighs_norm else np.float32(0.0)
        work.square[latent] = square
        if objective.activation == JUMP_RELU or objective.activation == GATED:
            work.grown[latent] = np.float32(exp(parameters[logarithm + latent]))


@compiled
def fill_rows(size: Size, work: Workspace, vectors: Pointer, rows: int) -> None:
    """Rows into blocks, and wide ones also one after the other; those that pad a block are 0."""
    for block in range(rows // VECTOR_WIDTH + 1):
        first = block * VECTOR_WIDTH
        left, hidden = rows - first, advanced(work.hidden, block * size.hidden_block)
        of_block = advanced(vectors, first * size.hidden)
        if (VECTOR_WIDTH - 1) * size.hidden + _whole(size) <= left * size.hidden:
            _turn_rows(size, work, of_block, hidden)
        else:
            _copy_rows(size, of_block, min(VECTOR_WIDTH, left), hidden)
    if size.wide:
        for row in range(rows):
            for dimension in range(size.hidden):
                work.rows[row * size.row + dimension] = vectors[row * size.hidden + dimension]


@compiled
def _copy_rows(size: Size, rows: Pointer, count: int, hidden: Pointer) -> None:
    """At most sixteen rows into a block, number by number."""
    for element in range(count):
        for dimension in range(size.hidden):
            hidden[dimension * VECTOR_WIDTH + element] = rows[element * size.hidden + dimension]
    for element in range(count, VECTOR_WIDTH):
        for dimension in range(size.hidden):
            hidden[dimension * VECTOR_WIDTH + element] = np.float32(0.0)


@inlined
def _whole(size: Size) -> int:
    """The numbers in the vectors that hold a row."""
    return (size.hidden + VECTOR_WIDTH - 1) // VECTOR_WIDTH * VECTOR_WIDTH


@compiled
def _turn_rows(size: Size, work: Workspace, rows: Pointer, hidden: Pointer) -> None:
    """Sixteen rows into a block; whole vectors of each are read."""
    for begin in range(0, size.hidden, VECTOR_WIDTH):
        transpose(advanced(rows, begin), size.hidden, work.turned, VECTOR_WIDTH)
        for dimension in range(min(VECTOR_WIDTH, size.hidden - begin)):
            vector = load(work.turned, dimension * VECTOR_WIDTH)
            store(hidden, (begin + dimension) * VECTOR_WIDTH, vector)


@compiled
def fill_shares(work: Workspace, shares: Pointer, rows: int, blocks: int) -> None:
    """The shares of the rows of a step; of rows that pad a block 0."""
    whole = rows - rows % VECTOR_WIDTH
    for row in range(0, whole, VECTOR_WIDTH):
        store(work.share, row, load(shares, row))
    for row in range(whole, rows):
        work.share[row] = shares[row]
    for row in range(rows, blocks * VECTOR_WIDTH):
        work.share[row] = np.float32(0.0)


@compiled
def fill_counts(work: Workspace, blocks: int, batch: int) -> None:
    """How often the rows occur."""
    for row in range(blocks * VECTOR_WIDTH):
        work.count[row] = np.uint32(work.share[row] * batch + 0.5)


@compiled
def centre_block(size: Size, work: Workspace, bias: Pointer, block: int) -> None:
    """centred = h − b_dec."""
    hidden = advanced(work.hidden, block * size.hidden_block)
    centred = advanced(work.centred, block * size.hidden_block)
    for dimension in range(size.hidden):
        at = dimension * VECTOR_WIDTH
        store(centred, at, load(hidden, at) - load_broadcast(bias, dimension))


@folded
def encode_block(
    size: Size, objective: Objective, work: Workspace, parameters: Pointer, block: int
) -> None:
    """before = centred @ encoder + b_enc, of gated dictionaries without a bias."""
    before = advanced(work.before, block * size.latent_block)
    for latent in range(size.latents):
        if objective.activation == GATED:
            store(before, latent * VECTOR_WIDTH, zeros())
        else:
            bias = load_broadcast(parameters, size.vectors + latent)
            store(before, latent * VECTOR_WIDTH, bias)
    centred = advanced(work.centred, block * size.hidden_block)
    encoder = advanced(parameters, size.decoder if size.tied else 0)
    add_products(before, size.latents, centred, size.hidden, encoder, size.row, 1)


@inlined
def positive(values: Floats16) -> Floats16:
    """ReLU."""
    return choose(zeros() < values, values, zeros())


@folded
def activate_block(
    size: Size, objective: Objective, work: Workspace, parameters: Pointer, block: int
) -> None:
    """active = f of each row by itself, before any selection."""
    start = block * size.latent_block
    if objective.activation == GATED:
        _activate_gated(size, work, parameters, start)
    else:
        _activate_simple(size, objective, work, start)


@compiled
def _activate_simple(size: Size, objective: Objective, work: Workspace, start: int) -> None:
    for latent in range(size.latents):
        at = start + latent * VECTOR_WIDTH
        before = load(work.before, at)
        if objective.activation == JUMP_RELU:
            is_above = load_broadcast(work.grown, latent) < before
            store(work.active, at, choose(is_above, before, zeros()))
        else:
            store(work.active, at, positive(before))


@compiled
def _activate_gated(size: Size, work: Workspace, parameters: Pointer, start: int) -> None:
    for latent in range(size.latents):
        at = start + latent * VECTOR_WIDTH
        projected = load(work.before, at)
        gate = positive(projected + load_broadcast(parameters, size.vectors + latent))
        offset = load_broadcast(parameters, size.vectors + size.latents + latent)
        scale = load_broadcast(work.grown, latent)
        magnitude = positive(fused_multiply_add(projected, scale, offset))
        store(work.gate, at, gate)
        store(work.active, at, choose(zeros() < gate, magnitude, zeros()))


@folded
def compare_block(
    size: Size,
    objective: Objective,
    work: Workspace,
    parameters: Pointer,
    block: int,
    blocks: int,
) -> None:
    """The derivatives 2·share·(ĥ − h) of each reconstruction, and the loss of the whole one.

    Of nested dictionaries, part q then holds the sum over all prefixes that contain the latents
    between prefix q − 1 and prefix q.
    """
    part = blocks * size.hidden_block
    error = advanced(work.error, block * size.hidden_block)
    active = advanced(work.active, block * size.latent_block)
    begin, last = 0, objective.prefixes.size - 1
    for q in range(objective.prefixes.size):
        for dimension in range(size.hidden):
            at = dimension * VECTOR_WIDTH
            if q == 0:
                negative = load(work.centred, block * size.hidden_block + at)
                store(error, at, zeros() - negative)
            else:
                store(error, q * part + at, load(error, (q - 1) * part + at))
        end = objective.prefixes[q]
        add_products(
            advanced(error, q * part),
            size.hidden,
            advanced(active, begin * VECTOR_WIDTH),
            end - begin,
            advanced(parameters, size.decoder + begin * size.row),
            1,
            size.row,
        )
        begin = end
    _weigh_errors(size, work, error, part, block, last)
    if objective.activation == GATED:
        _compare_gate(size, work, parameters, block, part)
    for q in range(last - 1, -1, -1):
        for dimension in range(size.hidden):
            at = q * part + dimension * VECTOR_WIDTH
            store(error, at, load(error, at) + load(error, at + part))


@compiled
def _compare_gate(size: Size, work: Workspace, parameters: Pointer, block: int, part: int) -> None:
    """The derivatives of what the gate's own values would reconstruct."""
    start = block * size.hidden_block
    error = advanced(work.error, part + start)
    for dimension in range(size.hidden):
        at = dimension * VECTOR_WIDTH
        store(error, at, zeros() - load(work.centred, start + at))
    gate = advanced(work.gate, block * size.latent_block)
    decoder = advanced(parameters, size.decoder)
    add_products(error, size.hidden, gate, size.latents, decoder, 1, size.row)
    _weigh(size, error, load(work.share, block * VECTOR_WIDTH))


@compiled
def _weigh_errors(
    size: Size, work: Workspace, error: Pointer, part: int, block: int, last: int
) -> None:
    """Errors become derivatives; those of the last part, of all latents, add to the loss."""
    share = load(work.share, block * VECTOR_WIDTH)
    for q in range(last):
        _weigh(size, advanced(error, q * part), share)
    square = _weigh(size, advanced(error, last * part), share)
    store(work.loss, 0, fused_multiply_add(share, square, load(work.loss, 0)))


@inlined
def _weigh(size: Size, error: Pointer, share: Floats16) -> Floats16:
    """error becomes 2·share·error; returns the squares of errors, summed over dimensions."""
    square, weight = zeros(), share + share
    for dimension in range(size.hidden):
        at = dimension * VECTOR_WIDTH
        value = load(error, at)
        square = fused_multiply_add(value, value, square)
        store(error, at, weight * value)
    return square
