"""The gradient of a step from rays (ray_rows.py): chunks of rays, blocks of features.

Hidden units and the products with the decoder are computed once per ray; only the comparison of
outputs with targets is computed for each row. All derivatives are of half the loss;
`finish_gradient` supplies the factor 2.
"""

from __future__ import annotations

import numpy as np

from superpos_core.engine.fused.activations import (
    activate_hidden,
    activate_output,
    pull_back_hidden,
    pull_back_output,
    target_of,
)
from superpos_core.engine.fused.compilation import compiled, folded
from superpos_core.engine.fused.gradients import add_empty_rows, clear
from superpos_core.engine.fused.pointers import Pointer, load, load_broadcast, store
from superpos_core.engine.fused.ray_memory import RaySize, RayWorkspace
from superpos_core.engine.fused.simd import VECTOR_WIDTH, fused_multiply_add, zeros
from superpos_core.engine.fused.specialisation import Specialisation
from superpos_core.engine.fused.sums import sum_of
from superpos_core.engine.fused.tiles import (
    BLOCK_ROWS,
    BLOCK_VECTORS,
    add_outer_products,
    add_to_gradient,
    feature_tile,
    feature_zeros,
    gradient_tile,
    gradient_zeros,
    hidden_tile,
    hidden_zeros,
    load_tile,
    store_tile,
    weighted_sums,
)


@compiled
def start_ray_step(rays: RaySize, work: RayWorkspace, decoder: Pointer, bias: Pointer) -> None:
    """Copy the decoder into blocks, and the bias; clear what is summed up."""
    hidden = rays.size.padded_hidden
    for feature in range(rays.size.features):
        start = _first_of(feature, hidden)
        for k in range(rays.size.units):
            work.decoder[start + k * BLOCK_ROWS] = decoder[feature * hidden + k]
        work.bias[feature] = bias[feature]
    clear(work.decoder_gradient, rays.blocks * hidden * BLOCK_ROWS)
    clear(work.bias_gradient, rays.blocks * BLOCK_ROWS)
    clear(work.gradient, rays.size.parameter_count)
    store(work.loss, 0, zeros())


@folded
def _first_of(feature: int, hidden: int) -> int:
    """The offset of a feature's first hidden unit in blocks."""
    return feature // BLOCK_ROWS * hidden * BLOCK_ROWS + feature % BLOCK_ROWS


@folded
def learn_from_rays(
    specialisation: Specialisation,
    rays: RaySize,
    work: RayWorkspace,
    encoder: Pointer,
    first: int,
    count: int,
) -> None:
    """Add up the gradients of a chunk of `count` rays from the first one on."""
    tile = feature_tile(specialisation)
    tiled = (count + tile - 1) // tile * tile
    _encode_rays(specialisation, rays, work, encoder, first, count, tiled)
    _compare_rays(specialisation, rays, work, first, count, tiled)
    _pull_back_rays(specialisation, rays, work, tiled)
    _add_encoder_gradients(specialisation, rays, work, first, count)


@compiled
def _encode_rays(
    specialisation: Specialisation,
    rays: RaySize,
    work: RayWorkspace,
    encoder: Pointer,
    first: int,
    count: int,
    tiled: int,
) -> None:
    """Directions and their hidden units; those of padding are 0."""
    hidden, features = rays.size.padded_hidden, rays.blocks * BLOCK_ROWS
    clear(work.hidden, tiled * hidden)
    for ray in range(count):
        start = ray * hidden
        for part in range(work.ray_part[first + ray], work.ray_part[first + ray + 1]):
            feature, value = np.int64(work.part_feature[part]), work.part_value[part]
            work.direction[ray * features + feature] = value
            row = feature * hidden
            for k in range(rays.size.units):
                work.hidden[start + k] += value * encoder[row + k]
    for index in range(0, tiled * hidden, VECTOR_WIDTH):
        store(work.hidden, index, activate_hidden(specialisation, load(work.hidden, index)))


@compiled
def _compare_rays(
    specialisation: Specialisation,
    rays: RaySize,
    work: RayWorkspace,
    first: int,
    count: int,
    tiled: int,
) -> None:
    """Block by block: outputs, errors, and the gradients of decoder and bias."""
    hidden = rays.size.padded_hidden
    for block in range(rays.blocks):
        units, outputs = block * hidden * BLOCK_ROWS, block * rays.chunk * BLOCK_ROWS
        for ray in range(0, tiled, feature_tile(specialisation)):
            tile = weighted_sums(
                feature_zeros(specialisation),
                work.decoder,
                units,
                rays.size.units,
                work.hidden,
                ray * hidden,
                1,
                hidden,
            )
            store_tile(tile, work.error, outputs + ray * BLOCK_ROWS)
        _compare_block(specialisation, rays, work, first, count, block)
        for k in range(0, rays.size.units, hidden_tile(specialisation)):
            at = units + k * BLOCK_ROWS
            before = load_tile(hidden_zeros(specialisation), work.decoder_gradient, at)
            tile = weighted_sums(before, work.error, outputs, tiled, work.hidden, k, hidden, 1)
            store_tile(tile, work.decoder_gradient, at)


