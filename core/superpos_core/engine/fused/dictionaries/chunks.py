"""Rows of many lanes as the kernel reads them: by address, so that one call serves all lanes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from superpos_core.task.dictionaries.rows import HiddenRows, Rows

Numbers = NDArray[np.int64]
STEP_BYTES = 8
"""From one entry of ``HiddenRows.first`` to the next."""


class RowTable(NamedTuple):
    """Addresses of each lane's rows, shapes (lanes,)."""

    vectors: Numbers
    shares: Numbers
    first: Numbers
    """of the entry of the next step"""
    repeated: Numbers
    """1 if ``vectors`` are those of every step, otherwise 0"""


class Chunks:
    """The chunk of rows of each lane, with all its steps; keeps what the table points to alive."""

    def __init__(self, rows: Sequence[Rows]) -> None:
        lanes = len(rows)
        self._rows = rows
        self._kept: list[HiddenRows | None] = [None] * lanes
        self._begins, self._ends, self._most, self._first = np.zeros((4, lanes), np.int64)
        self.table = RowTable(*np.zeros((4, lanes), np.int64))

    def prepare(self, lanes: Numbers, step: int) -> None:
        """Let the table point to the rows of this step, which are drawn if need be."""
        for lane in lanes[(step < self._begins[lanes]) | (self._ends[lanes] <= step)].tolist():
            self._load(lane, step)
        passed = step - self._begins[lanes]
        self.table.first[lanes] = self._first[lanes] + STEP_BYTES * passed

    def _load(self, lane: int, step: int) -> None:
        begin, chunk = self._rows[lane].chunk_at(step)
        self._kept[lane] = chunk
        self._begins[lane], self._ends[lane] = begin, begin + chunk.steps
        self._most[lane] = np.diff(chunk.first).max()
        self.table.vectors[lane] = chunk.vectors.ctypes.data
        self.table.repeated[lane] = chunk.repeated
        self.table.shares[lane] = chunk.shares.ctypes.data
        self._first[lane] = chunk.first.ctypes.data

    def end(self, lanes: Numbers) -> int:
        """The first step that is not in the chunk of every one of these lanes."""
        return int(self._ends[lanes].min())

    def most_rows(self, lanes: Numbers) -> int:
        """The number of rows of their largest step."""
        return int(self._most[lanes].max(initial=0))
