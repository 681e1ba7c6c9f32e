"""One step of sixteen ReLU dictionaries: loss, gradient and optimiser.

The rows h of a step are few, the same at every step, and in a subspace of few dimensions: h = y·Q,
with an orthonormal basis Q. So whatever is needed of a decoder D (to which b_dec belongs, as the
direction of a latent that is always 1) are its coordinates inside, C = D·Qᵀ, and the products
P·Pᵀ of what it has outside, P = D − C·Q. The error of activations f is (f·C − y)·Q + f·P.
"""

from __future__ import annotations

import numpy as np

from superpos_core.engine.fused.compilation import compiled
from superpos_core.engine.fused.descent import descend
from superpos_core.engine.fused.dictionaries.bundles.matrices import (
    Matrix,
    add_product,
    copy,
    entry,
    fill,
    matrix_at,
    part_of,
    set_entry,
    transposed,
)
from superpos_core.engine.fused.dictionaries.bundles.memory import Bundle, Extent
from superpos_core.engine.fused.dictionaries.forward import positive
from superpos_core.engine.fused.dictionaries.layout import Objective, Size
from superpos_core.engine.fused.layout import Optimiser
from superpos_core.engine.fused.pointers import Pointer, advanced, load, store
from superpos_core.engine.fused.simd import (
    VECTOR_WIDTH,
    broadcast,
    choose,
    fused_multiply_add,
    square_root,
    zeros,
)


@compiled
def project(extent: Extent, size: Size, bundle: Bundle, basis: Matrix) -> None:
    """What the rows need of the matrices; the last row of ``basis`` becomes b_dec."""
    k, m, r = extent.latents, extent.hidden, extent.dimensions
    encoder = matrix_at(bundle.parameters, m)
    decoder = matrix_at(advanced(bundle.parameters, size.decoder * VECTOR_WIDTH), m)
    copy(part_of(decoder, k, 0), 1, m, part_of(basis, r, 0))
    fill(bundle.encoded, k, r + 1, zeros())
    add_product(bundle.encoded, k, r + 1, encoder, transposed(basis), m)
    fill(bundle.inside, k + 1, r, zeros())
    add_product(bundle.inside, k + 1, r, decoder, transposed(basis), m)
    for latent in range(k + 1):
        for dimension in range(r):
            value = zeros() - entry(bundle.inside, latent, dimension)
            set_entry(bundle.minus_inside, latent, dimension, value)
    copy(decoder, k + 1, m, bundle.outside)
    add_product(bundle.outside, k + 1, m, bundle.minus_inside, basis, r)
    fill(bundle.products, k + 1, k + 1, zeros())
    add_product(bundle.products, k + 1, k + 1, bundle.outside, transposed(bundle.outside), m)
    for latent in range(k):
        square = entry(bundle.products, latent, latent)
        for dimension in range(r):
            value = entry(bundle.inside, latent, dimension)
            square = fused_multiply_add(value, value, square)
        store(bundle.norm, latent * VECTOR_WIDTH, square_root(square))


@compiled
def activate(extent: Extent, size: Size, bundle: Bundle, coordinates: Matrix, rows: int) -> None:
    """Activations and errors of the rows."""
    k, r = extent.latents, extent.dimensions
    for latent in range(k):
        bias = load(bundle.parameters, (size.vectors + latent) * VECTOR_WIDTH)
        for row in range(rows):
            set_entry(bundle.before, row, latent, bias)
    add_product(bundle.before, rows, k, coordinates, transposed(bundle.encoded), r + 1)
    for row in range(rows):
        for latent in range(k):
            set_entry(bundle.active, row, latent, positive(entry(bundle.before, row, latent)))
        set_entry(bundle.active, row, k, broadcast(np.float32(1.0)))
        for dimension in range(r):
            value = zeros() - entry(coordinates, row, dimension)
            set_entry(bundle.errors, row, dimension, value)
    add_product(bundle.errors, rows, r, bundle.active, bundle.inside, k + 1)
    fill(bundle.pulled, rows, k + 1, zeros())
    add_product(bundle.pulled, rows, k + 1, bundle.active, bundle.products, k + 1)


