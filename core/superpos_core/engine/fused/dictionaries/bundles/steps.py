"""One step of sixteen ReLU dictionaries: loss, gradient and optimiser.

The rows h of a step are few, the same at every step, and in a subspace of few dimensions: h = y·Q,
with an orthonormal basis Q. So all that is needed of a decoder D (to which b_dec belongs, as the
direction of a latent that is always 1) is its coordinates inside, C = D·Qᵀ, and the products P·Pᵀ
of what it has outside, P = D − C·Q. The error of activations f is (f·C − y)·Q + f·P.
"""

from __future__ import annotations

import numpy as np

from superpos_core.engine.fused.compilation import compiled
from superpos_core.engine.fused.descent import descend
from superpos_core.engine.fused.dictionaries.bundles.memory import Bundle, Extent
from superpos_core.engine.fused.dictionaries.forward import positive
from superpos_core.engine.fused.dictionaries.layout import Objective, Size
from superpos_core.engine.fused.dictionaries.matrices import (
    Matrix,
    copy,
    entry,
    matrix_at,
    part_of,
    set_entry,
    set_product,
    transposed,
)
from superpos_core.engine.fused.layout import Optimiser
from superpos_core.engine.fused.pointers import Pointer, advanced, load, store
from superpos_core.engine.fused.simd import (
    VECTOR_WIDTH,
    Floats16,
    anywhere,
    broadcast,
    choose,
    fused_multiply_add,
    square_root,
    zeros,
)

CANCELLED = 0.01
"""The part of Σ f²·‖p‖², over rows p of P, below which f·P·Pᵀ·fᵀ is little but rounding."""


@compiled
def project(extent: Extent, size: Size, bundle: Bundle) -> None:
    """What the rows need of encoder and decoder, and all of the frame but the basis."""
    k, m, r = extent.latents, extent.hidden, extent.dimensions
    encoder = matrix_at(bundle.parameters, m)
    decoder = matrix_at(advanced(bundle.parameters, size.decoder * VECTOR_WIDTH), m)
    frame, nothing = bundle.frame, bundle.nothing
    copy(part_of(decoder, k, 0), 1, m, frame)
    set_product(bundle.encoded, nothing, k, 1 + r, encoder, transposed(frame), m)
    basis, outside = part_of(frame, 1, 0), part_of(frame, 1 + r, 0)
    set_product(bundle.inside, nothing, k + 1, r, decoder, transposed(basis), m)
    for latent in range(k + 1):
        for dimension in range(r):
            value = zeros() - entry(bundle.inside, latent, dimension)
            set_entry(bundle.minus_inside, latent, dimension, value)
    set_product(outside, decoder, k + 1, m, bundle.minus_inside, basis, r)
    set_product(bundle.products, nothing, k + 1, k + 1, outside, transposed(outside), m)
    for latent in range(k):
        square = entry(bundle.products, latent, latent)
        for dimension in range(r):
            value = entry(bundle.inside, latent, dimension)
            square = fused_multiply_add(value, value, square)
        store(bundle.norm, latent * VECTOR_WIDTH, square_root(square))


@compiled
def activate(extent: Extent, size: Size, bundle: Bundle, coordinates: Matrix, rows: int) -> None:
    """Activations, errors inside the subspace, and products of those outside with the decoder."""
    k, r = extent.latents, extent.dimensions
    biases = Matrix(advanced(bundle.parameters, size.vectors * VECTOR_WIDTH), 0, VECTOR_WIDTH)
    encoded = transposed(bundle.encoded)
    set_product(bundle.before, biases, rows, k, coordinates, encoded, 1 + r)
    for row in range(rows):
        for latent in range(k):
            set_entry(bundle.active, row, latent, positive(entry(bundle.before, row, latent)))
        set_entry(bundle.active, row, k, broadcast(np.float32(1.0)))
        for dimension in range(r):
            value = zeros() - entry(coordinates, row, 1 + dimension)
            set_entry(bundle.errors, row, dimension, value)
    set_product(bundle.errors, bundle.errors, rows, r, bundle.active, bundle.inside, k + 1)
    set_product(bundle.pulled, bundle.nothing, rows, k + 1, bundle.active, bundle.products, k + 1)


@compiled
def fill_loss(extent: Extent, bundle: Bundle, rows: int, loss: Pointer) -> None:
    """The loss of all rows, from errors inside and outside of the subspace."""
    products, part, total = bundle.products, broadcast(np.float32(CANCELLED)), zeros()
    for row in range(rows):
        inside, outside, squares = zeros(), zeros(), zeros()
        for dimension in range(extent.dimensions):
            error = entry(bundle.errors, row, dimension)
            inside = fused_multiply_add(error, error, inside)
        for latent in range(extent.latents + 1):
            active, square = entry(bundle.active, row, latent), entry(products, latent, latent)
            outside = fused_multiply_add(active, entry(bundle.pulled, row, latent), outside)
            squares = fused_multiply_add(active * active, square, squares)
        is_cancelled = inside + outside < part * squares
        if anywhere(is_cancelled):
            outside = choose(is_cancelled, _square_outside(extent, bundle, row), outside)
        share = load(bundle.share, row * VECTOR_WIDTH)
        total = fused_multiply_add(share, inside + outside, total)
    store(loss, 0, total)


