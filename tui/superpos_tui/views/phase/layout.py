"""The layout of the maps of a phase diagram."""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import AnyArray
from superpos_core.record.phase_grid import PhaseGrid
from superpos_tui.drawing.palette import Palette

LABELS = 6
"""Columns to the left of the first map, for the densities."""
GAP = 3
MIN_COLUMNS = 8
"""Minimum columns per map for two maps; with fewer, only the trained one is shown."""
MIN_ROWS = 6
"""Rows that the maps get before anything else."""
BESIDE_THE_MAPS = ("ticks", "cell", "progress", "titles", "legend", "axis")
"""The optional rows, the most important first."""
MIN_USED = 0.85
"""The share of the room that is used at least."""
MAX_STRETCHED = 1.6
"""Maximum ratio of a map's width to its height, or of its height to its width."""


@dataclass(frozen=True)
class Layout:
    """The maps, ``rows`` × ``columns`` pixels each, and the rows of cells around them.

    A cell of the screen holds ``pixels`` (one or two) of a column of pixels. ``lefts`` are the
    first columns of the maps. A row without room is −1, where nothing is drawn.
    """

    shape: tuple[int, int]
    rows: int
    columns: int
    pixels: int
    top: int
    lefts: tuple[int, ...]
    titles_row: int
    ticks_row: int
    axis_row: int
    legend_row: int
    progress_row: int
    cell_row: int

    @classmethod
    def of(cls, grid: PhaseGrid, width: int, height: int, palette: Palette) -> "Layout":
        shown = BESIDE_THE_MAPS[: max(height - MIN_ROWS, 0)]
        top = 1 if "titles" in shown else 0
        room = height - len(shown)
        labels = LABELS if width > 2 * LABELS else 0
        maps = 2 if width >= labels + 2 * MIN_COLUMNS + GAP else 1
        most_columns = max((width - labels - (maps - 1) * GAP) // maps, 1)
        # A cell is about twice as high as wide.
        columns = _fitted(min(most_columns, int(MAX_STRETCHED * 2 * room)), grid.shape[1])
        half_rows = min(2 * room, int(MAX_STRETCHED * most_columns))
        pixels = 2 if palette.has_scales else 1
        rows = _fitted(max(half_rows * pixels // 2, 1), grid.shape[0])
        used = labels + maps * columns + (maps - 1) * GAP
        first = labels + (width - used) // 2
        below = iter(range(top + -(-rows // pixels), height))
        placed = {
            name: next(below)
            for name in ("ticks", "axis", "legend", "progress", "cell")
            if name in shown
        }
        return cls(
            shape=grid.shape,
            rows=rows,
            columns=columns,
            pixels=pixels,
            top=top,
            lefts=tuple(first + index * (columns + GAP) for index in range(maps)),
            titles_row=top - 1,
            ticks_row=placed.get("ticks", -1),
            axis_row=placed.get("axis", -1),
            legend_row=placed.get("legend", -1),
            progress_row=placed.get("progress", -1),
            cell_row=placed.get("cell", -1),
        )

    def sampled(self, values: AnyArray) -> AnyArray:
        """An array over the grid sampled at the pixels: each shows the cell at its middle."""
        rows, columns = (
            ((np.arange(count) + 0.5) * cells / count).astype(int)
            for count, cells in zip((self.rows, self.columns), self.shape, strict=True)
        )
        pixels: AnyArray = values[np.ix_(rows, columns)]
        return pixels

    def row_at(self, row: float) -> int:
        """The row of the screen that contains the middle of a row of the grid."""
        return self.top + int((row + 0.5) * self.rows / self.shape[0]) // self.pixels

    def column_at(self, column: float) -> int:
        """The column of the screen for a column of the grid, relative to a map's left edge."""
        return int((column + 0.5) * self.columns / self.shape[1])

    def cell_at(self, x: int, y: int) -> tuple[int, int] | None:
        """The cell of the grid that is shown at a cell of the screen."""
        pixel = (y - self.top) * self.pixels
        for left in self.lefts:
            if 0 <= pixel < self.rows and 0 <= x - left < self.columns:
                row = int((pixel + 0.5) * self.shape[0] / self.rows)
                return row, int((x - left + 0.5) * self.shape[1] / self.columns)
        return None


def _fitted(room: int, cells: int) -> int:
    """As many pixels as fit: equally many per cell, unless that would leave much empty."""
    even = room // cells * cells
    return even if even >= MIN_USED * room else room
