"""The vertical axis of a feature's dimensionality D_i, from 0 to 1, with the marks of known shapes.

What the panels about dimensionality share: the axis, its faint guide lines, and dots on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from superpos_core.arrays import FloatArray
from superpos_core.theory import DIMENSIONALITY_MARKS, DimensionalityMark
from superpos_tui.canvas import DOTS_ACROSS, DOTS_DOWN, Canvas
from superpos_tui.cells import Cells, InkArray
from superpos_tui.palette import Ink

LOW, HIGH = -0.03, 1.05
"""Where the axis ends: dots at 0 and at 1 are whole."""
LABEL_WIDTH = max(len(mark.label) for mark in DIMENSIONALITY_MARKS) + 1
SHAPE_WIDTH = max(len(mark.shape) for mark in DIMENSIONALITY_MARKS) + 1
LEAST_WIDTH, LEAST_HEIGHT = LABEL_WIDTH + 2, 3
GUIDE_SPACING = 4
"""Dots from one dot of a guide line to the next."""
WRITTEN_FIRST = (1, 0, 1 / 2)
"""Marks whose labels stay where there is no row for all of them."""

Tick = tuple[int, str]
"""A column of the picture, and the label below it."""


@dataclass(frozen=True)
class DimensionAxis:
    """A plot of ``width`` × ``height`` cells at the upper left: labels on the left, then dots.

    With ``shapes`` the names of the shapes stand on the right, and dots end before them.
    """

    width: int
    height: int
    shapes: bool = False

    @property
    def left(self) -> int:
        """The first column of the canvas."""
        return LABEL_WIDTH

    @property
    def columns(self) -> int:
        """Columns of the canvas."""
        return max(self.width - LABEL_WIDTH - SHAPE_WIDTH * self.shapes, 0)

    @property
    def dots_across(self) -> int:
        """Dots in a row of the canvas."""
        return self.columns * DOTS_ACROSS

    def canvas(self) -> Canvas:
        """An empty canvas for this place."""
        return Canvas(self.columns, self.height)

    def rows_of(self, dimensionality: FloatArray) -> FloatArray:
        """The dots' rows at which values stand."""
        share = (HIGH - np.asarray(dimensionality, dtype=np.float64)) / (HIGH - LOW)
        rows: FloatArray = share * (self.height * DOTS_DOWN - 1)
        return rows

    def column_at(self, x: float) -> int:
        """The column of the picture in which a dot of the canvas stands."""
        return self.left + round(x) // DOTS_ACROSS

    def paint(self, cells: Cells, canvas: Canvas) -> None:
        """The canvas, and around it the labels of the marks, and the names of their shapes."""
        canvas.paint(cells, self.left, 0)
        taken: set[int] = set()
        for mark in sorted(DIMENSIONALITY_MARKS, key=lambda mark: mark.value not in WRITTEN_FIRST):
            row = self._row_of(mark)
            if row not in taken:
                taken.add(row)
                cells.write_right(LABEL_WIDTH - 1, row, mark.label, Ink.MUTED)
                if self.shapes:
                    cells.write(self.left + self.columns + 1, row, mark.shape, Ink.FAINT)

    def draw_guides(self, canvas: Canvas) -> None:
        """A faint dotted line at each mark, before anything else is drawn."""
        across = np.arange(0.0, canvas.dots_across, GUIDE_SPACING)
        for mark in DIMENSIONALITY_MARKS:
            row = float(self.rows_of(np.array(mark.value)))
            canvas.dots(across, np.full_like(across, row), Ink.FAINT)

    def draw_upright(self, canvas: Canvas, x: float) -> None:
        """A faint dotted vertical line."""
        down = np.arange(0.0, canvas.dots_down, 2)
        canvas.dots(np.full_like(down, x), down, Ink.FAINT)

    def _row_of(self, mark: DimensionalityMark) -> int:
        return round(float(self.rows_of(np.array(mark.value)))) // DOTS_DOWN


def write_ticks(
    cells: Cells, axis: DimensionAxis, ticks: Sequence[Tick], focused: Tick | None = None
) -> None:
    """Labels centred below the axis; the focused one for sure, others where there is room."""
    free = np.ones(axis.left + axis.columns, dtype=bool)
    for tick in ticks if focused is None else [focused, *ticks]:
        column, label = tick
        start = max(min(column - (len(label) - 1) // 2, free.size - len(label)), 0)
        around = slice(max(start - 1, 0), start + len(label) + 1)
        if free[around].all():
            free[around] = False
            cells.write(start, axis.height, label, Ink.ACCENT if tick == focused else Ink.MUTED)


def scatter(
    canvas: Canvas, x: FloatArray, y: FloatArray, inks: InkArray, radius: float = 0
) -> None:
    """A disc at each point. Where inks meet in a cell, all its dots take the greatest one."""
    usable = np.isfinite(x) & np.isfinite(y)
    across, down = _disc(radius)
    x = (x[usable, None] + across).ravel()
    y = (y[usable, None] + down).ravel()
    inks = inks[usable].repeat(across.size)
    columns, rows = np.rint(x).astype(int) // DOTS_ACROSS, np.rint(y).astype(int) // DOTS_DOWN
    inside = (columns >= 0) & (columns < canvas.width) & (rows >= 0) & (rows < canvas.height)
    x, y, inks = x[inside], y[inside], inks[inside]
    places = rows[inside] * canvas.width + columns[inside]
    cell_inks = np.zeros(canvas.width * canvas.height, dtype=inks.dtype)
    np.maximum.at(cell_inks, places, inks)
    for ink in np.unique(cell_inks[places]):
        of_this_ink = cell_inks[places] == ink
        canvas.dots(x[of_this_ink], y[of_this_ink], int(ink))


def _disc(radius: float) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    reach = np.arange(-int(radius), int(radius) + 1)
    across, down = np.meshgrid(reach, reach)
    inside = across**2 + down**2 <= radius**2
    return across[inside], down[inside]
