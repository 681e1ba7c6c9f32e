"""The rows of ``loss.csv`` while training goes on: when one is due, and the mean that it holds."""

from collections.abc import Sequence

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.files.runs.loss_file import LossRow, next_row_after
from superpos_core.record.history import LossCurve

LANES_PER_STEP = 64
"""More lanes than this share rows: twice as many lanes, half as many rows."""


class RowsOfMeans:
    """Collects the losses of one model's lanes; ``names`` are those of their columns.

    What else a record has of the same steps, such as L0, is further columns.

    The steps of its rows depend on nothing but the number of lanes, so they are the same however
    training is sliced.
    """

    def __init__(self, names: Sequence[str], step: int = 0) -> None:
        self._names = tuple(names)
        self._least = -(-len(self._names) // LANES_PER_STEP)
        self._last = self._step = step
        self._waiting: list[FloatArray] = []
        self._full: list[LossRow] = []

    @classmethod
    def after(cls, names: Sequence[str], recent: Sequence[LossCurve]) -> "RowsOfMeans":
        """Rows that continue where these newest losses, step by step, have come to.

        Every curve has some of the columns, and the same steps.
        """
        steps = recent[0].steps
        newest = int(steps[-1]) if steps.size else 0
        last = cls(names)._last_row_up_to(newest)
        rows = cls(names, last)
        rows._step = max(last, newest - steps.size)
        rows.add(np.concatenate([curve.mean for curve in recent]).T[steps > last])
        return rows

    @property
    def step(self) -> int:
        """The newest step of which it knows the losses."""
        return self._step

    def add(self, losses: FloatArray) -> None:
        """Add the losses of the next steps, shape (steps, columns)."""
        while len(losses):
            room = self._next - self._step
            taken, losses = losses[:room], losses[room:]
            self._waiting.append(taken)
            self._step += len(taken)
            if self._step == self._next:
                self._full.append(self._row())
                self._last = self._step

    def take(self) -> list[LossRow]:
        """The rows that are complete, each given once."""
        rows, self._full = self._full, []
        return rows

    def give_back(self, rows: list[LossRow]) -> None:
        """Keep rows that could not be written for the next ``take``."""
        self._full = [*rows, *self._full]

    @property
    def _next(self) -> int:
        return max(next_row_after(self._last), self._last + self._least)

    def _last_row_up_to(self, step: int) -> int:
        """The last step with a row among those up to ``step``."""
        while self._next <= step:
            self._last = self._next
        return self._last

    def _row(self) -> LossRow:
        losses, self._waiting = np.concatenate(self._waiting), []
        with np.errstate(all="ignore"):
            means = losses.mean(axis=0, dtype=np.float64).astype(np.float32)
        return self._step, dict(zip(self._names, means.tolist(), strict=True))
