"""Falls of the loss from one level to another.

As a run grows, neighbouring losses are merged, which shifts these events slightly.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.events.trace import Finding, Rule, Trace
from superpos_core.arrays import FloatArray, IntArray
from superpos_core.ticks import with_minus

LEVEL_WIDTHS = (0.1, 0.2, 0.4, 0.8)
"""Widths of the levels searched for, in units of ln(step): 0.1 is a tenth of the step."""

LEVEL_POINTS = 3
"""Minimum number of points of the loss curve in each half of a level."""

MIN_NET_FALL = 0.03
"""Minimum share of the loss that a fall removes, beyond the slope of the levels."""

LEVEL_FLATNESS = 2 / 3
"""Minimum share of a fall that remains after subtracting the slopes of both levels."""

SIGNIFICANCE = 6.0
"""Minimum size of a fall in standard errors."""

MIN_LOSS = 1e-30


@dataclass(frozen=True)
class _Fall:
    """A fall of ln(loss) between two levels; its centre and width are in ln(step)."""

    centre: float
    width: float
    before: float
    after: float
    net_fall: float

    def is_part_of(self, other: "_Fall") -> bool:
        return abs(self.centre - other.centre) < self.width + other.width


def _find_loss_falls(trace: Trace) -> Iterator[Finding]:
    """Short levels first: falls that they cannot tell from noise are left to longer ones."""
    if len(trace.losses) < 4 * LEVEL_POINTS:
        return
    curve = _LogCurve.of(trace)
    falls: list[_Fall] = []
    for width in LEVEL_WIDTHS:
        for fall in sorted(_falls_between_levels(curve, width), key=lambda f: -f.net_fall):
            if not any(fall.is_part_of(known) for known in falls):
                falls.append(fall)
    for fall in falls:
        before, after = _distinct(float(np.exp(fall.before)), float(np.exp(fall.after)))
        yield Finding(curve.step_of(fall), None, f"loss falls a level: {before} → {after}")


def _distinct(before: float, after: float) -> tuple[str, str]:
    """Two losses with one decimal, or with two if they would otherwise look the same."""
    short = _written(before, 1), _written(after, 1)
    return short if short[0] != short[1] else (_written(before, 2), _written(after, 2))


def _written(loss: float, decimals: int) -> str:
    return with_minus(f"{loss:.{decimals}e}")


@dataclass(frozen=True)
class _LogCurve:
    """ln(loss) against ln(step), with running sums for the mean of any window.

    ``values`` are relative to ``origin``, so that their squares keep their precision.
    """

    steps: IntArray
    times: FloatArray
    values: FloatArray
    origin: float
    noise: float
    sums: FloatArray
    squares: FloatArray

    @classmethod
    def of(cls, trace: Trace) -> "_LogCurve":
        logs = np.log(np.maximum(trace.losses.astype(np.float64), MIN_LOSS))
        origin = float(logs.mean())
        values = logs - origin
        # Second differences cancel trends, and their median ignores a few jumps; for normal noise
        # of deviation σ it is 0.6745·√6·σ.
        noise = float(np.median(np.abs(np.diff(values, 2)))) / (0.6745 * np.sqrt(6))
        # A point summarises the steps since the previous point; it is placed at their middle.
        steps = (np.append(0, trace.loss_steps[:-1]) + 1 + trace.loss_steps) // 2
        sums, squares = (np.append(0, np.cumsum(v)) for v in (values, values**2))
        return cls(steps, np.log(np.maximum(steps, 1)), values, origin, noise, sums, squares)

    def level(self, starts: FloatArray, ends: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The mean between two times and its squared standard error; NaN with too few points."""
        first = np.searchsorted(self.times, starts, side="right")
        end = np.searchsorted(self.times, ends, side="right")
        count = np.where(end - first >= LEVEL_POINTS, end - first, np.nan)
        mean = (self.sums[end] - self.sums[first]) / count
        spread = (self.squares[end] - self.squares[first]) / count - mean**2
        variance = np.maximum(spread * count / (count - 1), self.noise**2)
        return mean, variance / count

    def step_of(self, fall: _Fall) -> int:
        """The step at which half of the fall has happened."""
        edges = [fall.centre - fall.width / 2, fall.centre + fall.width / 2]
        first, end = np.searchsorted(self.times, edges, side="right")
        middle = (fall.before + fall.after) / 2 - self.origin
        above = int(np.count_nonzero(self.values[first:end] > middle))
        return int(self.steps[min(first + above, len(self.steps) - 1)])


def _falls_between_levels(curve: _LogCurve, width: float) -> list[_Fall]:
    """Falls that take at most ``width``, between levels of 2·``width`` each, in ln(step).

    The difference between the two halves of a level measures its slope, which is subtracted from
    the fall: nothing remains of a power law, and less than nothing of a decay that slows down.
    The loss must have fallen to the upper level by at least as much: the start of training is not a
    level.
    """
    spacing = width / 8
    reach = 2.5 * width
    # Multiples of the spacing, so that the centres do not move with the ends of the curve.
    centres = spacing * np.arange(
        np.ceil((curve.times[0] + reach) / spacing), (curve.times[-1] - reach) / spacing
    )
    edges = [centres + half * width / 2 for half in (-5, -3, -1, 1, 3, 5)]
    halves = [curve.level(edges[k], edges[k + 1]) for k in (0, 1, 3, 4)]
    early, before, after, late = (mean for mean, _ in halves)
    of_early, of_before, of_after, of_late = (squared_error for _, squared_error in halves)
    fall = before - after
    net_fall = fall - np.abs(early - before) - np.abs(after - late)
    # Where it matters, net_fall is 2·before − 2·after − early + late.
    error = np.sqrt(4 * of_before + 4 * of_after + of_early + of_late)
    found = (
        (net_fall >= MIN_NET_FALL)
        & (net_fall >= LEVEL_FLATNESS * fall)
        & (net_fall >= SIGNIFICANCE * error)
        & (curve.values[0] - before >= fall)
    )
    return [
        _Fall(
            centre=float(centres[k]),
            width=width,
            before=float(before[k]) + curve.origin,
            after=float(after[k]) + curve.origin,
            net_fall=float(net_fall[k]),
        )
        for k in np.flatnonzero(found)
    ]


LOSS_FALLS = Rule("loss", "the loss falls from one level to another", _find_loss_falls)
