"""Logarithmic axes of steps and of losses, as figures of learning share them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import (
    FixedLocator,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
    StrMethodFormatter,
)

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.figures import style

ROOM = 0.06
"""Of a logarithmic axis, left free above and below."""
LARGEST_LOG = 600.0
"""An axis that would reach farther could not be drawn."""
LINEAR_WITHIN = 4.0
"""Losses within such a factor are on a linear axis."""
LEAST_SPAN = np.log(1.2)
"""Of an axis of losses, so that what hardly differs is not drawn as if it did."""


def short(step: int) -> str:
    """A tick's label: 100, 1k, 10k, 1M."""
    for size, suffix in ((10**6, "M"), (10**3, "k")):
        if step >= size:
            return f"{step // size}{suffix}"
    return str(step)


def step_axis(axes: Axes, first: int, last: int) -> None:
    """Steps on a logarithmic axis, from ``first``, at least 1, to ``last``; powers of ten named."""
    first = max(first, 1)
    last = max(last, 2 * first)
    axes.set(xscale="log", xlim=(first, last))
    powers = [10**power for power in range(9) if first <= 10**power <= last]
    axes.xaxis.set_major_locator(FixedLocator(powers))
    axes.xaxis.set_ticklabels([short(power) for power in powers])
    axes.xaxis.set_minor_locator(LogLocator(10, subs=np.arange(2, 10).tolist()))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="x", which="minor", length=1.2, width=0.3, color=style.RULE)


def loss_axis(axes: Axes, losses: Sequence[FloatArray]) -> None:
    """An axis that holds all losses that are finite and above 0: logarithmic where they span much.

    Where they do not, a linear axis looks the same and has round numbers.
    """
    values = np.concatenate([np.ravel(each) for each in losses]).astype(np.float64)
    values = values[np.isfinite(values) & (values > 0)]
    logs = np.clip(np.log(values), -LARGEST_LOG, LARGEST_LOG) if values.size else np.zeros(1)
    span = max(float(np.ptp(logs)), LEAST_SPAN)
    low, high = np.exp([logs.min() - ROOM * span, logs.min() + (1 + ROOM) * span]).tolist()
    is_linear = span < np.log(LINEAR_WITHIN)
    axes.set(yscale="linear" if is_linear else "log", ylim=(low, high))
    digits = (1.0,) if span > np.log(300) else (1.0, 2.0, 5.0)
    axes.yaxis.set_major_locator(MaxNLocator(4) if is_linear else LogLocator(10, subs=digits))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.spines[["top", "right"]].set_visible(False)


def drawable(values: FloatArray) -> FloatArray:
    """NaN, a gap, for what a logarithm cannot show."""
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)


def steps_from(steps: IntArray, decades: float = 3.4) -> int:
    """Where a logarithmic axis begins: the power of ten within so many decades of the last step."""
    last = int(steps[-1]) if len(steps) else 1
    return int(10 ** max(0, np.ceil(np.log10(max(last, 1)) - decades)))
