"""Losses and dimensionalities over the number of rows: the plots below the planes."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator
from matplotlib.transforms import ScaledTranslation

from superpos_core.analysis.memorization import hidden_rows, losses_on_fresh_rows, training_loss
from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import style
from superpos_core.figures.tools.placing import evenly
from superpos_core.figures.tools.wrapping import POINTS
from superpos_core.geometry.measures import feature_dimensionality
from superpos_core.record.lanes import Cohort, LanesRecord

FEATURE, ROW = style.POSITIVE, style.NEGATIVE
MAX_DRAWN = 250
"""Maximum number of features and of rows drawn: more spokes would form a disc."""
FRESH_ROWS = 1 << 12
MAX_DOT_RATIO = 2.5
"""Losses above this many times the best restarts' are cut off."""
NAME_WIDTH = 0.18
"""Minimum distance in inches between two labelled sizes on the axis."""
DOT_OPACITY = 0.45
BESIDE = 2.2
"""Offset in points of features to the left, and rows to the right, of their dataset's size."""
PENTAGON = 2 / 5


@dataclass(frozen=True)
class Size:
    """One dataset size: its best restart, and the losses of all restarts, best first.

    ``features`` has shape (n, 2), ``hidden`` (T, 2).
    """

    rows: int
    features: FloatArray
    hidden: FloatArray
    fresh: FloatArray
    training: FloatArray

    @classmethod
    def of(cls, record: LanesRecord, cohort: Cohort, setting: int) -> "Size":
        """The data of one setting."""
        config, ranked = record.config, cohort.ranked(setting)
        lanes = [cohort.lanes[index] for index in ranked]
        parameters = cohort.parameters.take(ranked)
        each = [parameters.take(index) for index in range(len(lanes))]
        training = [training_loss(config, *lane) for lane in zip(lanes, each, strict=True)]
        return cls(
            rows=config.dataset_size_of(lanes[0]),
            features=parameters.encoder[0].astype(np.float64),
            hidden=hidden_rows(config, lanes[0], each[0]).astype(np.float64),
            fresh=losses_on_fresh_rows(config, lanes, parameters, FRESH_ROWS),
            training=np.array(training),
        )


def draw_losses(axes: Axes, sizes: Sequence[Size]) -> None:
    """The best restarts of all sizes, joined by a line, and all restarts as faint dots."""
    fresh, training = [size.fresh for size in sizes], [size.training for size in sizes]
    _draw_restarts(axes, sizes, training, style.QUIET, "dashed")
    _draw_restarts(axes, sizes, fresh, style.INK, "solid")
    axes.set_ylim(0, 1.08 * highest_loss(sizes) or 1)


def highest_loss(sizes: Sequence[Size]) -> float:
    """The highest loss drawn: at most ``MAX_DOT_RATIO`` times the highest line."""
    lines = [losses[0] for size in sizes for losses in (size.fresh, size.training)]
    return min(largest(all_losses(sizes)), MAX_DOT_RATIO * largest(np.array(lines)))


def all_losses(sizes: Sequence[Size]) -> FloatArray:
    """The losses of all restarts of all sizes, on fresh and on training data."""
    return np.concatenate([losses for size in sizes for losses in (size.fresh, size.training)])


def largest(values: FloatArray) -> float:
    """The largest finite value; 0 if there is none."""
    return float(np.nanmax(_finite(values), initial=0.0))


def _draw_restarts(
    axes: Axes, sizes: Sequence[Size], losses: Sequence[FloatArray], colour: str, line: str
) -> None:
    rows = [size.rows for size in sizes]
    best = _finite(np.array([each[0] for each in losses]))
    axes.plot(rows, best, color=colour, linewidth=1.0, linestyle=line, zorder=3)
    axes.plot(rows, best, color=colour, linestyle="", marker="o", markersize=2.6, zorder=3)
    axes.scatter(
        np.repeat(rows, [len(each) for each in losses]),
        _finite(np.concatenate(losses)),
        s=8,
        c=colour,
        alpha=0.3,
        linewidths=0,
        zorder=2,
    )


def _finite(values: FloatArray) -> FloatArray:
    return np.where(np.isfinite(values), values, np.nan)


def draw_shares(axes: Axes, sizes: Sequence[Size]) -> None:
    """D_i to the left of each size, D_x to its right, and the line of regular polygons."""
    highest = 1.1 * PENTAGON
    for size in sizes:
        for vectors, colour, way in ((size.features, FEATURE, -1), (size.hidden, ROW, 1)):
            # Nothing is known about a lane that diverged, even if some of its vectors are finite.
            if np.isfinite(vectors).all():
                shares = np.array(evenly(feature_dimensionality(vectors).tolist(), MAX_DRAWN))
                highest = max(highest, float(shares.max()))
                _draw_beside(axes, size.rows, shares, colour, way * BESIDE)
    rows = np.geomspace(max(sizes[0].rows, 3), max(sizes[-1].rows, 4), 100)
    axes.plot(rows, 2 / rows, color=style.QUIET, linewidth=0.7, linestyle="dashed", zorder=1)
    axes.axhline(PENTAGON, color=style.RULE, linewidth=0.4, zorder=0.5)
    ticks = {0.0: "0", PENTAGON: "2/5", 1.0: "1"}
    axes.set_yticks(list(ticks), list(ticks.values()))
    axes.set_ylim(-0.06 * highest, 1.06 * highest)


def _draw_beside(axes: Axes, rows: int, shares: FloatArray, colour: str, points: float) -> None:
    """Dots at a dataset size, shifted sideways by ``points``."""
    moved = ScaledTranslation(points / POINTS, 0, axes.figure.dpi_scale_trans)
    axes.scatter(
        np.full(len(shares), rows),
        shares,
        s=5,
        c=colour,
        alpha=DOT_OPACITY,
        linewidths=0,
        zorder=2,
        transform=axes.transData + moved,
    )


def size_axis(axes: Axes, sizes: Sequence[Size], room: tuple[float, float]) -> None:
    """A logarithmic axis in T, with room on both sides for half a plane."""
    width, side = room
    low, high = np.log(sizes[0].rows), np.log(sizes[-1].rows)
    beyond = max(high - low, 1.0) * side / 2 / (width - side)
    centre = 0.0 if high > low else 0.5
    axes.set(xscale="log", xlim=(np.exp(low - centre - beyond), np.exp(high + centre + beyond)))
    axes.set_xticks(
        [size.rows for size in sizes],
        [
            "" if is_crowded else str(size.rows)
            for size, is_crowded in _crowded(sizes, width - side)
        ],
    )
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(axis="x", color=style.RULE, linewidth=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _crowded(sizes: Sequence[Size], width: float) -> Iterator[tuple[Size, bool]]:
    """Each size, and whether it is too close to the last labelled one to be labelled."""
    last = -math.inf
    for size in sizes:
        position = place_on_axis(size, sizes) * width
        is_crowded = position - last < NAME_WIDTH
        last = last if is_crowded else position
        yield size, is_crowded


def place_on_axis(size: Size, sizes: Sequence[Size]) -> float:
    """The position of a size between the smallest and the largest, logarithmic, from 0 to 1."""
    low, high = np.log(sizes[0].rows), np.log(sizes[-1].rows)
    return float((np.log(size.rows) - low) / (high - low)) if high > low else 0.5
