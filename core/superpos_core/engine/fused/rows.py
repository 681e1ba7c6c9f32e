"""The rows of a step: drawn (sampling.py), or stored here.

The kernel has one interface to both: the rows of a lane, the number of a step's rows to compute,
and those rows, one block at a time. The implementation is chosen at compile time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numba.extending import overload
from numpy.typing import NDArray

from superpos_core.arrays import IntArray
from superpos_core.engine.fused.compilation import COMPILED, compiled
from superpos_core.engine.fused.layout import Floats
from superpos_core.engine.fused.pointers import Pointer, pointer_to, store
from superpos_core.engine.fused.sampling import draw_block, draw_count, row_sampler
from superpos_core.engine.fused.sampling_tables import is_sparse_enough
from superpos_core.engine.fused.simd import VECTOR_WIDTH, zeros
from superpos_core.engine.fused.specialisation import Specialisation
from superpos_core.engine.fused.tiles import BLOCK_ROWS


class GivenRows(NamedTuple):
    """The datasets of lanes: the non-zero entries of their rows, and the rows of each step.

    Non-empty rows come first in a step. If all steps have the same rows, they are stored once.
    """

    first: NDArray[np.int64]
    """(lanes, rows + 1): where a row starts, and the previous one ends, in the next two arrays"""
    feature: NDArray[np.uint32]
    value: NDArray[np.float32]
    sparse: NDArray[np.bool_]
    """(lanes,): whether so few features are active that skipping the others pays off"""
    batch: NDArray[np.int64]
    """(lanes,): rows per step, including empty ones"""
    order: NDArray[np.uint32]
    """(lanes, steps or 1, rows)"""
    occupied: NDArray[np.int64]
    """(lanes, steps or 1): the number of non-empty rows"""

    @classmethod
    def of(cls, datasets: Iterable[Floats]) -> GivenRows:
        """Rows (rows, features) of each lane, all of them at every step."""
        features, values, lengths, activity = [], [], [], []
        for data in datasets:
            row, feature = np.nonzero(data)
            features.append(feature.astype(np.uint32))
            values.append(data[row, feature].astype(np.float32))
            lengths.append(np.bincount(row, minlength=len(data)))
            occupied_rows = max(np.count_nonzero(lengths[-1]), 1)
            activity.append(np.count_nonzero(data, axis=0) / occupied_rows)
        first = np.zeros((len(lengths), 1 + max(len(each) for each in lengths)), np.int64)
        for lane, each in enumerate(lengths):
            first[lane, 1 : 1 + len(each)] = each
        first = np.cumsum(first.ravel()).reshape(first.shape)
        unordered = cls(
            first,
            np.concatenate(features),
            np.concatenate(values),
            is_sparse_enough(np.stack(activity)),
            np.zeros(0, np.int64),
            np.zeros((0, 0, 0), np.uint32),
            np.zeros((0, 0), np.int64),
        )
        return unordered.in_order([np.arange(len(each))[None] for each in lengths])

    def in_order(self, orders: Sequence[IntArray]) -> GivenRows:
        """The same datasets with the indices of each lane's rows, (steps, rows) or (1, rows)."""
        batch = np.array([rows.shape[1] for rows in orders])
        shape = (len(orders), max(len(rows) for rows in orders), int(batch.max()))
        order, occupied = np.zeros(shape, np.uint32), np.zeros(shape[:2], np.int64)
        for lane, rows in enumerate(orders):
            is_empty = np.diff(self.first[lane]) == 0
            empty = is_empty[rows]
            if empty.any():
                rows = np.take_along_axis(rows, np.argsort(empty, axis=1, kind="stable"), axis=1)
            order[lane, :, : rows.shape[1]] = rows
            occupied[lane] = rows.shape[1] - empty.sum(axis=1)
        return self._replace(batch=batch, order=order, occupied=occupied)

    def expected_rows(self, batch: int) -> NDArray[np.float64]:
        """(lanes,): average number of rows computed per step."""
        return self.occupied.mean(axis=1)


class RowReader(NamedTuple):
    """One lane's dataset, as pointers."""

    first: Any
    feature: Any
    value: Any
    order: Any
    occupied: Any
    steps: int
    """number of steps with separate orders"""
    width: int


def _row_reader(
    specialisation: Specialisation, rows: GivenRows, random: Any, lane: int
) -> RowReader:
    steps, width = rows.order.shape[1:]
    return RowReader(
        pointer_to(rows.first, lane * rows.first.shape[1]),
        pointer_to(rows.feature, 0),
        pointer_to(rows.value, 0),
        pointer_to(rows.order, lane * steps * width),
        pointer_to(rows.occupied, lane * steps),
        steps,
        width,
    )


@compiled
def row_number(reader: RowReader, step: int, left: int) -> int:
    """The index of the next row of a step with `left` rows still to be computed."""
    own = step % reader.steps
    return int(reader.order[own * reader.width + reader.occupied[own] - left])


def _count_occupied(
    specialisation: Specialisation, lane_rows: RowReader, batch: int, step: int
) -> int:
    return lane_rows.occupied[step % lane_rows.steps]


def _read_block(
    specialisation: Specialisation, lane_rows: RowReader, step: int, block: Pointer, left: int,
    features: int,
) -> None:  # fmt: skip
    """Fill the block with the next rows of a step."""
    for index in range(0, features * BLOCK_ROWS, VECTOR_WIDTH):
        store(block, index, zeros())
    for column in range(min(BLOCK_ROWS, left)):
        row = row_number(lane_rows, step, left - column)
        for entry in range(lane_rows.first[row], lane_rows.first[row + 1]):
            feature = np.int64(lane_rows.feature[entry])
            block[feature * BLOCK_ROWS + column] = lane_rows.value[entry]


# Interface to the kernel ---------------------------------------------------------------------


def rows_of_lane(specialisation: Any, rows: Any, random: Any, lane: Any) -> Any:
    """A lane's rows, from SamplingTables or GivenRows (compiled code only)."""
    raise NotImplementedError("compiled code only")


def batch_of_lane(specialisation: Any, rows: Any, batch: Any, lane: Any) -> Any:
    """The number of rows per step of a lane, including empty ones (compiled code only)."""
    raise NotImplementedError("compiled code only")


def rows_to_compute(specialisation: Any, lane_rows: Any, batch: Any, step: Any) -> Any:
    """The number of non-empty rows in a step (compiled code only)."""
    raise NotImplementedError("compiled code only")


def fill_block(
    specialisation: Any, lane_rows: Any, step: Any, block: Any, left: Any, features: Any
) -> Any:
    """Write the next of the `left` rows still to be computed (compiled code only)."""
    raise NotImplementedError("compiled code only")


@overload(rows_of_lane, jit_options=COMPILED, strict=False)
def _rows_of_lane(specialisation, rows, random, lane):
    return _row_reader if specialisation.sampling is None else row_sampler


@overload(batch_of_lane, jit_options=COMPILED, strict=False)
def _batch_of_lane(specialisation, rows, batch, lane):
    if specialisation.sampling is None:
        return lambda specialisation, rows, batch, lane: rows.batch[lane]
    return lambda specialisation, rows, batch, lane: batch


@overload(rows_to_compute, jit_options=COMPILED, strict=False)
def _rows_to_compute(specialisation, lane_rows, batch, step):
    return _count_occupied if specialisation.sampling is None else draw_count


@overload(fill_block, jit_options=COMPILED, strict=False)
def _fill_block(specialisation, lane_rows, step, block, left, features):
    return _read_block if specialisation.sampling is None else draw_block
