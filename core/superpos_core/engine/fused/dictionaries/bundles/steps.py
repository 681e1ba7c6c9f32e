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
def fill_gradient(
    extent: Extent, size: Size, objective: Objective, bundle: Bundle, basis: Matrix
) -> None:
    """The gradient of all parameters."""
    k, m, r = extent.latents, extent.hidden, extent.dimensions
    for index in range(0, extent.parameter_count * VECTOR_WIDTH, VECTOR_WIDTH):
        store(bundle.gradient, index, zeros())
    of_encoder = matrix_at(bundle.gradient, m)
    of_decoder = matrix_at(advanced(bundle.gradient, size.decoder * VECTOR_WIDTH), m)
    add_product(of_encoder, k, m, bundle.of_encoder, basis, r + 1)
    trained = k + 1 if objective.trains_bias else k
    add_product(of_decoder, trained, m, bundle.of_basis, basis, r)
    add_product(of_decoder, trained, m, bundle.of_outside, bundle.outside, k + 1)
    slopes = part_of(bundle.of_encoder, 0, r)  # minus those of b_enc
    if objective.trains_bias:
        encoder = matrix_at(bundle.parameters, m)
        add_product(part_of(of_decoder, k, 0), 1, m, transposed(slopes), encoder, k)
    for latent in range(k):
        slope = zeros() - entry(slopes, latent, 0)
        store(bundle.gradient, (size.vectors + latent) * VECTOR_WIDTH, slope)


@compiled
def follow_gradient(
    extent: Extent,
    size: Size,
    objective: Objective,
    bundle: Bundle,
    step: int,
    rate: float,
    optimiser: Optimiser,
) -> None:
    """The optimiser's step number ``step``, after which each d may have to have length 1 again."""
    descend(
        bundle.gradient,
        bundle.parameters,
        bundle.first_moment,
        bundle.second_moment,
        extent.parameter_count * VECTOR_WIDTH,
        step,
        rate,
        optimiser,
    )
    if not objective.unit_norm:
        return
    decoder = matrix_at(advanced(bundle.parameters, size.decoder * VECTOR_WIDTH), extent.hidden)
    one = broadcast(np.float32(1.0))
    for latent in range(extent.latents):
        square = zeros()
        for dimension in range(extent.hidden):
            value = entry(decoder, latent, dimension)
            square = fused_multiply_add(value, value, square)
        scale = choose(zeros() < square, one / square_root(square), one)
        for dimension in range(extent.hidden):
            set_entry(decoder, latent, dimension, scale * entry(decoder, latent, dimension))
