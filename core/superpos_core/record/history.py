"""The losses of a run in bounded memory: the whole range, decimated, and a recent window."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superpos_core.arrays import FloatArray, IntArray, freeze

CAPACITY = 1024
RECENT = 512
MAX_ELEMENTS = 1 << 21
"""Maximum lanes × points (three arrays of 8 MiB); more lanes get fewer points."""


@dataclass(frozen=True)
class LossCurve:
    """Losses against steps, with a leading lane axis: ``steps`` (points,), the rest (L, points).

    A point summarises the steps after the previous point, up to its own: their mean, minimum and
    maximum loss. One non-finite loss makes the whole point non-finite. Where every point is a
    single step, or ranges are not kept, ``low`` and ``high`` are ``mean`` itself.
    """

    steps: IntArray
    mean: FloatArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def of_means(cls, steps: IntArray, mean: FloatArray) -> "LossCurve":
        """A curve without ranges."""
        return cls(steps, mean, mean, mean)

    @classmethod
    def stored(cls, arrays: Mapping[str, NDArray[Any]]) -> "LossCurve":
        """The curve with these ``arrays``; raises ``TypeError`` for arrays of other names."""
        frozen = {name: freeze(array) for name, array in arrays.items()}
        return cls.of_means(**frozen) if len(frozen) == 2 else cls(**frozen)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Its arrays by name, for a file, each once: without ranges that are the mean itself."""
        arrays = {"steps": self.steps, "mean": self.mean, "low": self.low, "high": self.high}
        has_ranges = self.low is not self.mean or self.high is not self.mean
        return arrays if has_ranges else {name: arrays[name] for name in ("steps", "mean")}

    def lanes(self, indices: Sequence[int]) -> "LossCurve":
        """The curves of some lanes only."""
        chosen = list(indices)
        return LossCurve(self.steps, self.mean[chosen], self.low[chosen], self.high[chosen])

    def mean_up_to(self, step: int, window: int, lane: int) -> float:
        """The mean loss of a lane over the ``window`` steps up to ``step``; NaN before the first.

        If the curve has no point among these steps, the next point is used, or else the last one:
        a decimated curve may not cover the newest steps yet.
        """
        if step == 0 or not self.steps.size:
            return float("nan")
        first, last = np.searchsorted(self.steps, [step - window + 1, step])
        return float(self.mean[lane, min(first, self.steps.size - 1) : last + 1].mean())


