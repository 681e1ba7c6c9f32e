"""Axes of cells on which decades, or round numbers, lie exactly in the middle of a cell.

So they are evenly spaced, and a curve drawn in dots meets the ticks.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from superpos_core.arrays import FloatArray
from superpos_core.ticks import round_numbers, round_up
from superpos_tui.drawing.numbers import short_count

STEP_TICKS_APART = 6
"""Cells between ticks of steps, so that their labels do not touch."""
LEAST_SPAN = 1e-6
"""A narrower axis could not be labelled."""
MOST_CELLS = 3
"""Cells that several decades take at most, if there are more decades than cells."""
MANY_CELLS = 4
"""If a decade takes so many cells, little is lost by making it a whole number of them."""
LARGEST = 300.0
"""Beyond this log₁₀, values may overflow, or be 0."""
FINEST = 1e-9
"""What is closer to a whole number is taken for one."""


@dataclass(frozen=True)
class Axis:
    """The positions in the middle of the first and the last cell, and ticks: (position, label).

    On a logarithmic axis, the position of a value is its log₁₀.
    """

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def with_last_tick(self, position: float, label: str, cells: int, gap: int) -> "Axis":
        """The same with one more tick at its end, if that is ``gap`` of its cells from the last."""
        pitch = (self.high - self.low) / max(cells - 1, 1)
        if self.ticks and position - self.ticks[-1][0] < gap * pitch:
            return self
        return replace(self, ticks=(*self.ticks, (position, label)))

    def share_of(self, positions: FloatArray) -> FloatArray:
        """Where positions are, from 0 at the low end to 1 at the high end."""
        shares: FloatArray = (positions - self.low) / (self.high - self.low)
        return shares

    def position_at(self, cell: float, cells: int) -> float:
        """The position in the middle of a cell, counted from the low end."""
        return self.low + (self.high - self.low) * cell / max(cells - 1, 1)


Label = Callable[[float], str]
"""Writes the value of a tick."""


def log_axis(low: float, high: float, cells: int, gap: int, label: Label) -> Axis:
    """An axis from ``low`` or less to ``high`` or more, both log₁₀ of values.

    One decade or two take a whole number of cells, or several decades one to three cells. Ticks are
    at 1, 2 and 5 times powers of ten if they are at least ``gap`` cells apart; else at powers of
    ten only, and as many of these as fit. If fewer than two do, they are other round numbers.
    """
    steps, high = max(cells - 1, 1), max(high, low + LEAST_SPAN)
    decades, pitch = _decades_and_pitch(low, high, steps)
    start = math.floor(low / pitch + FINEST) * pitch
    end = start + steps * pitch
    digits = (1, 2, 5) if decades == 1 and math.log10(2) / pitch >= gap else (1,)
    every = decades * max(1, math.ceil(gap * pitch / decades - FINEST))
    powers = range(math.floor(start), math.ceil(end) + 1)
    ticks = [
        (power + math.log10(digit), label(float(f"{digit}e{power}")))
        for power in powers
        for digit in digits
        if power % every == 0
    ]
    shown = _within(start, end, ticks)
    if len(shown) < 2 and start > -LARGEST and end < LARGEST:
        tries = [
            _apart(_within(start, end, ((math.log10(value), label(value)) for value in values)),
                   gap * pitch)
            for values in _round_values(10.0**start, 10.0**end, max(steps // gap, 2))
        ]  # fmt: skip
        shown = next((ticks for ticks in tries if len(ticks) >= 2), tries[0])
    return Axis(start, end, tuple(shown))


def log_step_axis(low: float, high: float, cells: int) -> Axis:
    """An axis of steps, from log₁₀ to log₁₀, whose last step has a tick if there is room."""
    axis = log_axis(low, high, cells, STEP_TICKS_APART, short_count)
    return axis.with_last_tick(high, short_count(round(10**high)), cells, STEP_TICKS_APART)


def linear_axis(low: float, high: float, cells: int, gap: int, label: Label) -> Axis:
    """An axis from ``low`` or less to ``high`` or more, with ticks at round numbers.

    They are at least ``gap`` cells apart, and a whole number of cells.
    """
    steps = max(cells - 1, 1)
    high = max(high, low + LEAST_SPAN * max(abs(low), LEAST_SPAN))
    distance = round_up((high - low) * min(gap, steps) / steps)
    pitch = _pitch(low, high, steps, (distance / n for n in range(4 * gap + steps, 0, -1)))
    start = math.floor(low / pitch + FINEST) * pitch
    end = start + steps * pitch
    first, last = math.ceil(start / distance - FINEST), math.floor(end / distance + FINEST)
    ticks = [(number * distance, label(number * distance)) for number in range(first, last + 1)]
    return Axis(start, end, tuple(ticks))


def _pitch(low: float, high: float, steps: int, pitches: Iterable[float]) -> float:
    """The first of the pitches, from fine to coarse, at which the axis reaches ``high``."""
    for pitch in pitches:
        start = math.floor(low / pitch + FINEST) * pitch
        if start + steps * pitch >= high - FINEST * (high - low):
            return pitch
    return (high - low) / steps


def _decades_and_pitch(low: float, high: float, steps: int) -> tuple[int, float]:
    """How many decades take a whole number of cells, and the decades per cell."""
    finest = math.floor(steps / (high - low) + FINEST)
    ones = _pitch(low, high, steps, (1 / cells for cells in range(finest, 0, -1)))
    twos = _pitch(low, high, steps, (2 / cells for cells in range(2 * finest + 1, 0, -1)))
    if finest >= MANY_CELLS or (finest and ones <= twos * (1 + FINEST)):
        return 1, ones
    if finest:
        return 2, twos
    most = math.ceil(high - low) + 3
    pitches = {
        decades / cells: decades
        for cells in range(MOST_CELLS, 0, -1)
        for decades in range(cells, most)
    }
    pitch = _pitch(low, high, steps, sorted(pitches))
    return pitches.get(pitch, most), pitch


def _round_values(low: float, high: float, count: int) -> Iterator[list[float]]:
    """Sets of round numbers to label: about ``count``, 1 and 3 times powers of ten, then more."""
    yield _multiples(low, high, round_up((high - low) / count))
    yield round_numbers(low, high)
    for finer in (2, 4, 8, 16, 32):
        yield _multiples(low, high, round_up((high - low) / (finer * count)))


def _multiples(low: float, high: float, distance: float) -> list[float]:
    first, last = math.ceil(low / distance - FINEST), math.floor(high / distance + FINEST)
    return [number * distance for number in range(max(first, 1), last + 1)]


def _within(low: float, high: float, ticks: Iterable[tuple[float, str]]) -> list[tuple[float, str]]:
    room = FINEST * max(high - low, 1)
    return [tick for tick in ticks if low - room <= tick[0] <= high + room]


def _apart(ticks: list[tuple[float, str]], least: float) -> list[tuple[float, str]]:
    """Ticks that are far enough from the one before."""
    kept: list[tuple[float, str]] = []
    for tick in ticks:
        if not kept or tick[0] - kept[-1][0] >= least:
            kept.append(tick)
    return kept
