"""Losses of single steps, put together to the rows of ``loss.csv``."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.files.runs.loss_file import next_row_after

SECONDS_PER_ROW = 1.0
"""A slow loop gets a row this often, even where rows are further apart."""
MAX_WAITING = 1 << 20
"""Maximum numbers in rows that could not be written; beyond it neighbours are merged."""


@dataclass(frozen=True)
class Sums:
    """Losses summed over neighbouring steps: ``steps`` (k,) are the last ones, ``totals`` (k, L).

    ``counts`` (k,) are the numbers of summed losses.
    """

    steps: IntArray
    totals: FloatArray
    counts: IntArray

    @classmethod
    def none(cls, lanes: int) -> "Sums":
        """No losses of so many lanes."""
        return cls(np.empty(0, np.int64), np.empty((0, lanes)), np.empty(0, np.int64))

    @property
    def means(self) -> FloatArray:
        """The mean losses, shape (k, L)."""
        return self.totals / self.counts[:, None]

    def part(self, indices: slice) -> "Sums":
        """Some of them."""
        return Sums(self.steps[indices], self.totals[indices], self.counts[indices])

    def followed_by(self, later: "Sums") -> "Sums":
        """These and later ones."""
        return Sums(
            np.concatenate([self.steps, later.steps]),
            np.concatenate([self.totals, later.totals]),
            np.concatenate([self.counts, later.counts]),
        )

    def joined(self, starts: Sequence[int]) -> "Sums":
        """Neighbours summed: those from each of ``starts`` up to the next one."""
        if not len(starts):
            return self.part(slice(0))
        ends = np.array([*starts[1:], len(self.steps)]) - 1
        with np.errstate(all="ignore"):
            totals = np.add.reduceat(self.totals, starts, axis=0)
        return Sums(self.steps[ends], totals, np.add.reduceat(self.counts, starts))


class LossRows:
    """Gathers losses into rows, which wait until they are written."""

    def __init__(self, lanes: int, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._due = 0
        self._last_time = clock()
        self._partial = self.waiting = Sums.none(lanes)
        """``waiting`` are the rows to write."""

    def add(self, losses: Sums, *, is_last: bool = False) -> None:
        """Add losses in rising steps; ``is_last`` completes the last row."""
        self._partial = self._partial.followed_by(losses)
        steps = self._partial.steps
        ends = []
        end = self._next_end(steps)
        # Other losses of its last step may follow, so a row is complete with the next step.
        while end < len(steps):
            ends.append(end)
            self._due = next_row_after(int(steps[end - 1]))
            end = self._next_end(steps)
        ends += self._further_end(steps, ends[-1] if ends else 0, is_last=is_last)
        if not ends:
            return
        complete, self._partial = (
            self._partial.part(slice(ends[-1])),
            self._partial.part(slice(ends[-1], None)),
        )
        self.waiting = self.waiting.followed_by(complete.joined([0, *ends[:-1]]))
        self._last_time = self._clock()
        if self.waiting.totals.size > MAX_WAITING:
            self.waiting = self.waiting.joined(range(0, len(self.waiting.steps), 2))

    def written(self) -> None:
        """Forget the rows that waited."""
        self.waiting = self.waiting.part(slice(0))

    def _next_end(self, steps: IntArray) -> int:
        """Behind the losses of the first step that is due; behind all of them, or one further."""
        first = int(np.searchsorted(steps, self._due))
        if first == len(steps):
            return first + 1
        return int(np.searchsorted(steps, steps[first], side="right"))

    def _further_end(self, steps: IntArray, start: int, *, is_last: bool) -> list[int]:
        """The end of one more row, because of the time or as it is the last one."""
        if is_last:
            end = len(steps)
        elif self._clock() - self._last_time >= SECONDS_PER_ROW and len(steps):
            end = int(np.searchsorted(steps, steps[-1]))  # before the losses of the newest step
        else:
            return []
        if end <= start:
            return []
        self._due = next_row_after(int(steps[end - 1]))
        return [end]