class LossHistory:
    """Keeps the losses of lanes that train in lockstep.

    The full range is kept at stride 2^k; when the buffer is full, neighbours merge and k grows.
    Minima and maxima are kept if it ``keeps_ranges``.
    """

    def __init__(self, lanes: int, *, keeps_ranges: bool = True) -> None:
        capacity = min(CAPACITY, max(64, MAX_ELEMENTS // max(lanes, 1)))
        parts = 3 if keeps_ranges else 1
        self._points = np.empty((parts, lanes, capacity - capacity % 2), dtype=np.float32)
        self._count = 0
        self._stride = 1
        self._partial = np.empty((0, lanes), dtype=np.float32)
        self._recent = np.empty((0, lanes), dtype=np.float32)
        self.step = 0

    @classmethod
    def restored(
        cls, full: LossCurve, recent: LossCurve, partial: FloatArray, *, keeps_ranges: bool = True
    ) -> "LossHistory":
        """The history with these curves and this ``partial``; raises ``ValueError`` if it is none.

        It continues exactly as the one that they were taken from.
        """
        history = cls(full.mean.shape[0], keeps_ranges=keeps_ranges)
        whole = len(full.steps) - bool(len(partial))
        if not len(full.steps):
            return history
        if whole > history._points.shape[2]:
            raise ValueError(f"a curve of {whole} points is longer than any that is kept")
        history._stride = int(full.steps[0])
        history._count = whole
        parts = (full.mean, full.low, full.high)[: len(history._points)]
        history._points[:, :, :whole] = [curve[:, :whole] for curve in parts]
        history._partial = np.asarray(partial, dtype=np.float32)
        history._recent = np.ascontiguousarray(recent.mean.T, dtype=np.float32)
        history.step = int(full.steps[-1])
        return history

    @property
    def partial(self) -> FloatArray:
        """The losses of the newest steps, which do not fill a point yet, shape (steps, L)."""
        return self._partial

    def copy(self) -> "LossHistory":
        """An independent history with the same losses so far."""
        twin = copy(self)
        twin._points = self._points.copy()  # the other arrays are replaced, never written to
        return twin

    def append(self, losses: FloatArray) -> None:
        """Add the losses of the next steps, shape (steps, L)."""
        self.step += len(losses)
        self._recent = np.concatenate([self._recent, losses])[-RECENT:]
        waiting = np.concatenate([self._partial, losses])
        while len(waiting) >= self._stride:
            room = self._points.shape[2] - self._count
            groups = min(len(waiting) // self._stride, room)
            used = groups * self._stride
            summary = self._summarise(waiting[:used].reshape(groups, self._stride, -1))
            self._points[:, :, self._count : self._count + groups] = summary
            self._count += groups
            waiting = waiting[used:]
            if groups == room:
                self._merge_neighbours()
        self._partial = waiting

    @property
    def recent(self) -> LossCurve:
        """The last ``RECENT`` steps at most, one point per step."""
        steps = freeze(np.arange(self.step - len(self._recent) + 1, self.step + 1))
        return LossCurve.of_means(steps, freeze(self._recent.T.copy()))

    @property
    def full(self) -> LossCurve:
        """All steps so far, decimated, including the newest, partial point."""
        points = self._points[:, :, : self._count]
        steps = self._stride * np.arange(1, self._count + 1)
        if len(self._partial):
            points = np.concatenate([points, self._summarise(self._partial[None])], axis=2)
            steps = np.append(steps, self.step)
        mean, *ranges = freeze(points.copy())
        low, high = ranges or (mean, mean)
        return LossCurve(freeze(steps), mean, low, high)

    @property
    def _keeps_ranges(self) -> bool:
        return len(self._points) > 1

    def _summarise(self, groups: FloatArray) -> FloatArray:
        """Each group of steps as a point: (groups, steps, L) → (parts, L, groups)."""
        # In double precision: a float32 mean would depend on the memory layout.
        with np.errstate(all="ignore"):
            mean = groups.mean(axis=1, dtype=np.float64)
            ranges = (groups.min(axis=1), groups.max(axis=1)) if self._keeps_ranges else ()
        return np.swapaxes(_stack_with_gaps(mean, *ranges), 1, 2).astype(np.float32)

    def _merge_neighbours(self) -> None:
        """Make room: the capacity is even, so every point has a neighbour to merge with."""
        mean, *ranges = self._points
        half = self._points.shape[2] // 2
        with np.errstate(all="ignore"):
            merged = _stack_with_gaps(
                (mean[:, 0::2] + mean[:, 1::2]) / 2,
                *(
                    choose(each[:, 0::2], each[:, 1::2])
                    for choose, each in zip((np.minimum, np.maximum), ranges, strict=False)
                ),
            )
        self._points[:, :, :half] = merged
        self._count = half
        self._stride *= 2


def _stack_with_gaps(mean: FloatArray, *ranges: FloatArray) -> FloatArray:
    """Mean and ranges stacked; where the mean is not finite, the ranges are NaN."""
    gap = ~np.isfinite(mean)
    return np.stack([mean, *(np.where(gap, np.nan, each) for each in ranges)])


def moving_average(
    steps: IntArray, values: FloatArray, first: FloatArray, last: FloatArray
) -> FloatArray:
    """Smooth a curve: the mean of the finite values at steps from ``first`` to ``last``.

    All have shape (points,), and the range of each point includes its own step. Non-finite values
    stay as they are and do not affect their neighbours.
    """
    if values.size == 0:
        return values.astype(np.float64)
    finite = np.isfinite(values)
    # One more entry, as a range may end after the last point. Differences of cumulative sums would
    # be faster, but after a huge loss they are wrong.
    padded = np.append(np.where(finite, values, 0).astype(np.float64), 0)
    counted = np.append(finite.astype(np.float64), 0)
    ends = [np.searchsorted(steps, first, "left"), np.searchsorted(steps, last, "right")]
    ranges = np.stack(ends, axis=1).ravel()
    sums, counts = (np.add.reduceat(each, ranges)[::2] for each in (padded, counted))
    return np.where(finite, sums / np.maximum(counts, 1), values)
