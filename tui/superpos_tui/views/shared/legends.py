"""Legends of the sequential scale, of one row."""

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.colours.scales import SUPERPOSITION_LIMIT
from superpos_tui.drawing.bars import NEGATIVE_BAR, POSITIVE_BAR
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import NEARLY_FULL, SHADES
from superpos_tui.drawing.palette import Ink, Palette, sequential_inks
from superpos_tui.drawing.squares import NEGATIVE_GLYPHS, POSITIVE_GLYPHS

LEGEND_WIDTH = 8
"""Columns of a scale in a legend."""


def superposition_legend(palette: Palette) -> Cells:
    """Such as ``superposition 0 ▇▇▇▇ 1 ▇▇▇▇ ≥2``."""
    values = np.linspace(0, SUPERPOSITION_LIMIT, LEGEND_WIDTH)
    bar = scale_bar(values, SUPERPOSITION_LIMIT, palette)
    half = LEGEND_WIDTH // 2
    below, above = bar.columns(0, half), bar.columns(half, LEGEND_WIDTH)
    most = f" ≥{SUPERPOSITION_LIMIT:g}"
    return _side_by_side(
        text_row("superposition 0 "), below, text_row(" 1 "), above, text_row(most)
    )


def importance_legend(most: str, palette: Palette) -> Cells:
    """Such as ``importance 0 ▇▇▇▇▇▇▇▇ 1``."""
    bar = scale_bar(np.linspace(0, 1, LEGEND_WIDTH), 1.0, palette)
    return _side_by_side(text_row("importance 0 "), bar, text_row(f" {most}"))


def sign_legend(palette: Palette) -> Cells:
    """Such as ``▇ + ▇ −``; the colours or, without them, the glyphs of the two signs."""
    if palette.has_scales:
        return signs(NEARLY_FULL, NEARLY_FULL)
    return signs(POSITIVE_GLYPHS[-1], NEGATIVE_GLYPHS[-1])


def signs(positive: str, negative: str, before: str = "") -> Cells:
    """The glyphs of both signs in their colours, such as ``▇ + ▇ −``, after a text."""
    legend = text_row(f"{before}{positive} + {negative} −")
    legend.inks[0, len(before)] = POSITIVE_BAR
    legend.inks[0, len(before) + len(f"{positive} + ")] = NEGATIVE_BAR
    return legend


def scale_bar(values: FloatArray, limit: float, palette: Palette) -> Cells:
    """One cell per value on the sequential scale from 0 to ``limit``."""
    bar = Cells.blank(values.size, 1)
    bar.inks[0] = sequential_inks(values, limit)
    for x, value in enumerate(values):
        bar.glyphs[0, x] = NEARLY_FULL if palette.has_scales else shade(float(value / limit))
    return bar


def shade(share: float) -> str:
    """The glyph for a share of the sequential scale without its colours: lighter for more."""
    share = float(np.clip(np.nan_to_num(share), 0, 1))
    return SHADES[::-1][min(int(share * len(SHADES)), len(SHADES) - 1)]


def _side_by_side(*pieces: Cells) -> Cells:
    row = Cells.blank(sum(piece.width for piece in pieces), 1)
    x = 0
    for piece in pieces:
        row.paste(x, 0, piece)
        x += piece.width
    return row


def text_row(text: str) -> Cells:
    """A muted text, as wide as it is."""
    cells = Cells.blank(len(text), 1)
    cells.write(0, 0, text, Ink.MUTED)
    return cells
