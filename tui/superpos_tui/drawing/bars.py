"""Bars: signed ones that grow sideways from a zero line, and rows of bars that stand."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import (
    BEYOND,
    BEYOND_ABOVE,
    FULL,
    LOWER_EIGHTHS,
    NEARLY_WIDE,
    NOT_FINITE,
    RIGHT_HALF,
    SHADES,
    bar_apart,
    horizontal_bar,
)
from superpos_tui.drawing.palette import Ink
from superpos_tui.drawing.shades import DIVERGING_LEVELS

POSITIVE_BAR = Ink.POSITIVE + 5 * DIVERGING_LEVELS // 8
NEGATIVE_BAR = Ink.NEGATIVE + 5 * DIVERGING_LEVELS // 8
"""Length shows the value, so each sign has a single shade, visible on any background."""
HATCH = SHADES[0]
FULL_NORM = 1.5
"""The norm that fills a bar, fixed so that bars do not jump: norms gather near 0 and 1."""
MAX_PITCH = 3
"""Columns of a standing bar with the gap after it, if there is room."""
ZERO_LINE = "│"
NORM_OF_ONE, MIN_ROWS_WITH_ONE = "┈", 6
"""Marks a norm of 1 among standing bars, if they have as many rows."""
CHANGED = "◆"
ON_THE_LINE = 1 / 8
"""Values shorter than this many cells are marked on the zero line."""
MIN_CHANGE = 1 / 2
"""Changes shorter than this many cells are not marked: they would look like no change."""


def standing_bars(shares: FloatArray, rows: int, apart: bool) -> NDArray[np.str_]:
    """The glyphs, shape (rows, bars), of bars that fill these shares of the rows, upwards.

    Bars that are not ``apart``, with free columns between them, leave a small gap on their right:
    no such glyphs end within a cell, so only bars lower than a cell show eighths. Longer bars than
    fit end in an arrow.
    """
    eighths = np.rint(np.clip(np.nan_to_num(shares), 0, 1) * rows * 8).astype(int)
    if not apart:
        eighths = np.where(eighths < 8, eighths, 8 * np.rint(eighths / 8)).astype(int)
    above = 8 * np.arange(rows - 1, -1, -1)[:, None]
    glyphs = np.array([*LOWER_EIGHTHS[:8], FULL if apart else NEARLY_WIDE])
    bars: NDArray[np.str_] = glyphs[np.clip(eighths - above, 0, 8)]
    bars[:1, shares > 1] = BEYOND_ABOVE
    return bars


def place_standing_bars(
    cells: Cells,
    glyphs: NDArray[np.str_],
    inks: NDArray[np.uint16],
    columns: range,
    thickness: int,
    top: int = 0,
) -> None:
    """Draw such bars, each in its ink, as many columns thick from its own one of ``columns`` on.

    Only the last column of a bar leaves a gap on its right.
    """
    shown = columns[: glyphs.shape[1]]
    rows = slice(top, top + len(glyphs))
    wide = np.where(glyphs == NEARLY_WIDE, FULL, glyphs)
    for part in range(thickness):
        at = range(shown.start + part, min(shown.stop + part, cells.width), shown.step)
        cells.glyphs[rows, at] = (glyphs if part == thickness - 1 else wide)[:, : len(at)]
        cells.inks[rows, at] = inks[: len(at)]


def mark_norm_of_one(cells: Cells, rows: int, top: int = 0) -> None:
    """Mark where standing bars of norm 1 end, in the row in which they do, between the others."""
    if rows >= MIN_ROWS_WITH_ONE:
        y = top + rows - round(rows / FULL_NORM)
        is_free = cells.glyphs[y] == " "
        cells.glyphs[y, is_free], cells.inks[y, is_free] = NORM_OF_ONE, Ink.FAINT
        if is_free[-1]:
            cells.glyphs[y, -1] = "1"


def pitch_of(bars: int, width: int) -> int:
    """Columns from one vertical bar to the next, the last of them free if there are several."""
    return max(min(width // max(bars, 1), MAX_PITCH), 1)


def lying_bar(share: float, width: int, filled: str | None = None) -> str:
    """A bar that fills this share of the width, apart from those in other rows.

    ``filled`` replaces the glyph of a filled cell. A longer bar than fits ends in an arrow.
    """
    if not math.isfinite(share):
        return NOT_FINITE
    eighths = round(min(share, 1) * width * 8)
    bar = bar_apart(eighths) if filled is None else filled * round(eighths / 8)
    return f"{bar[:-1]}{BEYOND}" if share > 1 else bar


@dataclass(frozen=True)
class SignedBars:
    """A column of bars: the position of its zero line, and the cells to its left and right.

    ``limit`` is the value that fills ``right`` cells; longer bars are cut off.
    """

    zero: int
    left: int
    right: int
    limit: float

    @property
    def end(self) -> int:
        """The first column after the bars."""
        return self.zero + 1 + self.right

    def write(
        self, cells: Cells, y: int, value: float, *, faint: bool = False, hatched: bool = False
    ) -> None:
        """Write a bar and its zero line in row ``y``."""
        cells.write(self.zero, y, ZERO_LINE, Ink.FAINT)
        if not math.isfinite(value):
            cells.write(self.zero + 1, y, NOT_FINITE, Ink.NOT_FINITE)
        elif value >= 0:
            ink = Ink.FAINT if faint else POSITIVE_BAR
            cells.write(self.zero + 1, y, self._rightward(value, hatched), ink)
        else:
            ink = Ink.FAINT if faint else NEGATIVE_BAR
            cells.write_right(self.zero, y, self._leftward(-value, hatched), ink)

    def mark(self, cells: Cells, y: int, value: float, mark: str, ink: int) -> None:
        """Write a mark where a bar of this value would end; a covered bar becomes its ground."""
        cells.write_on(self._column(value), y, mark, ink)

    def mark_change(self, cells: Cells, y: int, value: float, changed: float) -> None:
        """Mark where the bar of ``value`` would end after a change, if the change is visible."""
        if abs(changed - value) * self._cells_per_unit >= MIN_CHANGE:
            self.mark(cells, y, changed, CHANGED, Ink.WARNING)

    @property
    def _cells_per_unit(self) -> float:
        return self.right / self.limit

    def _column(self, value: float) -> int:
        if math.isnan(value):
            return self.zero
        available = self.right if value >= 0 else self.left
        cells = math.ceil(self._length(abs(value), available) - ON_THE_LINE)
        return self.zero + (cells if value >= 0 else -cells)

    def _length(self, magnitude: float, available: int) -> float:
        return min(magnitude * self._cells_per_unit, available)

    def _rightward(self, value: float, hatched: bool) -> str:
        length = self._length(value, self.right)
        if hatched:
            return HATCH * round(length)
        return horizontal_bar(round(8 * length))

    def _leftward(self, magnitude: float, hatched: bool) -> str:
        """A bar to the left, in half cells: no glyphs fill a cell by eighths from the right."""
        length = self._length(magnitude, self.left)
        if hatched:
            return HATCH * round(length)
        full, halves = divmod(round(2 * length), 2)
        return RIGHT_HALF * halves + FULL * full
