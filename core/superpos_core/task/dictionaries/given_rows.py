"""Hidden vectors from elsewhere as the rows that a dictionary trains on."""

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.task.dictionaries.rows import HiddenRows
from superpos_core.task.lanes import Lane

CHUNK_NUMBERS = 1 << 20
"""Roughly the maximum numbers in the rows that are kept at once."""
PURPOSE = "order of given rows"


class GivenRows:
    """Batches of a fixed set of rows: all of them in a random order, and then in another one.

    ``hidden`` has shape (rows, d). The orders depend on nothing but the lane.
    """

    def __init__(self, hidden: FloatArray, lane: Lane, batch: int) -> None:
        self._hidden = np.ascontiguousarray(hidden, np.float32)
        self._lane = lane
        self._batch = batch
        self._chunk_steps = max(CHUNK_NUMBERS // (batch * hidden.shape[1]), 1)
        self._order: tuple[int, IntArray] | None = None

    def of_steps(self, first: int, count: int) -> HiddenRows:
        """The rows of ``count`` steps from step ``first``, counted from 0."""
        begin, end = first * self._batch, (first + count) * self._batch
        passes = range(begin // len(self._hidden), -(-end // len(self._hidden)))
        order = np.concatenate([self._order_of(number) for number in passes])
        before = passes.start * len(self._hidden)
        chosen = order[begin - before : end - before]
        shares = np.full(len(chosen), 1 / self._batch, np.float32)
        steps = self._batch * np.arange(count + 1, dtype=np.int64)
        return HiddenRows(self._hidden[chosen], shares, steps)

    def chunk_at(self, step: int) -> tuple[int, HiddenRows]:
        """The rows of some steps with ``step`` among them, and the first of these steps."""
        first = step // self._chunk_steps * self._chunk_steps
        return first, self.of_steps(first, self._chunk_steps)

    def _order_of(self, number: int) -> IntArray:
        """The order of the rows in a pass through all of them."""
        if self._order is None or self._order[0] != number:
            random = self._lane.random_at(PURPOSE, number)
            self._order = number, random.permutation(len(self._hidden))
        return self._order[1]
