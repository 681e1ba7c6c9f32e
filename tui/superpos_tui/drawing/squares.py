"""Matrices as coloured squares, two half blocks per cell, or as glyphs without colour.

In a matrix that does not fit, each block of entries is merged into one square.
"""

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.geometry.blocks import strongest_of_blocks
from superpos_core.ticks import with_minus
from superpos_tui.drawing.cells import Cells, InkArray
from superpos_tui.drawing.glyphs import LOWER_HALF, UPPER_HALF
from superpos_tui.drawing.matrix_layout import MatrixLayout, write_numbers
from superpos_tui.drawing.numbers import signed
from superpos_tui.drawing.palette import Ink, Palette, diverging_inks, diverging_levels

LIMIT = 1.3
"""The end of the colour scale, fixed as in the paper's notebook to keep pictures comparable."""
LEAST, MOST = f"≤−{LIMIT}", f"≥+{LIMIT}"
"""The ends of the scale: values beyond have their colours."""
POSITIVE_GLYPHS = "·░▒█"
NEGATIVE_GLYPHS = "·-=#"
"""From 0 to the limit, for terminals whose colours cannot show a value."""
UPRIGHT_WIDTH = 6
"""Columns of the upright colour bar with its labels."""
BAR_WIDTH, BAR_LABELS = 26, 13
"""The colour bar: its columns if there is room, half of them otherwise, and those of its ends."""
COLOUR_BAR_WIDTH = BAR_WIDTH + BAR_LABELS
MIN_FOR_VALUES = 7
"""Columns of a square in which its value is written."""
READABLE_ABOVE = 0.6
"""From here on a square is read in the colour of zero, below in that of text."""
GLYPH_LEVELS = 6
"""Levels from zero to the limit without colours, two of them per glyph."""


def draw_square(
    layout: MatrixLayout,
    entries: FloatArray,
    bias: FloatArray | None,
    palette: Palette,
    cursor: tuple[int, int] | None = None,
) -> Cells:
    """A square matrix as laid out, with its numbers and its bias column if the layout has them.

    ``entries`` are those of the window, each ``layout.block``² of them merged into one; ``bias`` is
    that of all features. The row and the column of the ``cursor`` are pointed out.
    """
    cells = Cells.blank(layout.width, layout.height)
    cells.paste(layout.gutter, layout.header, _draw_entries(entries, layout, palette))
    if bias is not None and layout.with_bias:
        shown = bias[layout.window.row : layout.window.rows.stop, None]
        column = _draw_entries(strongest_of_blocks(shown, layout.block, 1), layout, palette)
        cells.paste(layout.bias_left, layout.header, column)
    if layout.header:
        write_numbers(cells, layout, cursor)
    return cells


def _draw_entries(values: FloatArray, layout: MatrixLayout, palette: Palette) -> Cells:
    if layout.half_blocks:
        return draw_squares(values, layout.zoom, palette)
    return _glyphs(values.repeat(layout.half_rows // 2, axis=0), layout.zoom)


def draw_squares(
    values: FloatArray, zoom: int, palette: Palette, half_rows: int | None = None
) -> Cells:
    """The entries of any matrix, each ``zoom`` columns wide and ``zoom`` half rows high.

    With ``half_rows`` they are as high as that. Without colours a cell has one glyph, that of the
    stronger of the entries that share it.
    """
    high = zoom if half_rows is None else half_rows
    if palette.has_scales:
        inks = diverging_inks(values, LIMIT)
        return cells_of_pixels(inks.repeat(high, axis=0).repeat(zoom, axis=1))
    return _glyphs(strongest_of_blocks(values.repeat(high, axis=0), 2, columns=1), zoom)


def write_values_on(cells: Cells, values: FloatArray, wide: int, half_rows: int) -> None:
    """Write each entry's number on its square, if that is drawn in colours and has room for it."""
    if wide < MIN_FOR_VALUES or half_rows < 2:
        return
    for row, column in np.ndindex(values.shape):
        value = float(values[row, column])
        text = signed(value, zero="").strip()
        x, y = column * wide + (wide - len(text)) // 2, (2 * row + 1) * half_rows // 4
        cells.write(x, y, text, Ink.ZERO if abs(value) > READABLE_ABOVE else Ink.TEXT)


def cells_of_pixels(pixels: InkArray) -> Cells:
    """Join pairs of pixel rows: a plain cell where both agree, else a half block.

    It is an upper half block, or a lower one if there is no upper pixel (``Ink.NONE``).
    """
    if len(pixels) % 2:
        pixels = np.concatenate([pixels, np.full_like(pixels[:1], Ink.NONE)])
    upper, lower = pixels[0::2], pixels[1::2]
    same, lower_only = upper == lower, (upper == Ink.NONE) & (lower != Ink.NONE)
    return Cells(
        glyphs=np.select([same, lower_only], [" ", LOWER_HALF], UPPER_HALF),
        inks=np.select([same, lower_only], [Ink.TEXT, lower], upper).astype(np.uint16),
        grounds=np.where(lower_only, Ink.NONE, lower).astype(np.uint16),
    )


def _glyphs(values: FloatArray, zoom: int) -> Cells:
    """Entries as glyphs that show sign and magnitude, ``zoom`` columns each."""
    values = values.repeat(zoom, axis=1)
    cells = Cells.blank(values.shape[1], len(values))
    cells.glyphs[:] = _signed_glyphs(values)
    cells.inks[:] = diverging_inks(values, LIMIT)
    return cells


def _signed_glyphs(values: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.str_]]:
    level = diverging_levels(values, LIMIT, GLYPH_LEVELS)
    strength = -(-np.abs(level) // 2)
    glyphs = np.where(
        level >= 0,
        np.array(list(POSITIVE_GLYPHS))[strength],
        np.array(list(NEGATIVE_GLYPHS))[strength],
    )
    return np.where(np.isfinite(values), glyphs, "?")


def write_colour_bar(cells: Cells, y: int, palette: Palette, most: float = LIMIT) -> None:
    """Write the scale from ≤−1.3 to ≥+1.3, centred in row ``y``.

    If no value is larger than ``most``, only that part of it.
    """
    room = cells.width - BAR_LABELS
    width = BAR_WIDTH if room >= BAR_WIDTH else max(min(BAR_WIDTH // 2, room - 1), 3)
    values = np.linspace(-most, most, width | 1)[None, :]
    low, high = (LEAST, MOST) if most == LIMIT else (with_minus(f"{-most:+g}"), f"{most:+g}")
    bar = Cells.blank(values.size, 1)
    if palette.has_scales:
        bar.grounds[:] = diverging_inks(values, LIMIT)
    else:
        bar.glyphs[:] = _signed_glyphs(values)
        bar.inks[:] = diverging_inks(values, LIMIT)
    start = (cells.width - bar.width) // 2
    cells.paste(max(start, 0), y, bar)
    cells.write_right(start - 1, y, low, Ink.MUTED)
    cells.write(start + bar.width + 1, y, high, Ink.MUTED)


def write_upright_colour_bar(cells: Cells, x: int, palette: Palette) -> None:
    """Write the scale from ≥+1.3 at the top to ≤−1.3, ``UPRIGHT_WIDTH`` columns from ``x`` on."""
    values = np.linspace(LIMIT, -LIMIT, 2 * cells.height)[:, None]
    cells.paste(x, 0, draw_squares(values, 1, palette))
    cells.write(x + 1, 0, MOST, Ink.MUTED)
    cells.write(x + 1, cells.height - 1, LEAST, Ink.MUTED)
