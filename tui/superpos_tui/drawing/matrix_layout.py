"""Where the entries, the numbers and the bias of a square matrix are drawn."""

from dataclasses import dataclass, replace

from superpos_core.ticks import round_step
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.palette import Ink
from superpos_tui.drawing.window import Window

GAP = 1
"""Columns between a matrix and the bias beside it."""
MAX_NUMBERS = 6
"""So that numbers are read, not counted: 0 5 10 15 for 20 features."""


@dataclass(frozen=True)
class MatrixLayout:
    """How the window of a matrix is fitted.

    ``block``² entries become one square ``zoom`` columns wide. Without half blocks a square has
    whole rows, so that its ``zoom`` is 1 or even. Numbers have ``header`` rows above the squares
    and ``gutter`` columns left of them, the last of which is for the pointer.
    """

    window: Window
    block: int
    zoom: int
    half_blocks: bool
    with_bias: bool
    gutter: int = 0
    header: int = 0

    @classmethod
    def fitting(
        cls,
        window: Window,
        width: int,
        height: int,
        half_blocks: bool,
        with_bias: bool = True,
    ) -> "MatrixLayout | None":
        """The largest squares that fit, without numbers.

        If there are too many entries for squares, the smallest blocks that fit.
        """
        n = window.side
        rows = 2 * height if half_blocks else height
        across, bias = (width - GAP, 1) if with_bias else (width, 0)
        if across < 1 + bias or rows < 1:
            return None
        block = max(-(-n // (across - bias)), -(-n // rows))
        squares = -(-n // block)
        zoom = across // (squares + bias)
        if half_blocks:
            zoom = min(zoom, rows // squares)
        elif zoom > 1:
            zoom = 2 * min(zoom // 2, rows // squares)
        return cls(window, block, zoom, half_blocks, with_bias)

    @classmethod
    def numbered(
        cls,
        window: Window,
        width: int,
        height: int,
        half_blocks: bool,
        with_bias: bool = True,
    ) -> "MatrixLayout | None":
        """The largest squares that fit with numbers, of rows too if those have room.

        There is no room where numbers would merge entries that need not be, or shrink what is seen
        of an entry by more than a third.
        """
        plain = cls.fitting(window, width, height, half_blocks, with_bias)
        if plain is None:
            return None
        gutter = len(str(max(window.rows.stop, window.columns.stop) - 1)) + 1
        for columns in (gutter, 0):
            room = width - columns, height - 1
            small = cls.fitting(window, *room, half_blocks, with_bias)
            if small is None or small.block > 1 == plain.block:
                continue
            if 3 * small.share >= 2 * plain.share:
                return replace(small, gutter=columns, header=1)
        return plain

    def refitted(self, half_blocks: bool) -> "MatrixLayout":
        """The same with or without half blocks, in the same room."""
        if half_blocks == self.half_blocks:
            return self
        width, height = self.width - self.gutter, self.height - self.header
        other = MatrixLayout.fitting(self.window, width, height, half_blocks, self.with_bias)
        return self if other is None else replace(other, gutter=self.gutter, header=self.header)

    @property
    def half_rows(self) -> int:
        """The height of a square in half rows of cells."""
        return self.zoom if self.half_blocks else max(self.zoom, 2)

    @property
    def share(self) -> float:
        """Columns per entry: less than one if entries are merged."""
        return self.zoom / self.block

    @property
    def numbers(self) -> int:
        """Sides with numbers, of the two that may have them."""
        return self.header + (self.gutter > 0)

    @property
    def squares(self) -> int:
        """Squares per row, without the bias."""
        return -(-self.window.side // self.block)

    @property
    def width(self) -> int:
        """Columns."""
        bias = GAP + self.zoom if self.with_bias else 0
        return self.gutter + self.zoom * self.squares + bias

    @property
    def height(self) -> int:
        """Rows of cells."""
        return self.header + -(-self.half_rows * self.squares // 2)

    @property
    def bias_left(self) -> int:
        """The first column of the bias."""
        return self.gutter + self.zoom * self.squares + GAP

    def row_of(self, feature: int) -> int:
        """The row of cells that contains the middle of a feature's squares."""
        square = (feature - self.window.row) // self.block
        return self.header + (2 * square + 1) * self.half_rows // 4

    def column_of(self, feature: int) -> int:
        """The column of cells that contains the middle of a feature's squares."""
        square = (feature - self.window.column) // self.block
        return self.gutter + square * self.zoom + (self.zoom - 1) // 2

    def entries_at(self, x: int, y: int, lower: bool = False) -> tuple[range, range | None] | None:
        """The features whose entries a cell shows, by row and column; of two rows the upper one.

        Instead of columns, ``None`` on the bias. ``None`` outside the squares and the bias.
        """
        down, across = y - self.header, x - self.gutter
        row = (2 * down + lower) // self.half_rows
        if not 0 <= row < self.squares:
            return None
        rows = self._block(self.window.rows, row)
        if self.with_bias and 0 <= x - self.bias_left < self.zoom:
            return rows, None
        column = across // self.zoom
        if not 0 <= column < self.squares:
            return None
        return rows, self._block(self.window.columns, column)

    def nearest_entries(self, x: int, y: int) -> tuple[range, range]:
        """The entries at a cell, or those nearest to it, by row and column."""
        right = self.gutter + self.zoom * self.squares - 1
        found = self.entries_at(
            min(max(x, self.gutter), right), min(max(y, self.header), self.height - 1)
        )
        rows, columns = found or (self.window.rows, None)
        return rows, columns or self.window.columns

    @property
    def most_unmerged(self) -> int:
        """The most rows for which this room has a square per entry."""
        columns = self.zoom * self.squares
        rows = (self.height - self.header) * (2 if self.half_blocks else 1)
        return min(columns, rows)

    def _block(self, shown: range, square: int) -> range:
        start = shown.start + square * self.block
        return range(start, min(start + self.block, shown.stop))


def write_numbers(cells: Cells, layout: MatrixLayout, cursor: tuple[int, int] | None) -> None:
    """Number some rows and columns of a picture laid out so, and those of the cursor."""
    last = max(layout.window.rows.stop, layout.window.columns.stop) - 1
    digits, (row, column) = len(str(last)), cursor or (-1, -1)
    step = round_step(layout.window.side, MAX_NUMBERS)
    while layout.zoom * step < (digits + 1) * layout.block and step < layout.window.side:
        step = round_step(step + 1, 1)
    for feature in _multiples(layout.window.rows, step) if layout.gutter else ():
        cells.write_right(layout.gutter - 1, layout.row_of(feature), str(feature), Ink.MUTED)
    right = layout.gutter + layout.zoom * layout.squares
    for feature in _multiples(layout.window.columns, step):
        is_free = column not in layout.window.columns or (
            abs(layout.column_of(feature) - layout.column_of(column)) > digits
        )
        if is_free:
            _write_over_column(cells, layout, feature, right, Ink.MUTED)
    if layout.with_bias:
        cells.write(layout.bias_left + (layout.zoom - 1) // 2, 0, "b", Ink.MUTED)
    if layout.gutter and row in layout.window.rows:
        y = layout.row_of(row)
        cells.write(0, y, f"{row:>{digits}}{SELECTED}", Ink.ACCENT)
    if column in layout.window.columns:
        _write_over_column(cells, layout, column, right, Ink.ACCENT)


def _write_over_column(
    cells: Cells, layout: MatrixLayout, feature: int, right: int, ink: int
) -> None:
    """Write a number over the middle of its column, within the width of the squares."""
    number = str(feature)
    x = layout.column_of(feature) - (len(number) - 1) // 2
    cells.write(max(min(x, right - len(number)), 0), 0, number, ink)


def _multiples(indices: range, step: int) -> range:
    return range(-(-indices.start // step) * step, indices.stop, step)
