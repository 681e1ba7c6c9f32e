"""The subspaces in which the rows of dictionaries are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.engine.fused.layout import Floats
from superpos_core.engine.fused.simd import VECTOR_WIDTH
from superpos_core.engine.fused.specialisation import padded
from superpos_core.engine.fused.workspace import aligned_memory


class Subspaces(NamedTuple):
    """Orthonormal bases of all lanes, and the rows in them; lanes are elements of vectors."""

    basis: Floats
    """(bundles, r, d, 16)"""
    coordinates: Floats
    """(bundles, rows, 1 + r, 16): the first is −1, the multiple of b_dec in h − b_dec"""

    @classmethod
    def of(cls, vectors: Sequence[FloatArray], dimensions: int) -> Subspaces:
        """Of rows (rows, d) of each lane, which are in subspaces of so many dimensions."""
        lanes, hidden = len(vectors), vectors[0].shape[1]
        bundles, rows = padded(lanes, VECTOR_WIDTH) // VECTOR_WIDTH, max(map(len, vectors))
        stacked = np.zeros((lanes, rows, hidden))
        for lane, own in enumerate(vectors):
            stacked[lane, : len(own)] = own
        left, scales, bases = np.linalg.svd(stacked, full_matrices=False)
        found = cls(_memory(bundles, dimensions, hidden), _memory(bundles, rows, 1 + dimensions))
        for lane in range(lanes):
            bundle, element = divmod(lane, VECTOR_WIDTH)
            found.basis[bundle, :, :, element] = bases[lane, :dimensions]
            within = left[lane, :, :dimensions] * scales[lane, :dimensions]
            found.coordinates[bundle, :, 1:, element] = within
            found.coordinates[bundle, :, 0, element] = -1.0
        return found


def _memory(bundles: int, rows: int, columns: int) -> Floats:
    shape = bundles, rows, columns, VECTOR_WIDTH
    return aligned_memory(int(np.prod(shape))).reshape(shape)
