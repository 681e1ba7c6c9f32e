"""Logarithmic axes shared by figures: of steps, losses and other quantities spanning decades."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import (
    FixedLocator,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
    StrMethodFormatter,
)

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.figures.tools import style

ROOM = 0.06
"""Share of a logarithmic axis left free above and below."""
MAX_LOG = 600.0
"""Maximum |ln| of an axis limit: beyond it the axis could not be drawn."""
LINEAR_WITHIN = 4.5
"""A loss axis whose ends are within this factor is linear."""
ROUND = (1, 2, 5, 10)
MIN_FACTOR = 1.2
"""Minimum ratio between the ends of a loss axis, without margins."""


def short(step: int) -> str:
    """A tick's label: 100, 1k, 10k, 1M."""
    for size, suffix in ((10**6, "M"), (10**3, "k")):
        if step >= size:
            return f"{step // size}{suffix}"
    return str(step)


def step_axis(axes: Axes, first: int, last: int) -> None:
    """Steps on a logarithmic axis, from ``first``, at least 1, to ``last``; labels at 10ᵏ."""
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
    """An axis for all losses that are finite and above 0: logarithmic if they span a wide range.

    Otherwise a linear axis looks the same and has round numbers.
    """
    low, high = log_limits(np.concatenate([np.ravel(each) for each in losses]), MIN_FACTOR)
    is_linear = high < LINEAR_WITHIN * low
    axes.set(yscale="linear" if is_linear else "log", ylim=(low, high))
    log_ticks(axes.yaxis)
    if is_linear:
        round_ticks(axes.yaxis, 4)
    axes.spines[["top", "right"]].set_visible(False)


def log_limits(values: FloatArray, least_factor: float) -> tuple[float, float]:
    """The ends of a logarithmic axis for all usable values, with margins.

    It spans at least ``least_factor``, so that small differences do not look large.
    """
    shown = values[np.isfinite(values) & (values > 0)].astype(np.float64)
    logs = np.clip(np.log(shown), -MAX_LOG, MAX_LOG) if shown.size else np.zeros(1)
    least, span = float(logs.min()), max(float(np.ptp(logs)), np.log(least_factor))
    return float(np.exp(least - ROOM * span)), float(np.exp(least + (1 + ROOM) * span))


def log_ticks(axis: Axis, label: str = "{x:g}") -> None:
    """Ticks at 1, 2, 5 times powers of ten within an axis; over many decades only powers of ten.

    ``label`` formats each tick, x.
    """
    low, high = axis.get_view_interval()
    digits = (1.0, 2.0, 5.0) if high < 300 * low else (1.0,)
    axis.set_major_locator(LogLocator(10, subs=digits))
    axis.set_major_formatter(StrMethodFormatter(label))
    axis.set_minor_locator(NullLocator())


def round_ticks(axis: Axis, most: int) -> None:
    """At most ``most`` intervals between ticks on a linear axis, at multiples of 1, 2 or 5."""
    axis.set_major_locator(MaxNLocator(most, steps=ROUND))


def drawable(values: FloatArray) -> FloatArray:
    """The values, with NaN (a gap) where they have no logarithm."""
    return np.where(np.isfinite(values) & (values > 0), values, np.nan)


def steps_from(steps: IntArray, decades: float = 3.4) -> int:
    """The start of a logarithmic axis: the power of ten within ``decades`` of the last step."""
    last = int(steps[-1]) if len(steps) else 1
    return int(10 ** max(0, np.ceil(np.log10(max(last, 1)) - decades)))
