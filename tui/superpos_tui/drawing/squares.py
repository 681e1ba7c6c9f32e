"""Matrices as coloured squares, two half blocks per cell, or as glyphs without colour.

In a matrix that does not fit, each block of entries is merged into one square.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.geometry.blocks import strongest_of_blocks
from superpos_tui.drawing.cells import Cells, InkArray
from superpos_tui.drawing.glyphs import LOWER_HALF, UPPER_HALF
from superpos_tui.drawing.palette import Ink, Palette, diverging_inks, diverging_levels

LIMIT = 1.3
"""The end of the colour scale, fixed as in the paper's notebook to keep pictures comparable."""
GAP = 1
"""Columns between a matrix and the bias beside it."""
POSITIVE_GLYPHS = "·░▒█"
NEGATIVE_GLYPHS = "·-=#"
"""From 0 to the limit, for terminals whose colours cannot show a value."""
BAR_WIDTH, BAR_LABELS = 26, 12
"""The colour bar: its columns if there is room, half of them otherwise, and those of its ends."""
COLOUR_BAR_WIDTH = BAR_WIDTH + BAR_LABELS
GLYPH_LEVELS = 6
"""Levels from zero to the limit without colours, two of them per glyph."""


def draw_square(
    features: int,
    strongest: Callable[[int], FloatArray],
    bias: FloatArray | None,
    width: int,
    height: int,
    palette: Palette,
) -> Cells:
    """A square matrix, with its bias column if given, in at most ``width`` × ``height`` cells.

    ``strongest(block)`` returns its entries, each ``block`` × ``block`` of them merged into one.
    """
    with_bias = bias is not None
    layout = MatrixLayout.fitting(features, width, height, palette.has_scales, with_bias)
    if layout is None:
        return Cells.blank(0, 0)
    draw_entries = _half_blocks if palette.has_scales else _glyphs
    cells = draw_entries(strongest(layout.block), layout.zoom)
    if bias is None:
        return cells
    column = draw_entries(strongest_of_blocks(bias[:, None], layout.block, 1), layout.zoom)
    both = Cells.blank(layout.width, layout.height)
    both.paste(0, 0, cells)
    both.paste(cells.width + GAP, 0, column)
    return both


@dataclass(frozen=True)
class MatrixLayout:
    """How a matrix is fitted: ``block``² entries become one square ``zoom`` columns wide."""

    features: int
    block: int
    zoom: int
    half_blocks: bool
    with_bias: bool

    @classmethod
    def fitting(
        cls, n: int, width: int, height: int, half_blocks: bool, with_bias: bool = True
    ) -> "MatrixLayout | None":
        """The largest squares that fit; if n is too large, the smallest blocks that do."""
        rows = 2 * height if half_blocks else height
        across, bias = (width - GAP, 1) if with_bias else (width, 0)
        if across < 1 + bias or rows < 1:
            return None
        block = max(-(-n // (across - bias)), -(-n // rows))
        squares = -(-n // block)
        zoom = min(across // (squares + bias), rows // squares if half_blocks else 2)
        return cls(n, block, zoom, half_blocks, with_bias)

    @property
    def squares(self) -> int:
        """Squares per row, without the bias."""
        return -(-self.features // self.block)

    @property
    def width(self) -> int:
        """Columns."""
        return self.zoom * self.squares + (GAP + self.zoom if self.with_bias else 0)

    @property
    def height(self) -> int:
        """Rows of cells."""
        return -(-self.zoom * self.squares // 2) if self.half_blocks else self.squares

    def row_of(self, feature: int) -> int:
        """The row of cells that contains the middle of a feature's squares."""
        square = feature // self.block
        return (2 * square + 1) * self.zoom // 4 if self.half_blocks else square


def draw_squares(values: FloatArray, zoom: int, palette: Palette) -> Cells:
    """The entries of any matrix, each ``zoom`` columns wide and ``zoom`` half rows high.

    Without colours a cell has one glyph, that of the stronger of the entries that share it.
    """
    if palette.has_scales:
        return _half_blocks(values, zoom)
    half_rows = values.repeat(zoom, axis=0)
    return _glyphs(strongest_of_blocks(half_rows, 2, columns=1), zoom)


def _half_blocks(values: FloatArray, zoom: int) -> Cells:
    """Two rows of pixels per cell: an entry of ``zoom`` × ``zoom`` pixels looks square."""
    inks = diverging_inks(values, LIMIT)
    return cells_of_pixels(inks.repeat(zoom, axis=0).repeat(zoom, axis=1))


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


def write_colour_bar(cells: Cells, y: int, palette: Palette) -> None:
    """Write the scale from −1.3 to +1.3, centred in row ``y``."""
    width = BAR_WIDTH if cells.width >= COLOUR_BAR_WIDTH else BAR_WIDTH // 2
    values = np.linspace(-LIMIT, LIMIT, width | 1)[None, :]
    bar = Cells.blank(values.size, 1)
    if palette.has_scales:
        bar.grounds[:] = diverging_inks(values, LIMIT)
    else:
        bar.glyphs[:] = _signed_glyphs(values)
        bar.inks[:] = diverging_inks(values, LIMIT)
    start = (cells.width - bar.width) // 2
    cells.paste(max(start, 0), y, bar)
    cells.write_right(start - 1, y, f"−{LIMIT}", Ink.MUTED)
    cells.write(start + bar.width + 1, y, f"+{LIMIT}", Ink.MUTED)