@compiled
def _compare_block(
    specialisation: Specialisation,
    rays: RaySize,
    work: RayWorkspace,
    first: int,
    count: int,
    block: int,
) -> None:
    """Turn the outputs of directions into derivatives, summed over the rows of each ray."""
    loss, features = load(work.loss, 0), rays.blocks * BLOCK_ROWS
    for vector in range(0, BLOCK_VECTORS * VECTOR_WIDTH, VECTOR_WIDTH):
        feature = block * BLOCK_ROWS + vector
        offset, weight = load(work.bias, feature), load(work.weight, feature)
        bias_gradient = load(work.bias_gradient, feature)
        for ray in range(count):
            at = (block * rays.chunk + ray) * BLOCK_ROWS + vector
            slope = load(work.error, at)
            direction = load(work.direction, ray * features + feature)
            total = zeros()
            for row in range(work.ray_scale[first + ray], work.ray_scale[first + ray + 1]):
                scale = load_broadcast(work.scale, np.int64(row))
                z = fused_multiply_add(scale, slope, offset)
                output = activate_output(specialisation, z)
                difference = output - target_of(specialisation, scale * direction)
                weighted = weight * difference
                loss = fused_multiply_add(weighted, difference, loss)
                error = pull_back_output(specialisation, z, output, weighted)
                bias_gradient = bias_gradient + error
                total = fused_multiply_add(scale, error, total)
            store(work.error, at, total)
        store(work.bias_gradient, feature, bias_gradient)
    store(work.loss, 0, loss)


@compiled
def _pull_back_rays(
    specialisation: Specialisation, rays: RaySize, work: RayWorkspace, tiled: int
) -> None:
    """hidden_error = (error @ decoder) * hidden_activation'."""
    hidden, row = rays.size.padded_hidden, hidden_tile(specialisation) * VECTOR_WIDTH
    for k in range(0, rays.size.units, hidden_tile(specialisation)):
        for ray in range(0, tiled, gradient_tile(specialisation)):
            tile = gradient_zeros(specialisation)
            for block in range(rays.blocks):
                tile = add_outer_products(
                    specialisation,
                    tile,
                    work.error,
                    (block * rays.chunk + ray) * BLOCK_ROWS,
                    work.decoder,
                    (block * hidden + k) * BLOCK_ROWS,
                )
            clear(work.sums, gradient_tile(specialisation) * row)
            add_to_gradient(specialisation, tile, work.sums, 0, row)
            for each in range(gradient_tile(specialisation)):
                for unit in range(hidden_tile(specialisation)):
                    total = sum_of(load(work.sums, each * row + unit * VECTOR_WIDTH))
                    work.hidden_error[(ray + each) * hidden + k + unit] = total
    for index in range(0, tiled * hidden, VECTOR_WIDTH):
        value, error = load(work.hidden, index), load(work.hidden_error, index)
        store(work.hidden_error, index, pull_back_hidden(specialisation, value, value, error))


@compiled
def _add_encoder_gradients(
    specialisation: Specialisation, rays: RaySize, work: RayWorkspace, first: int, count: int
) -> None:
    """encoder += direction * hidden_error for each ray; directions become 0 again."""
    hidden, features = rays.size.padded_hidden, rays.blocks * BLOCK_ROWS
    for ray in range(count):
        if work.penalty[0] != 0.0:
            _penalise_ray(rays, work, first + ray, ray * hidden)
        for part in range(work.ray_part[first + ray], work.ray_part[first + ray + 1]):
            feature, value = np.int64(work.part_feature[part]), work.part_value[part]
            work.direction[ray * features + feature] = np.float32(0.0)
            row = feature * hidden
            for k in range(rays.size.units):
                work.gradient[row + k] += value * work.hidden_error[ray * hidden + k]


@compiled
def _penalise_ray(rays: RaySize, work: RayWorkspace, ray: int, start: int) -> None:
    """hidden_error += penalty * Σ |scale| * sign(hidden)."""
    total = np.float32(0.0)
    for row in range(work.ray_scale[ray], work.ray_scale[ray + 1]):
        total += abs(work.scale[np.int64(row)])
    for k in range(start, start + rays.size.units):
        push = np.float32(np.sign(work.hidden[k]))
        work.hidden_error[k] += work.penalty[0] * total * push


@compiled
def finish_ray_gradient(
    specialisation: Specialisation,
    rays: RaySize,
    work: RayWorkspace,
    bias: Pointer,
    empty_rows: int,
) -> float:
    """Complete the gradient, with the factor 2 omitted so far; returns the loss of the step."""
    size = rays.size
    hidden, matrix = size.padded_hidden, size.padded_features * size.padded_hidden
    decoder = 0 if size.tied else matrix
    for feature in range(size.features):
        start, row = _first_of(feature, hidden), decoder + feature * hidden
        for k in range(rays.size.units):
            work.gradient[row + k] += work.decoder_gradient[start + k * BLOCK_ROWS]
        work.gradient[size.bias_start + feature] = work.bias_gradient[feature]
    for index in range(0, size.parameter_count, VECTOR_WIDTH):
        half = load(work.gradient, index)
        store(work.gradient, index, half + half)
    loss = sum_of(load(work.loss, 0))
    if empty_rows != 0:
        loss += add_empty_rows(specialisation, size, work, bias, empty_rows)
    return loss
