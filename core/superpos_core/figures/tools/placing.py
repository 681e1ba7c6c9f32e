"""Making room: entries thinned out evenly, labels moved apart."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from superpos_core.ticks import nondecreasing

Entry = TypeVar("Entry")


def evenly(entries: Sequence[Entry], most: int) -> list[Entry]:
    """At most ``most`` entries, evenly spread from the first to the last.

    >>> evenly(range(9), 5)
    [0, 2, 4, 6, 8]
    """
    indices = np.unique(np.rint(np.linspace(0, len(entries) - 1, min(most, len(entries)))))
    return [entries[int(index)] for index in indices]


def spread(heights: list[float], spacing: float) -> list[float]:
    """Move heights on [0, 1] as little as possible to be ``spacing`` apart, in the same order.

    If there is no room for that, they are spaced evenly.

    >>> spread([0.5, 0.5], 0.1)
    [0.55, 0.45]
    """
    spacing = min(spacing, 1 / max(len(heights) - 1, 1))
    order = sorted(range(len(heights)), key=lambda index: (heights[index], -index))
    # After subtracting the spacing of those below, heights only have to be non-decreasing.
    owed = [heights[index] - rank * spacing for rank, index in enumerate(order)]
    least, most = 0.0, 1 - (len(heights) - 1) * spacing
    placed = [min(max(height, least), most) for height in nondecreasing(owed)]
    result = [0.0] * len(heights)
    for rank, index in enumerate(order):
        result[index] = round(placed[rank] + rank * spacing, 9)
    return result
