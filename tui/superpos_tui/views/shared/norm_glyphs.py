"""Bars of norms whose superposition is seen without colours too: by a shade, as in the legend."""

import numpy as np
from numpy.typing import NDArray

from superpos_core.arrays import FloatArray
from superpos_core.colours.scales import SUPERPOSITION_LIMIT
from superpos_tui.drawing.bars import FULL_NORM, lying_bar, standing_bars
from superpos_tui.drawing.glyphs import FULL, NEARLY_WIDE
from superpos_tui.drawing.palette import Palette
from superpos_tui.views.shared.legends import shade


def standing_norms(
    norms: FloatArray, interference: FloatArray, rows: int, palette: Palette, *, apart: bool
) -> NDArray[np.str_]:
    """The glyphs, shape (rows, bars), of bars of these norms, as of ``standing_bars``."""
    glyphs = standing_bars(norms / FULL_NORM, rows, apart)
    if palette.has_scales:
        return glyphs
    shades = [shade(value / SUPERPOSITION_LIMIT) for value in interference.tolist()]
    shaded: NDArray[np.str_] = np.where(np.isin(glyphs, (FULL, NEARLY_WIDE)), shades, glyphs)
    return shaded


def lying_norm(norm: float, interference: float, width: int, palette: Palette) -> str:
    """A bar of this norm, whose full length has so many columns."""
    filled = None if palette.has_scales else shade(interference / SUPERPOSITION_LIMIT)
    return lying_bar(norm / FULL_NORM, width, filled)
