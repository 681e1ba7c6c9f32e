"""Legends of the sequential scale, of one row."""

from collections.abc import Sequence

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.colours.scales import SUPERPOSITION_LIMIT
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import NEARLY_FULL, SHADES
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette, sequential_inks

LEGEND_WIDTH = 8
"""Columns of a scale in a legend."""


def superposition_legend(width: int, palette: Palette = FULL_COLOURS) -> Cells:
    """Such as ``superposition 0 ▇▇▇▇ 1 ▇▇▇▇ ≥2``, or without its name; empty if it does not fit."""
    values = np.linspace(0, SUPERPOSITION_LIMIT, LEGEND_WIDTH)
    bar = scale_bar(values, SUPERPOSITION_LIMIT, palette)
    half = LEGEND_WIDTH // 2
    below, above = _columns(bar, 0, half), _columns(bar, half, LEGEND_WIDTH)
    most = f" ≥{SUPERPOSITION_LIMIT:g}"
    return _legend(width, "superposition", [_text("0 "), below, _text(" 1 "), above, _text(most)])


def importance_legend(most: str, width: int) -> Cells:
    """Such as ``importance 0 ▇▇▇▇▇▇▇▇ 1``, or without its name; empty if it does not fit."""
    bar = scale_bar(np.linspace(0, 1, LEGEND_WIDTH), 1.0, FULL_COLOURS)
    return _legend(width, "importance", [_text("0 "), bar, _text(f" {most}")])


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


def _legend(width: int, name: str, parts: Sequence[Cells]) -> Cells:
    """The parts side by side, after their name if there is room; empty if they do not fit."""
    for pieces in ([_text(f"{name} "), *parts], parts):
        legend = Cells.blank(sum(piece.width for piece in pieces), 1)
        if legend.width <= width:
            x = 0
            for piece in pieces:
                legend.paste(x, 0, piece)
                x += piece.width
            return legend
    return Cells.blank(0, 1)


def _text(text: str) -> Cells:
    cells = Cells.blank(len(text), 1)
    cells.write(0, 0, text, Ink.MUTED)
    return cells


def _columns(cells: Cells, start: int, end: int) -> Cells:
    columns = np.s_[:, start:end]
    return Cells(cells.glyphs[columns], cells.inks[columns], cells.grounds[columns])
