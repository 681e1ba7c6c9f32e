"""Stacks of weights: the layout of the parts of each neuron's bar."""

import math
from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.neurons import Neurons
from superpos_core.arrays import FloatArray, IntArray
from superpos_tui.drawing.numbers import hundredths

AXIS_WIDTH = 5
MAX_PITCH = 10
MAX_BAR = 5
MIN_FOR_SUMMARY = 5
MIN_FOR_MARKS = 6
MIN_FOR_UNITS = 8
NOTHING = -1
MIN_HANGING, MIN_FULL = 3, 6
"""Minimum eighths for a half and a full cell below the axis, where glyphs have no eighths."""


@dataclass(frozen=True)
class Chart:
    """Stacks of weights in a rectangle of ``width`` × ``height`` cells.

    ``above`` and ``below`` hold, for every row away from the axis and every stack, the feature that
    fills the cell, or −1; ``above_eighths`` and ``below_eighths`` hold how full it is. Each row
    represents ``unit`` of weight.
    """

    neurons: Neurons
    row_name: str
    width: int
    height: int
    shown: int
    pitch: int
    bar: int
    unit: float
    above: IntArray
    above_eighths: IntArray
    below: IntArray
    below_eighths: IntArray

    @classmethod
    def of(cls, neurons: Neurons, width: int, height: int, row_name: str = "unit") -> "Chart":
        """As many stacks as fit, on a scale that ends at a round number."""
        count = len(neurons.weights)
        shown = max(0, min(count, width - AXIS_WIDTH))
        pitch = min((width - AXIS_WIDTH) // shown, MAX_PITCH) if shown else 1
        digits = len(str(neurons.weights.shape[1] - 1))
        with_labels = pitch >= digits + 2
        bar = pitch - 1 - (digits if with_labels else 0)
        weights = np.nan_to_num(neurons.weights[:shown], nan=0, posinf=0, neginf=0)
        rows = max(0, height - 1 - _rows_below(height))
        up, down = (_highest(np.maximum(sign * weights, 0)) for sign in (1, -1))
        rows_down = min(rows - 1, max(1, round(rows * down / (up + down)))) if down else 0
        rows_down = max(rows_down, 0)
        rows_up = rows - rows_down
        unit = max(up / max(rows_up, 1), down / max(rows_down, 1))
        above, above_eighths = _stacked(np.maximum(weights, 0), rows_up, unit)
        below, below_eighths = _stacked(np.maximum(-weights, 0), rows_down, unit)
        below[below_eighths < MIN_HANGING] = NOTHING
        return cls(
            neurons, row_name, width, height, shown, pitch, max(1, min(bar, MAX_BAR)), unit,
            above, above_eighths, below, below_eighths,
        )  # fmt: skip

    @property
    def axis(self) -> int:
        """The row of the axis."""
        return len(self.above)

    @property
    def lefts(self) -> IntArray:
        """The left edge of each bar."""
        return AXIS_WIDTH + self.pitch * np.arange(self.shown)

    @property
    def has_labels(self) -> bool:
        """Whether the features' indices fit beside the bars."""
        return self.pitch > self.bar + len(str(self.neurons.weights.shape[1] - 1))

    def stack_at(self, x: int) -> int | None:
        """The stack in a column of cells."""
        stack = (x - AXIS_WIDTH) // self.pitch
        return stack if 0 <= stack < self.shown and x < self.width else None

    def words_at(self, x: int, y: int) -> str:
        """Such as ``unit 3, polysemantic · feature 7: weight +0.93``; empty beside the stacks."""
        stack = self.stack_at(x)
        if stack is None or not 0 <= y < self.height:
            return ""
        feature = self.feature_at(x, y)
        kind = self.neurons.kinds[stack]
        words = f"{self.row_name} {self.neurons.units[stack]}"
        words += "" if kind == "unknown" else f", {kind}"
        if feature is None:
            return words
        weight = hundredths(float(self.neurons.weights[stack, feature]), plus=True)
        return f"{words} · feature {feature}: weight {weight}"

    def feature_at(self, x: int, y: int) -> int | None:
        """The feature whose weight, or the index beside it, is at a cell."""
        stack = self.stack_at(x)
        if stack is None:
            return None
        rows, away = (self.above, self.axis - 1 - y) if y < self.axis else (
            self.below, y - self.axis - 1
        )  # fmt: skip
        feature = int(rows[away, stack]) if 0 <= away < len(rows) else NOTHING
        return None if feature == NOTHING else feature


def _rows_below(height: int) -> int:
    """Rows for marks, unit indices and summary, if there is room."""
    return sum(height >= least for least in (MIN_FOR_SUMMARY, MIN_FOR_MARKS, MIN_FOR_UNITS))


def _highest(weights: FloatArray) -> float:
    """A round number that no stack exceeds; 0 if all stacks are too low to be visible."""
    highest = float(weights.sum(axis=1).max(initial=0))
    if highest < 0.05:
        return 0.0
    power = 10.0 ** math.floor(math.log10(highest))
    return next(power * digit for digit in (1, 1.5, 2, 3, 4, 5, 7, 10) if power * digit >= highest)


def _stacked(weights: FloatArray, rows: int, unit: float) -> tuple[IntArray, IntArray]:
    """For each row and stack the feature at its middle, and how many eighths are filled.

    The end of a stack belongs to its last feature. ``weights`` ≥ 0 has shape (stacks, n).
    """
    features = np.full((rows, len(weights)), NOTHING)
    eighths = np.zeros((rows, len(weights)), dtype=int)
    starts = unit * np.arange(rows)
    for index, stack in enumerate(weights):
        ends = np.cumsum(stack)
        total = ends[-1]
        filled = np.clip(np.rint(8 * (total - starts) / unit), 0, 8) if unit > 0 else starts
        last = np.searchsorted(ends, total)
        middle = np.searchsorted(ends, starts + unit / 2, side="right")
        features[:, index] = np.where(filled > 0, np.minimum(middle, last), NOTHING)
        eighths[:, index] = filled
    return features, eighths
