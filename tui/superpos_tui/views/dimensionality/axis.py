"""The vertical axis of a feature's dimensionality D_i, from 0 to 1, with the marks of known shapes.

Shared by the dimensionality panels: the axis, its faint guide lines, and dots on it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.theory import DIMENSIONALITY_MARKS, DimensionalityMark
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN, Canvas
from superpos_tui.drawing.cells import Cells, InkArray
from superpos_tui.drawing.palette import Ink

LOW, HIGH = -0.03, 1.05
"""The ends of the axis, such that dots at 0 and 1 are whole."""
LABEL_WIDTH = max(len(mark.label) for mark in DIMENSIONALITY_MARKS) + 1
GUIDE_SPACING = 4
"""The spacing of a guide line's dots."""
WRITTEN_FIRST = (1, 0, 1 / 2)
"""Marks whose labels take precedence if there are too few rows."""

Tick = tuple[int, str]
"""A column of the picture, and the label below it."""


@dataclass(frozen=True)
class DimensionAxis:
    """A plot of ``width`` × ``height`` cells: labels on the left, then a canvas of dots."""

    width: int
    height: int

    @property
    def left(self) -> int:
        """The first column of the canvas."""
        return LABEL_WIDTH

    @property
    def columns(self) -> int:
        """Columns of the canvas."""
        return max(self.width - LABEL_WIDTH, 0)

    @property
    def dots_across(self) -> int:
        """Dots in a row of the canvas."""
        return self.columns * DOTS_ACROSS

    def canvas(self) -> Canvas:
        """An empty canvas of the plot's size."""
        return Canvas(self.columns, self.height)

    def rows_of(self, dimensionality: FloatArray) -> FloatArray:
        """The vertical positions of values, in dots."""
        share = (HIGH - np.asarray(dimensionality, dtype=np.float64)) / (HIGH - LOW)
        rows: FloatArray = share * (self.height * DOTS_DOWN - 1)
        return rows

    def column_at(self, x: float) -> int:
        """The column of cells that contains a dot of the canvas."""
        return self.left + round(x) // DOTS_ACROSS

    def paint(self, cells: Cells, canvas: Canvas, with_shapes: bool = False) -> None:
        """Paint the guide lines and their labels, then the canvas.

        ``with_shapes`` also names the shapes, at an end of their lines that is free of dots, or
        else just above or below.
        """
        guides = self.canvas()
        self._draw_guides(guides)
        guides.paint(cells, self.left, 0)
        without_dots = cells.glyphs.copy()
        canvas.paint(cells, self.left, 0)
        free = cells.glyphs == without_dots
        crowded = []
        for mark, row in self._labelled_marks():
            cells.write_right(LABEL_WIDTH - 1, row, mark.label, Ink.MUTED)
            if with_shapes and not self._write_shape(cells, free, mark.shape, row):
                crowded.append((mark.shape, row))
        free = cells.glyphs == " "
        for shape, row in crowded:
            for beside in self._beside(row):
                if self._write_shape(cells, free, shape, beside):
                    break

    def _labelled_marks(self) -> Iterator[tuple[DimensionalityMark, int]]:
        """The marks that have their own row, with that row."""
        taken: set[int] = set()
        for mark in sorted(DIMENSIONALITY_MARKS, key=lambda mark: mark.value not in WRITTEN_FIRST):
            row = round(float(self.rows_of(np.array(mark.value)))) // DOTS_DOWN
            if row not in taken:
                taken.add(row)
                yield mark, row

    def _beside(self, row: int) -> Iterator[int]:
        """Rows near a line, the best first, in which a name cannot be taken for another line's."""
        lines = {line for _, line in self._labelled_marks()}
        for step, reach in ((-1, 2), (1, 1)):
            for each in range(row + step, row + (reach + 1) * step, step):
                if each in lines or not 0 <= each < self.height:
                    break
                yield each

    def _write_shape(self, cells: Cells, free: BoolArray, shape: str, row: int) -> bool:
        """Write a name at a free end of a row; whether there is one."""
        text = f" {shape} "
        for x in (self.width - len(text), self.left):
            if x >= self.left and free[row, x : x + len(text)].all():
                cells.write(x, row, text, Ink.FAINT)
                free[row, x : x + len(text)] = False
                return True
        return False

    def _draw_guides(self, canvas: Canvas) -> None:
        across = np.arange(0.0, canvas.dots_across, GUIDE_SPACING)
        for mark in DIMENSIONALITY_MARKS:
            row = float(self.rows_of(np.array(mark.value)))
            canvas.dots(across, np.full_like(across, row), Ink.FAINT)

    def draw_vertical_line(self, canvas: Canvas, x: float) -> None:
        """Draw a faint dotted vertical line."""
        down = np.arange(0.0, canvas.dots_down, GUIDE_SPACING)
        canvas.dots(np.full_like(down, x), down, Ink.FAINT)


def write_ticks(
    cells: Cells, axis: DimensionAxis, ticks: Sequence[Tick], focused: Tick | None = None
) -> None:
    """Write labels centred below the axis, the focused one first, others if there is room."""
    free = np.ones(axis.left + axis.columns, dtype=bool)
    for tick in ticks if focused is None else [focused, *ticks]:
        column, label = tick
        start = max(min(column - (len(label) - 1) // 2, free.size - len(label)), 0)
        around = slice(max(start - 1, 0), start + len(label) + 1)
        if free[around].all():
            free[start : start + len(label)] = False
            cells.write(start, axis.height, label, Ink.ACCENT if tick == focused else Ink.MUTED)


def scatter(
    canvas: Canvas, x: FloatArray, y: FloatArray, inks: InkArray, radius: float = 0
) -> None:
    """Draw a disc at each point; if inks meet in a cell, all its dots take the largest one."""
    usable = np.isfinite(x) & np.isfinite(y)
    across, down = _disc(radius)
    columns = (np.rint(x[usable])[:, None] + across).ravel()
    rows = (np.rint(y[usable])[:, None] + down).ravel()
    inside = (columns >= 0) & (columns < canvas.dots_across)
    inside &= (rows >= 0) & (rows < canvas.dots_down)
    columns, rows = columns[inside], rows[inside]
    indices = (rows // DOTS_DOWN * canvas.width + columns // DOTS_ACROSS).astype(np.int_)
    cell_inks = np.zeros(canvas.width * canvas.height, dtype=np.uint16)
    np.maximum.at(cell_inks, indices, inks[usable].repeat(across.size)[inside])
    for ink in np.unique(cell_inks[indices]):
        of_this_ink = cell_inks[indices] == ink
        canvas.dots(columns[of_this_ink], rows[of_this_ink], int(ink))


def _disc(radius: float) -> tuple[FloatArray, FloatArray]:
    reach = np.arange(-int(radius), int(radius) + 1, dtype=np.float64)
    across, down = np.meshgrid(reach, reach)
    inside = across**2 + down**2 <= radius**2
    return across[inside], down[inside]
