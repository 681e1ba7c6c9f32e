"""The losses of a run, in bounded memory: the whole range decimated, and a recent window."""

import math
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray, IntArray, frozen

CAPACITY = 1024
RECENT = 512
LARGEST_ELEMENTS = 1 << 21
"""So many lanes × points are kept at most (three arrays of 8 MiB); more lanes get fewer points."""


@dataclass(frozen=True)
class LossCurve:
    """Losses against steps, with a leading lane axis: ``steps`` (points,), the rest (L, points).

    A point stands for the steps from the one before it, exclusive, to its own: their mean, least
    and greatest loss. A step whose loss was not finite makes the whole point not finite.
    """

    steps: IntArray
    mean: FloatArray
    low: FloatArray
    high: FloatArray

    def lanes(self, places: Sequence[int]) -> "LossCurve":
        """The curves of some lanes only."""
        chosen = list(places)
        return LossCurve(self.steps, self.mean[chosen], self.low[chosen], self.high[chosen])

    def mean_up_to(self, step: int, window: int, lane: int) -> float:
        """The mean loss of a lane over the ``window`` steps up to ``step``; NaN before the first.

        Where no point of the curve lies among these steps, it is the one nearest after them, or
        else the last one: the newest steps may not have a point of a decimated curve yet.
        """
        if step == 0 or not self.steps.size:
            return float("nan")
        first, last = np.searchsorted(self.steps, [step - window + 1, step])
        return float(self.mean[lane, min(first, self.steps.size - 1) : last + 1].mean())


class LossHistory:
    """Keeps the losses of lanes that train in lockstep.

    The full range is kept at stride 2^k: when it is full, neighbours are merged and k grows.
    """

    def __init__(self, lanes: int) -> None:
        capacity = min(CAPACITY, max(64, LARGEST_ELEMENTS // max(lanes, 1)))
        self._points = np.empty((3, lanes, capacity - capacity % 2), dtype=np.float32)
        self._count = 0
        self._stride = 1
        self._partial = np.empty((0, lanes), dtype=np.float32)
        self._recent = np.empty((0, lanes), dtype=np.float32)
        self.step = 0

    def copy(self) -> "LossHistory":
        """A history of its own with the same losses so far."""
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
            summary = _summarise(waiting[:used].reshape(groups, self._stride, -1))
            self._points[:, :, self._count : self._count + groups] = summary
            self._count += groups
            waiting = waiting[used:]
            if groups == room:
                self._merge_neighbours()
        self._partial = waiting

    @property
    def recent(self) -> LossCurve:
        """The last ``RECENT`` steps at most, each a point of its own."""
        steps = frozen(np.arange(self.step - len(self._recent) + 1, self.step + 1))
        losses = frozen(self._recent.T.copy())
        return LossCurve(steps, losses, losses, losses)

    @property
    def full(self) -> LossCurve:
        """All steps so far, decimated; the newest, unfinished point included."""
        points = self._points[:, :, : self._count]
        steps = self._stride * np.arange(1, self._count + 1)
        if len(self._partial):
            points = np.concatenate([points, _summarise(self._partial[None])], axis=2)
            steps = np.append(steps, self.step)
        mean, low, high = frozen(points.copy())
        return LossCurve(frozen(steps), mean, low, high)

    def _merge_neighbours(self) -> None:
        """Make room: the capacity is even, so every point has a neighbour to merge with."""
        mean, low, high = self._points
        half = self._points.shape[2] // 2
        with np.errstate(all="ignore"):
            merged = _wholly_finite_or_not(
                (mean[:, 0::2] + mean[:, 1::2]) / 2,
                np.minimum(low[:, 0::2], low[:, 1::2]),
                np.maximum(high[:, 0::2], high[:, 1::2]),
            )
        self._points[:, :, :half] = merged
        self._count = half
        self._stride *= 2


def _summarise(groups: FloatArray) -> FloatArray:
    """Mean, least and greatest of each group: (groups, steps, L) → (3, L, groups)."""
    with np.errstate(all="ignore"):
        # In double precision: a mean in single precision would depend on how the array lies.
        mean = groups.mean(axis=1, dtype=np.float64)
        stacked = _wholly_finite_or_not(mean, groups.min(axis=1), groups.max(axis=1))
    return np.swapaxes(stacked, 1, 2).astype(np.float32)


def _wholly_finite_or_not(mean: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """The three as one array; where the mean is not finite, neither is the range."""
    gap = ~np.isfinite(mean)
    return np.stack([mean, np.where(gap, np.nan, low), np.where(gap, np.nan, high)])


def exponential_moving_average(values: FloatArray, span: float) -> FloatArray:
    """Smooth a curve, shape (points,): weights fall by 1/e in about ``span`` points.

    Early points are averaged over what there is. Values that are not finite stay as they are, and
    do not touch their neighbours.
    """
    if values.size == 0 or span <= 1:
        return values.astype(np.float64)
    kernel = np.exp(-np.arange(min(values.size, math.ceil(8 * span))) / span)
    finite = np.isfinite(values)
    weighted = np.convolve(np.where(finite, values, 0), kernel)[: values.size]
    weights = np.convolve(finite.astype(np.float64), kernel)[: values.size]
    return np.where(finite, weighted / np.where(weights > 0, weights, 1), values)
