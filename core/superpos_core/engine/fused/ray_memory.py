"""The scratch memory of a thread that trains on rays (ray_rows.py)."""

from __future__ import annotations

from typing import Any, NamedTuple

from superpos_core.engine.fused.compilation import compiled
from superpos_core.engine.fused.layout import Floats
from superpos_core.engine.fused.pointers import advanced, as_words, pointer_to
from superpos_core.engine.fused.simd import VECTOR_WIDTH
from superpos_core.engine.fused.specialisation import Tiles, padded
from superpos_core.engine.fused.tiles import BLOCK_ROWS
from superpos_core.engine.fused.workspace import Size, aligned_memory

CHUNK_BYTES = 640 * 1024
"""Target size of the outputs of a chunk of rays: fastest for 16,384 features, with 1 MiB of L2."""
MAX_CHUNK = 40  # rays


class RaySize(NamedTuple):
    """Sizes of the arrays below."""

    size: Size
    batch: int
    capacity: int
    """entries"""
    blocks: int
    """blocks of BLOCK_ROWS features"""
    chunk: int
    """rays processed together"""


class RayWorkspace(NamedTuple):
    """Scratch memory of one thread. A *block* holds BLOCK_ROWS features of some rays or units."""

    entry_value: Any
    """[entry], feature after feature; the other arrays of entries and rows are uint32"""
    entry_row: Any
    entry_feature: Any
    row_entries: Any
    """[row]: the number of its entries"""
    row_part: Any
    """[row]: where its next entry goes in the arrays of parts"""
    ray_part: Any
    """[ray + 1], uint32: where the parts of its direction start"""
    ray_scale: Any
    """[ray + 1], uint32: where its scales start"""
    part_feature: Any
    """[part], uint32"""
    part_value: Any
    """[part]"""
    scale: Any
    """[row with an active feature]"""
    hidden: Any
    """[ray][hidden] of the direction"""
    hidden_error: Any
    """[ray][hidden]: derivative of all rows of the ray"""
    direction: Any
    """[ray][feature]: all 0 between chunks"""
    error: Any
    """[block][ray][feature]: outputs of the direction, then their derivative"""
    decoder: Any
    """[block][hidden][feature]"""
    decoder_gradient: Any
    """[block][hidden][feature]"""
    bias: Any
    """[feature]"""
    bias_gradient: Any
    """[feature]"""
    weight: Any
    """[feature]: importance / (batch * features)"""
    sums: Any
    """[hidden error of a tile][lane of a vector]"""
    loss: Any
    """[lane of a vector]"""
    penalty: Any
    """[lane of a vector]"""
    gradient: Any
    """[parameter]"""


def ray_size_of(size: Size, tiles: Tiles, batch: int, capacity: int) -> RaySize:
    """The sizes for a batch with at most this many entries."""
    blocks = -(-size.feature_vectors // BLOCK_ROWS)
    rays = min(CHUNK_BYTES // (4 * blocks * BLOCK_ROWS), MAX_CHUNK)
    chunk = max(rays // tiles.features, 1) * tiles.features
    return RaySize(size, batch, padded(capacity, VECTOR_WIDTH), blocks, chunk)


def ray_floats(rays: RaySize) -> int:
    """The number of floats of scratch memory."""
    features = rays.blocks * BLOCK_ROWS
    hidden = rays.size.padded_hidden
    return (
        8 * (rays.capacity + VECTOR_WIDTH)
        + 2 * rays.batch
        + 2 * padded(rays.chunk * hidden, VECTOR_WIDTH)
        + 2 * rays.chunk * features
        + 2 * features * hidden
        + 3 * features
        + MAX_SUMS * VECTOR_WIDTH
        + 2 * VECTOR_WIDTH
        + rays.size.parameter_count
    )


MAX_SUMS = 25
"""Hidden errors in the largest tile."""


def ray_memory(rays: RaySize) -> Floats:
    """Scratch memory for one thread."""
    return aligned_memory(ray_floats(rays))


@compiled
def ray_workspace_in(rays: RaySize, memory: Floats) -> RayWorkspace:
    """Divide the memory among the arrays."""
    listed = rays.capacity + VECTOR_WIDTH
    features = rays.blocks * BLOCK_ROWS
    matrix = features * rays.size.padded_hidden
    units = -(-rays.chunk * rays.size.padded_hidden // VECTOR_WIDTH) * VECTOR_WIDTH
    entry_value = pointer_to(memory, 0)
    part_value = advanced(entry_value, listed)
    scale = advanced(part_value, listed)
    hidden = advanced(scale, listed)
    hidden_error = advanced(hidden, units)
    direction = advanced(hidden_error, units)
    error = advanced(direction, rays.chunk * features)
    decoder = advanced(error, rays.chunk * features)
    decoder_gradient = advanced(decoder, matrix)
    bias = advanced(decoder_gradient, matrix)
    bias_gradient = advanced(bias, features)
    weight = advanced(bias_gradient, features)
    sums = advanced(weight, features)
    loss = advanced(sums, MAX_SUMS * VECTOR_WIDTH)
    penalty = advanced(loss, VECTOR_WIDTH)
    gradient = advanced(penalty, VECTOR_WIDTH)
    words = as_words(advanced(gradient, rays.size.parameter_count))
    return RayWorkspace(
        entry_value,
        words,
        advanced(words, listed),
        advanced(words, 5 * listed),
        advanced(words, 5 * listed + rays.batch),
        advanced(words, 2 * listed),
        advanced(words, 3 * listed),
        advanced(words, 4 * listed),
        part_value,
        scale,
        hidden,
        hidden_error,
        direction,
        error,
        decoder,
        decoder_gradient,
        bias,
        bias_gradient,
        weight,
        sums,
        loss,
        penalty,
        gradient,
    )
