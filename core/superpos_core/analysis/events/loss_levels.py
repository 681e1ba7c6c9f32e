"""The loss falls from one level to another.

Losses are merged as a run grows, which moves these events a little.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.events.trace import Finding, Rule, Trace
from superpos_core.arrays import FloatArray, IntArray

LEVEL_WIDTHS = (0.1, 0.2, 0.4, 0.8)
"""How long the loss looks for levels, in units of ln(step): 0.1 is a tenth of the steps so far."""

LEVEL_POINTS = 3
"""A level needs so many points of the loss curve, twice."""

LEAST_CLEAR_FALL = 0.03
"""The loss falls a level when it loses at least this share, beyond what the levels slope."""

LEVEL_FLATNESS = 2 / 3
"""How much of a fall must be left when the slopes of both levels are taken off."""

SIGNIFICANCE = 6.0
"""A fall counts when it is so many standard errors large."""

SMALLEST_LOSS = 1e-30


@dataclass(frozen=True)
class _Fall:
    """A fall of ln(loss) between two levels: around which ln(step), and within how much of it."""

    centre: float
    width: float
    before: float
    after: float
    clearness: float

    def is_part_of(self, other: "_Fall") -> bool:
        return abs(self.centre - other.centre) < self.width + other.width


def _find_loss_falls(trace: Trace) -> Iterator[Finding]:
    """Short levels first: what they cannot tell from the noise is left to longer ones."""
    if len(trace.losses) < 4 * LEVEL_POINTS:
        return
    curve = _LogCurve.of(trace)
    falls: list[_Fall] = []
    for width in LEVEL_WIDTHS:
        for fall in sorted(_falls_between_levels(curve, width), key=lambda f: -f.clearness):
            if not any(fall.is_part_of(known) for known in falls):
                falls.append(fall)
    for fall in falls:
        before, after = _distinct(float(np.exp(fall.before)), float(np.exp(fall.after)))
        yield curve.step_of(fall), None, f"loss falls a level: {before} → {after}"


def _distinct(before: float, after: float) -> tuple[str, str]:
    """Two losses, with one decimal or, where that makes them look the same, with two."""
    short = f"{before:.1e}", f"{after:.1e}"
    return short if short[0] != short[1] else (f"{before:.2e}", f"{after:.2e}")


@dataclass(frozen=True)
class _LogCurve:
    """ln(loss) against ln(step), with running sums from which any window's mean follows.

    ``values`` are measured from ``origin``, so that their squares keep their digits.
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
        logs = np.log(np.maximum(trace.losses.astype(np.float64), SMALLEST_LOSS))
        origin = float(logs.mean())
        values = logs - origin
        # Second differences cancel trends, and their median does not see a few jumps; for normal
        # noise of deviation σ it is 0.6745·√6·σ.
        noise = float(np.median(np.abs(np.diff(values, 2)))) / (0.6745 * np.sqrt(6))
        # A point stands for the steps since the one before it: it lies in the middle of them.
        steps = (np.append(0, trace.loss_steps[:-1]) + 1 + trace.loss_steps) // 2
        sums, squares = (np.append(0, np.cumsum(v)) for v in (values, values**2))
        return cls(steps, np.log(np.maximum(steps, 1)), values, origin, noise, sums, squares)

    def level(self, begins: FloatArray, ends: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The mean between two times and its squared standard error; NaN with too few points."""
        first = np.searchsorted(self.times, begins, side="right")
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
    """Falls between levels of 2·``width`` each that take ``width`` or less, in ln(step).

    Each level is looked at in two halves. How they differ shows its slope, and that is taken off
    the fall: then nothing is left of a power law, and less than nothing of a decay that slows down.
    What the loss falls from, it must itself have come down to by as much again: where training
    begins is no level.
    """
    spacing = width / 8
    reach = 2.5 * width
    # Multiples of the spacing, so that the places do not move with the ends of the curve.
    centres = spacing * np.arange(
        np.ceil((curve.times[0] + reach) / spacing), (curve.times[-1] - reach) / spacing
    )
    edges = [centres + half * width / 2 for half in (-5, -3, -1, 1, 3, 5)]
    halves = [curve.level(edges[k], edges[k + 1]) for k in (0, 1, 3, 4)]
    early, before, after, late = (mean for mean, _ in halves)
    of_early, of_before, of_after, of_late = (squared_error for _, squared_error in halves)
    fall = before - after
    clearness = fall - np.abs(early - before) - np.abs(after - late)
    # Where it matters clearness is 2·before − 2·after − early + late.
    error = np.sqrt(4 * of_before + 4 * of_after + of_early + of_late)
    found = (
        (clearness >= LEAST_CLEAR_FALL)
        & (clearness >= LEVEL_FLATNESS * fall)
        & (clearness >= SIGNIFICANCE * error)
        & (curve.values[0] - before >= fall)
    )
    return [
        _Fall(
            centre=float(centres[k]),
            width=width,
            before=float(before[k]) + curve.origin,
            after=float(after[k]) + curve.origin,
            clearness=float(clearness[k]),
        )
        for k in np.flatnonzero(found)
    ]


LOSS_FALLS = Rule("loss", "the loss falls from one level to another", _find_loss_falls)