@compiled
def add_loss(extent: Extent, bundle: Bundle, rows: int, loss: Pointer) -> None:
    """The loss of all rows, from errors inside and outside of the subspace."""
    total = zeros()
    for row in range(rows):
        square = zeros()
        for dimension in range(extent.dimensions):
            error = entry(bundle.errors, row, dimension)
            square = fused_multiply_add(error, error, square)
        for latent in range(extent.latents + 1):
            active, pulled = entry(bundle.active, row, latent), entry(bundle.pulled, row, latent)
            square = fused_multiply_add(active, pulled, square)
        total = fused_multiply_add(load(bundle.share, row * VECTOR_WIDTH), square, total)
    store(loss, 0, total)


@compiled
def pull_back(extent: Extent, bundle: Bundle, rows: int, alive: Pointer) -> None:
    """Derivatives with respect to pre-activations; ``alive``, how many latents are active."""
    k, r = extent.latents, extent.dimensions
    add_product(bundle.pulled, rows, k, bundle.errors, transposed(bundle.inside), r)
    penalty, count = load(bundle.weight, 0), zeros()
    for latent in range(k):
        of_norm = penalty * load(bundle.norm, latent * VECTOR_WIDTH)
        activity = zeros()
        for row in range(rows):
            share = load(bundle.share, row * VECTOR_WIDTH)
            active = entry(bundle.active, row, latent)
            is_active, twice = zeros() < active, share + share
            pulled = entry(bundle.pulled, row, latent)
            slope = fused_multiply_add(twice, pulled, share * of_norm)
            set_entry(bundle.before, row, latent, choose(is_active, slope, zeros()))
            set_entry(bundle.weighted, row, latent, twice * active)
            activity = activity + choose(is_active, share, zeros())
        at = latent * VECTOR_WIDTH
        store(bundle.activity, at, load(bundle.activity, at) + activity)
        count = count + activity
    for row in range(rows):
        share = load(bundle.share, row * VECTOR_WIDTH)
        set_entry(bundle.weighted, row, k, share + share)
    store(alive, 0, count)


@compiled
def sum_over_rows(
    extent: Extent, objective: Objective, bundle: Bundle, coordinates: Matrix, rows: int
) -> None:
    """The gradient, as multiples of the basis and of what the decoder has outside of it."""
    k, r = extent.latents, extent.dimensions
    fill(bundle.of_encoder, k, r + 1, zeros())
    add_product(bundle.of_encoder, k, r + 1, transposed(bundle.before), coordinates, rows)
    weighted = transposed(bundle.weighted)
    fill(bundle.of_basis, k + 1, r, zeros())
    add_product(bundle.of_basis, k + 1, r, weighted, bundle.errors, rows)
    fill(bundle.of_outside, k + 1, k + 1, zeros())
    add_product(bundle.of_outside, k + 1, k + 1, weighted, bundle.active, rows)
    for latent in range(k):
        _add_multiple_of_direction(extent, objective, bundle, latent)


