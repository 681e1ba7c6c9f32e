"""The kernel's view of a lane's sizes, and the scratch memory of a thread."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from superpos_core.engine.fused.compilation import compiled
from superpos_core.engine.fused.layout import Floats, Layout
from superpos_core.engine.fused.pointers import advanced, as_words, pointer_to
from superpos_core.engine.fused.simd import VECTOR_WIDTH
from superpos_core.engine.fused.tiles import BLOCK_ROWS

CHUNK_BYTES = 64 * 1024
"""Target size of a chunk: it should stay in (or near) L1."""
MAX_CHUNK = 256  # rows
MIN_CHUNK = 128  # rows


class Size(NamedTuple):
    """Sizes of a lane, as the kernel uses them."""

    features: int
    hidden: int
    tied: bool
    padded_features: int
    padded_hidden: int
    feature_vectors: int
    """padded_features rounded up to whole vectors"""
    bias_start: int
    parameter_count: int
    chunk_blocks: int
    units: int
    """hidden units to compute, in whole tiles; beyond them this lane has no weights"""


class Workspace(NamedTuple):
    """Scratch memory of one thread."""

    x: Any
    """[block][feature][row]"""
    error: Any
    """[block][feature][row]: derivative with respect to the outputs before activation"""
    hidden: Any
    """[block][hidden][row]"""
    hidden_error: Any
    """[block][hidden][row]"""
    encoder_gradient: Any
    """[feature][hidden][lane of a vector]"""
    decoder_gradient: Any
    """the same; the encoder's own array when tied"""
    bias_gradient: Any
    """[feature][lane of a vector]"""
    loss: Any
    """[lane of a vector]"""
    penalty: Any
    """[lane of a vector], all equal: added to the derivative of positive hidden units"""
    weight: Any
    """[feature]: importance / (batch * features)"""
    gradient: Any
    """[parameter]"""
    awake: Any
    """[feature], uint32: indices of the features that are active in the current block

    (entries.py marks them instead)."""
    undisturbed: Any
    """[block][hidden][row]: hidden units before noise and dropout, in lanes that have any"""
    kept: Any
    """the same, what dropout multiplies them by"""


def size_of(layout: Layout) -> Size:
    """The kernel's view of a layout, with a chunk that fits the caches."""
    row_bytes = 8 * (layout.padded_features + layout.padded_hidden)
    rows = min(max(CHUNK_BYTES // row_bytes, MIN_CHUNK), MAX_CHUNK)
    return Size(
        layout.features,
        layout.hidden,
        layout.tied,
        layout.padded_features,
        layout.padded_hidden,
        layout.feature_vectors,
        layout.bias_start,
        layout.parameter_count,
        rows // BLOCK_ROWS,
        layout.padded_hidden,
    )


def workspace_memory(size: Size) -> NDArray[np.float32]:
    """Scratch memory for one thread that trains lanes of this size."""
    rows = size.chunk_blocks * BLOCK_ROWS
    matrix = size.padded_features * size.padded_hidden
    count = (
        2 * rows * (size.padded_features + size.padded_hidden)
        + (1 if size.tied else 2) * matrix * VECTOR_WIDTH
        + (size.padded_features + 2) * VECTOR_WIDTH
        + size.feature_vectors
        + size.parameter_count
        + size.features
        + 2 * rows * size.padded_hidden
    )
    return aligned_memory(count)


def aligned_memory(count: int) -> NDArray[np.float32]:
    """Floats that start at the beginning of a cache line, all 0."""
    memory = np.zeros(count + VECTOR_WIDTH, np.float32)
    start = -memory.ctypes.data % 64 // memory.itemsize
    return memory[start : start + count]


@compiled
def workspace_in(size: Size, memory: Floats) -> Workspace:
    """Divide the memory among the arrays."""
    rows = size.chunk_blocks * BLOCK_ROWS
    matrix = size.padded_features * size.padded_hidden * VECTOR_WIDTH
    x = pointer_to(memory, 0)
    error = advanced(x, rows * size.padded_features)
    hidden = advanced(error, rows * size.padded_features)
    hidden_error = advanced(hidden, rows * size.padded_hidden)
    encoder_gradient = advanced(hidden_error, rows * size.padded_hidden)
    decoder_gradient = advanced(encoder_gradient, 0 if size.tied else matrix)
    bias_gradient = advanced(decoder_gradient, matrix)
    loss = advanced(bias_gradient, size.padded_features * VECTOR_WIDTH)
    penalty = advanced(loss, VECTOR_WIDTH)
    weight = advanced(penalty, VECTOR_WIDTH)
    gradient = advanced(weight, size.feature_vectors)
    awake = advanced(gradient, size.parameter_count)
    undisturbed = advanced(awake, size.features)
    return Workspace(
        x,
        error,
        hidden,
        hidden_error,
        encoder_gradient,
        decoder_gradient,
        bias_gradient,
        loss,
        penalty,
        weight,
        gradient,
        as_words(awake),
        undisturbed,
        advanced(undisturbed, rows * size.padded_hidden),
    )
