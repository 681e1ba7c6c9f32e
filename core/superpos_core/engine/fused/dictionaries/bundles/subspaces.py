"""The subspaces in which the rows of dictionaries are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from superpos_core.engine.dictionaries.counted_rows import CountedRows
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
    def of(cls, lanes: Sequence[CountedRows], hidden: int) -> Subspaces:
        """Of the rows of each lane, in ``hidden`` dimensions."""
        dimensions = min(hidden, max(len(rows.spanning) for rows in lanes))
        most = max(len(rows.vectors) for rows in lanes)
        bundles = padded(len(lanes), VECTOR_WIDTH) // VECTOR_WIDTH
        found = cls(_memory(bundles, dimensions, hidden), _memory(bundles, most, 1 + dimensions))
        for lane, rows in enumerate(lanes):
            bundle, element = divmod(lane, VECTOR_WIDTH)
            # Orthonormal whatever the rank is, and never an error: rows may not be finite.
            columns = np.linalg.qr(rows.spanning.T.astype(np.float64)).Q
            count, own = len(rows.vectors), columns.shape[1]
            found.basis[bundle, :own, :, element] = columns.T
            found.coordinates[bundle, :, 0, element] = -1.0
            found.coordinates[bundle, :count, 1 : 1 + own, element] = rows.vectors @ columns
        return found


def _memory(bundles: int, rows: int, columns: int) -> Floats:
    shape = bundles, rows, columns, VECTOR_WIDTH
    return aligned_memory(int(np.prod(shape))).reshape(shape)
