"""A canvas of braille dots, two by four per cell, for curves, spokes and circles.

Coordinates are in dots: x to the right, y downwards, integers at dot centres. Nothing is drawn
outside the canvas.
"""

import numpy as np
from numpy.typing import NDArray

from superpos_core.arrays import BoolArray, FloatArray
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Ink

DOTS_ACROSS, DOTS_DOWN = 2, 4
BRAILLE = 0x2800
# The bit of each dot of a cell in Unicode's braille block, row by row.
BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint32)
DASH = 3
"""The length of a dash, and of the gap after it, in dots."""
FARTHEST = 8.0
"""Lines are clipped this many canvas sizes outside, where their ends are invisible."""


class Canvas:
    """A grid of dots; each cell has one ink, that of the last stroke through it."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = max(width, 0), max(height, 0)
        self._dots: BoolArray = np.zeros((self.height * DOTS_DOWN, self.width * DOTS_ACROSS), bool)
        self._inks = np.full((self.height, self.width), Ink.TEXT, dtype=np.uint16)

    @property
    def dots_across(self) -> int:
        """Dots in a row."""
        return self.width * DOTS_ACROSS

    @property
    def dots_down(self) -> int:
        """Dots in a column."""
        return self.height * DOTS_DOWN

    def polyline(self, x: FloatArray, y: FloatArray, ink: int, dashed: bool = False) -> None:
        """Join the points by straight lines; non-finite points leave a gap."""
        for piece in finite_pieces(x, y):
            along = _along(self._near(x[piece]), self._near(y[piece]))
            if dashed:
                shown = np.arange(along[0].size) % (2 * DASH) < DASH
                along = along[0][shown], along[1][shown]
            self.dots(*along, ink)

    def line(self, x0: float, y0: float, x1: float, y1: float, ink: int) -> None:
        """Join two points."""
        self.polyline(np.array([x0, x1]), np.array([y0, y1]), ink)

    def dots(self, x: FloatArray, y: FloatArray, ink: int) -> None:
        """Set dots; in the cells they touch, dots of another ink are erased."""
        finite = np.isfinite(x) & np.isfinite(y)
        columns = np.rint(self._near(x[finite])).astype(int)
        rows = np.rint(self._near(y[finite])).astype(int)
        inside = (columns >= 0) & (columns < self.dots_across)
        inside &= (rows >= 0) & (rows < self.dots_down)
        columns, rows = columns[inside], rows[inside]
        if not columns.size:
            return
        self._take_cells(rows // DOTS_DOWN, columns // DOTS_ACROSS, ink)
        self._dots[rows, columns] = True

    def disc(self, x: float, y: float, radius: float, ink: int) -> None:
        """Draw a filled circle."""
        reach = int(np.ceil(radius))
        dx, dy = np.meshgrid(np.arange(-reach, reach + 1), np.arange(-reach, reach + 1))
        inside = dx**2 + dy**2 <= radius**2
        self.dots(np.rint(x) + dx[inside], np.rint(y) + dy[inside], ink)

    def ellipse(self, x: float, y: float, across: float, down: float, ink: int) -> None:
        """Draw the outline of an ellipse with these semi-axes."""
        angles = np.linspace(0, 2 * np.pi, max(16, int(8 * max(across, down, 1))))
        self.dots(x + across * np.cos(angles), y + down * np.sin(angles), ink)

    def cells(self) -> Cells:
        """The picture."""
        cells = Cells.blank(self.width, self.height)
        self.paint(cells, 0, 0)
        return cells

    def paint(self, cells: Cells, x: int, y: int) -> None:
        """Draw the dots over a picture, with their corner at cell (x, y); empty cells are clear."""
        blocks = self._dots.reshape(self.height, DOTS_DOWN, self.width, DOTS_ACROSS)
        codes = np.einsum("hdwa,da->hw", blocks.astype(np.uint32), BITS)
        picture = Cells((codes + BRAILLE).astype("<u4").view("<U1"), self._inks, self._inks)
        cells.paste_where(codes > 0, x, y, picture)

    def add(self, other: "Canvas", on_top: bool) -> None:
        """Add the dots of a canvas of this size, and erase none.

        A cell with dots of both has the ink of the one with more of them, or, if it is ``on_top``,
        the other's: where curves cross, none is interrupted.
        """
        own, others = self._dots_per_cell(), other._dots_per_cell()
        takes = others > 0 if on_top else others > own
        self._inks[takes] = other._inks[takes]
        self._dots |= other._dots

    def clear_where_drawn(self, other: "Canvas") -> None:
        """Erase the cells in which another canvas of this size has dots."""
        drawn = other._dots_per_cell() > 0
        self._dots &= ~np.repeat(np.repeat(drawn, DOTS_DOWN, axis=0), DOTS_ACROSS, axis=1)

    def _dots_per_cell(self) -> NDArray[np.int_]:
        blocks = self._dots.reshape(self.height, DOTS_DOWN, self.width, DOTS_ACROSS)
        counts: NDArray[np.int_] = blocks.sum(axis=(1, 3))
        return counts

    def _take_cells(self, rows: NDArray[np.int_], columns: NDArray[np.int_], ink: int) -> None:
        foreign = np.zeros_like(self._inks, dtype=bool)
        foreign[rows, columns] = True
        foreign &= self._inks != ink
        self._dots &= ~np.repeat(np.repeat(foreign, DOTS_DOWN, axis=0), DOTS_ACROSS, axis=1)
        self._inks[foreign] = ink

    def _near(self, values: FloatArray) -> FloatArray:
        reach = FARTHEST * max(self.dots_across, self.dots_down)
        return np.clip(values, -reach, reach)


def finite_pieces(x: FloatArray, y: FloatArray) -> list[slice]:
    """The contiguous stretches of finite points."""
    finite: BoolArray = np.isfinite(x) & np.isfinite(y)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], finite, [False]]).astype(int)))
    return [slice(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _along(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Points along the lines between the given points, at most one dot apart."""
    if x.size == 1:
        return x, y
    across, down = np.diff(x), np.diff(y)
    counts = np.ceil(np.maximum(np.abs(across), np.abs(down))).astype(int) + 1
    segment = np.repeat(np.arange(counts.size), counts)
    index = np.arange(segment.size) - np.repeat(np.cumsum(counts) - counts, counts)
    share = index / np.maximum(counts - 1, 1)[segment]
    return x[:-1][segment] + across[segment] * share, y[:-1][segment] + down[segment] * share