@compiled
def _square_outside(extent: Extent, bundle: Bundle, row: int) -> Floats16:
    """The squared length of a row's error outside of the subspace, from the error itself."""
    square, outside = zeros(), part_of(bundle.frame, 1 + extent.dimensions, 0)
    for dimension in range(extent.hidden):
        error = zeros()
        for latent in range(extent.latents + 1):
            active = entry(bundle.active, row, latent)
            error = fused_multiply_add(active, entry(outside, latent, dimension), error)
        square = fused_multiply_add(error, error, square)
    return square


@compiled
def pull_back(extent: Extent, bundle: Bundle, rows: int, alive: Pointer) -> None:
    """Derivatives with respect to pre-activations; fills ``alive``, how many latents are active."""
    k, r = extent.latents, extent.dimensions
    inside = transposed(bundle.inside)
    set_product(bundle.pulled, bundle.pulled, rows, k, bundle.errors, inside, r)
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
    """The gradient, as multiples of rows of the frame."""
    k, r, nothing = extent.latents, extent.dimensions, bundle.nothing
    slopes, weighted = transposed(bundle.before), transposed(bundle.weighted)
    set_product(bundle.of_encoder, nothing, k, 1 + r, slopes, coordinates, rows)
    set_product(bundle.of_decoder, nothing, k + 1, r, weighted, bundle.errors, rows)
    outside = part_of(bundle.of_decoder, 0, r)
    set_product(outside, nothing, k + 1, k + 1, weighted, bundle.active, rows)
    for latent in range(k):
        _add_multiple_of_direction(extent, objective, bundle, latent)


@compiled
def _add_multiple_of_direction(
    extent: Extent, objective: Objective, bundle: Bundle, latent: int
) -> None:
    """Add to the gradient of d that of λ·mean(f)·‖d‖, which is λ·mean(f)·d/‖d‖.

    If d has length 1, the component of the gradient along d is taken away.
    """
    k, r, of_decoder = extent.latents, extent.dimensions, bundle.of_decoder
    norm = load(bundle.norm, latent * VECTOR_WIDTH)
    mean = broadcast(np.float32(0.5)) * entry(of_decoder, latent, r + k)
    strength = choose(zeros() < norm, load(bundle.weight, 0) * mean / norm, zeros())
    if objective.unit_norm:
        along = strength * norm * norm
        for dimension in range(r):
            slope = entry(of_decoder, latent, dimension)
            along = fused_multiply_add(slope, entry(bundle.inside, latent, dimension), along)
        for other in range(k + 1):
            slope = entry(of_decoder, latent, r + other)
            along = fused_multiply_add(slope, entry(bundle.products, other, latent), along)
        strength = strength - along
    for dimension in range(r):
        slope = entry(of_decoder, latent, dimension)
        value = fused_multiply_add(strength, entry(bundle.inside, latent, dimension), slope)
        set_entry(of_decoder, latent, dimension, value)
    set_entry(of_decoder, latent, r + latent, entry(of_decoder, latent, r + latent) + strength)


@compiled
def fill_gradient(extent: Extent, size: Size, objective: Objective, bundle: Bundle) -> None:
    """The gradient of all parameters, of b_dec only if it is trained."""
    k, m, r = extent.latents, extent.hidden, extent.dimensions
    frame, nothing, of_encoder = bundle.frame, bundle.nothing, bundle.of_encoder
    slope = matrix_at(bundle.gradient, m)
    set_product(slope, nothing, k, m, of_encoder, frame, 1 + r)
    slope = matrix_at(advanced(bundle.gradient, size.decoder * VECTOR_WIDTH), m)
    trained = k + 1 if objective.trains_bias else k
    set_product(slope, nothing, trained, m, bundle.of_decoder, part_of(frame, 1, 0), r + k + 1)
    if objective.trains_bias:
        encoder, slope = matrix_at(bundle.parameters, m), part_of(slope, k, 0)
        # The first column holds minus the slopes of b_enc.
        set_product(slope, slope, 1, m, transposed(of_encoder), encoder, k)
    for latent in range(k):
        value = zeros() - entry(of_encoder, latent, 0)
        store(bundle.gradient, (size.vectors + latent) * VECTOR_WIDTH, value)


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
    if objective.unit_norm:
        decoder = matrix_at(advanced(bundle.parameters, size.decoder * VECTOR_WIDTH), extent.hidden)
        for latent in range(extent.latents):
            _restore_length(part_of(decoder, latent, 0), extent.hidden)


@compiled
def _restore_length(direction: Matrix, dimensions: int) -> None:
    """Scale one row to length 1."""
    one, square = broadcast(np.float32(1.0)), zeros()
    for dimension in range(dimensions):
        value = entry(direction, 0, dimension)
        square = fused_multiply_add(value, value, square)
    scale = choose(zeros() < square, one / square_root(square), one)
    for dimension in range(dimensions):
        set_entry(direction, 0, dimension, scale * entry(direction, 0, dimension))
