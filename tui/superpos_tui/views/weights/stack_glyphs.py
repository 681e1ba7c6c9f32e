"""The glyphs of stacks of weights, above and below the axis."""

import numpy as np

from superpos_core.arrays import IntArray
from superpos_tui.drawing.glyphs import (
    FULL,
    LOWER_EIGHTHS,
    LOWER_HALF,
    NEARLY_FULL,
    SHADES,
    UPPER_HALF,
)
from superpos_tui.drawing.palette import Palette
from superpos_tui.views.weights.stacks import (
    MIN_FULL,
    NOTHING,
    Chart,
)


def glyphs_above(chart: Chart, palette: Palette) -> np.ndarray[tuple[int, ...], np.dtype[np.str_]]:
    """From the axis upwards: full cells, a thin gap where a feature ends, and the stack's end."""
    ends = _ends(chart.above)
    if not palette.has_scales:
        glyphs = _shades(chart.above)
        return np.where(chart.above_eighths < 4, " ", np.where(ends, LOWER_HALF, glyphs))
    glyphs = np.array(list(LOWER_EIGHTHS))[chart.above_eighths]
    return np.where(ends, NEARLY_FULL, glyphs)


def glyphs_below(chart: Chart, palette: Palette) -> np.ndarray[tuple[int, ...], np.dtype[np.str_]]:
    """From the axis downwards: the same, with ends at half cells."""
    starts = np.zeros(chart.below.shape, dtype=bool)
    starts[1:] = _ends(chart.below)[:-1]
    full = FULL if palette.has_scales else _shades(chart.below)
    gap = NEARLY_FULL if palette.has_scales else LOWER_HALF
    glyphs = np.where(starts, gap, full)
    hanging = np.where(chart.below == NOTHING, " ", UPPER_HALF)
    return np.where(chart.below_eighths < MIN_FULL, hanging, glyphs)


def _ends(features: IntArray) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Where the next cell away from the axis belongs to another feature."""
    ends = np.zeros(features.shape, dtype=bool)
    ends[:-1] = (features[:-1] != features[1:]) & (features[1:] != NOTHING)
    return ends


def _shades(features: IntArray) -> np.ndarray[tuple[int, ...], np.dtype[np.str_]]:
    """Without colour scales: shades that alternate by index, so that neighbours differ."""
    return np.where(features == NOTHING, " ", np.array(list(SHADES))[features % len(SHADES)])