@compiled
def _add_multiple_of_direction(
    extent: Extent, objective: Objective, bundle: Bundle, latent: int
) -> None:
    """To the gradient of d: that of λ·mean(f)·‖d‖; minus its component along d of length 1."""
    norm = load(bundle.norm, latent * VECTOR_WIDTH)
    twice_mean = entry(bundle.of_outside, latent, extent.latents)
    half = broadcast(np.float32(0.5))
    strength = choose(
        zeros() < norm, half * load(bundle.weight, 0) * twice_mean / norm, zeros()
    )
    if objective.unit_norm:
        along = strength * norm * norm
        for dimension in range(extent.dimensions):
            slope = entry(bundle.of_basis, latent, dimension)
            along = fused_multiply_add(slope, entry(bundle.inside, latent, dimension), along)
        for other in range(extent.latents + 1):
            slope = entry(bundle.of_outside, latent, other)
            along = fused_multiply_add(slope, entry(bundle.products, other, latent), along)
        strength = strength - along
    for dimension in range(extent.dimensions):
        slope = entry(bundle.of_basis, latent, dimension)
        value = fused_multiply_add(strength, entry(bundle.inside, latent, dimension), slope)
        set_entry(bundle.of_basis, latent, dimension, value)
    own = entry(bundle.of_outside, latent, latent)
    set_entry(bundle.of_outside, latent, latent, own + strength)


@compiled
def follow_gradient(
    extent: Extent,
    size: Size,
    objective: Objective,
    bundle: Bundle,
    basis: Matrix,
    step: int,
    rate: float,
    optimiser: Optimiser,
) -> None:
    """The optimiser's step number ``step``, row by row, so that each stays in the nearest cache."""
    k, m, r = extent.latents, extent.hidden, extent.dimensions
    row = m * VECTOR_WIDTH
    slope = matrix_at(bundle.gradient, m)
    # That of b_dec first: it needs the encoder as it was.
    if objective.trains_bias:
        encoder = matrix_at(bundle.parameters, m)
        fill(slope, 1, m, zeros())
        _add_gradient_of_direction(extent, bundle, k, basis, slope)
        slopes = transposed(part_of(bundle.of_encoder, 0, r))  # minus those of b_enc
        add_product(slope, 1, m, slopes, encoder, k)
        _descend(bundle, size.bias * VECTOR_WIDTH, row, step, rate, optimiser)
    for latent in range(k):
        fill(slope, 1, m, zeros())
        add_product(slope, 1, m, part_of(bundle.of_encoder, latent, 0), basis, r + 1)
        _descend(bundle, latent * row, row, step, rate, optimiser)
        fill(slope, 1, m, zeros())
        _add_gradient_of_direction(extent, bundle, latent, basis, slope)
        start = size.decoder * VECTOR_WIDTH + latent * row
        _descend(bundle, start, row, step, rate, optimiser)
        if objective.unit_norm:
            _restore_length(advanced(bundle.parameters, start), row)
    for latent in range(k):
        value = zeros() - entry(bundle.of_encoder, latent, r)
        store(bundle.gradient, latent * VECTOR_WIDTH, value)
    start = size.vectors * VECTOR_WIDTH
    _descend(bundle, start, k * VECTOR_WIDTH, step, rate, optimiser)


@compiled
def _add_gradient_of_direction(
    extent: Extent, bundle: Bundle, latent: int, basis: Matrix, slope: Matrix
) -> None:
    m, r, k = extent.hidden, extent.dimensions, extent.latents
    add_product(slope, 1, m, part_of(bundle.of_basis, latent, 0), basis, r)
    add_product(slope, 1, m, part_of(bundle.of_outside, latent, 0), bundle.outside, k + 1)


@compiled
def _descend(
    bundle: Bundle, start: int, count: int, step: int, rate: float, optimiser: Optimiser
) -> None:
    descend(
        bundle.gradient,
        advanced(bundle.parameters, start),
        advanced(bundle.first_moment, start),
        advanced(bundle.second_moment, start),
        count,
        step,
        rate,
        optimiser,
    )


@compiled
def _restore_length(row: Pointer, count: int) -> None:
    """Scale a row to length 1."""
    one, square = broadcast(np.float32(1.0)), zeros()
    for index in range(0, count, VECTOR_WIDTH):
        value = load(row, index)
        square = fused_multiply_add(value, value, square)
    scale = choose(zeros() < square, one / square_root(square), one)
    for index in range(0, count, VECTOR_WIDTH):
        store(row, index, scale * load(row, index))
