"""The matrices of a bundle, in the scratch memory of a thread."""

from __future__ import annotations

from typing import NamedTuple

from superpos_core.engine.fused.compilation import compiled
from superpos_core.engine.fused.dictionaries.matrices import Matrix, matrix_at, repeated
from superpos_core.engine.fused.layout import Floats
from superpos_core.engine.fused.pointers import Pointer, advanced, pointer_to
from superpos_core.engine.fused.simd import VECTOR_WIDTH


class Extent(NamedTuple):
    """Sizes that all dictionaries of a bundle have."""

    latents: int
    hidden: int
    dimensions: int
    """of the subspace in which all rows are"""
    rows: int
    """of a step, at most"""
    parameter_count: int


class Bundle(NamedTuple):
    """Scratch memory: k latents, m hidden dimensions, a subspace of r dimensions.

    Of matrices with k + 1 rows or columns, the last belongs to b_dec: it is like the direction of a
    latent that is always 1.
    """

    parameters: Pointer
    first_moment: Pointer
    second_moment: Pointer
    gradient: Pointer
    activity: Pointer
    """[latent]"""
    share: Pointer
    """[row]"""
    weight: Pointer
    """[1]: λ of each lane"""
    numbers: Pointer
    """[1]: the losses of a step, or how many latents are active, to be read one by one"""
    norm: Pointer
    """[latent]: ‖d‖"""
    nothing: Matrix
    """zeros, of any size"""
    frame: Matrix
    """(1 + r + k + 1, m): b_dec, the basis, and what the decoder has outside of the subspace"""
    encoded: Matrix
    """(k, 1 + r): products of the encoder with b_dec and the basis"""
    inside: Matrix
    """(k + 1, r): the decoder's coordinates in the subspace"""
    minus_inside: Matrix
    products: Matrix
    """(k + 1, k + 1): products with each other of what the decoder has outside"""
    before: Matrix
    """(rows, k): pre-activations, then the derivatives with respect to them"""
    active: Matrix
    """(rows, k + 1): activations"""
    weighted: Matrix
    """(rows, k + 1): activations, times 2·share"""
    errors: Matrix
    """(rows, r): coordinates of ĥ − h"""
    pulled: Matrix
    """(rows, k + 1): products of ĥ − h with the decoder"""
    of_encoder: Matrix
    """(k, 1 + r): the encoder's gradient, as multiples of rows of the frame"""
    of_decoder: Matrix
    """(k + 1, r + k + 1): the decoder's, as multiples of all but the first"""


def floats_of(extent: Extent) -> int:
    """How many numbers ``bundle_in`` divides."""
    k, m, r, rows = extent.latents, extent.hidden, extent.dimensions, extent.rows
    of_frame = (r + k + 2) * m
    of_matrices = k * (r + 1) * 2 + (k + 1) * (3 * r + 2 * (k + 1)) + of_frame
    of_rows = rows * (k + 3 * (k + 1) + r)
    vectors = 4 * extent.parameter_count + 2 * k + rows + 3 + of_matrices + of_rows
    return vectors * VECTOR_WIDTH


@compiled
def bundle_in(extent: Extent, memory: Floats) -> Bundle:
    """Divide the memory among the matrices."""
    k, r, count = extent.latents, extent.dimensions, extent.parameter_count * VECTOR_WIDTH
    parameters = pointer_to(memory, 0)
    first_moment = advanced(parameters, count)
    second_moment = advanced(first_moment, count)
    gradient = advanced(second_moment, count)
    activity = advanced(gradient, count)
    share = advanced(activity, k * VECTOR_WIDTH)
    weight = advanced(share, extent.rows * VECTOR_WIDTH)
    numbers = advanced(weight, VECTOR_WIDTH)
    norm = advanced(numbers, VECTOR_WIDTH)
    nothing = advanced(norm, k * VECTOR_WIDTH)
    frame = matrix_at(advanced(nothing, VECTOR_WIDTH), extent.hidden)
    encoded = matrix_at(_end(frame, r + k + 2), r + 1)
    inside = matrix_at(_end(encoded, k), r)
    minus_inside = matrix_at(_end(inside, k + 1), r)
    products = matrix_at(_end(minus_inside, k + 1), k + 1)
    before = matrix_at(_end(products, k + 1), k)
    active = matrix_at(_end(before, extent.rows), k + 1)
    weighted = matrix_at(_end(active, extent.rows), k + 1)
    errors = matrix_at(_end(weighted, extent.rows), r)
    pulled = matrix_at(_end(errors, extent.rows), k + 1)
    of_encoder = matrix_at(_end(pulled, extent.rows), r + 1)
    of_decoder = matrix_at(_end(of_encoder, k), r + k + 1)
    return Bundle(
        parameters,
        first_moment,
        second_moment,
        gradient,
        activity,
        share,
        weight,
        numbers,
        norm,
        repeated(nothing),
        frame,
        encoded,
        inside,
        minus_inside,
        products,
        before,
        active,
        weighted,
        errors,
        pulled,
        of_encoder,
        of_decoder,
    )


@compiled
def _end(matrix: Matrix, rows: int) -> Pointer:
    return advanced(matrix.entries, rows * matrix.row)
