"""Where the three squares of the compare panel, and the table below them, are drawn."""

from dataclasses import dataclass

from superpos_tui.drawing.matrix_layout import MatrixLayout
from superpos_tui.scene import Scene
from superpos_tui.views.compare.measures import reference_scene
from superpos_tui.views.compare.rows import ROWS
from superpos_tui.views.shared.zoomed import window_of

NAMES_WIDTH = 12
HEADER_ROWS = 2
MIN_SQUARE = 4
"""Smaller squares are not worth drawing."""
COLUMNS = 3


@dataclass(frozen=True)
class CompareLayout:
    """Names of measures on the left, then three columns; ``square`` is the matrix in each.

    The layout is the same on every terminal: without colours an entry is as large as with them.
    """

    names_width: int
    column_width: int
    square: MatrixLayout | None
    table_top: int

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "CompareLayout":
        """The largest squares that fit above the table."""
        features = max(each.config.features for each in (scene, scene.of(reference_scene)))
        names_width = NAMES_WIDTH if width >= COLUMNS * NAMES_WIDTH else 0
        column_width = (width - names_width) // COLUMNS
        rows = height - HEADER_ROWS - len(ROWS)
        square = None
        if min(rows, column_width - 1) >= MIN_SQUARE:
            square = MatrixLayout.numbered(
                window_of(scene, features), column_width - 1, rows, True, with_bias=False
            )
        square_rows = 0 if square is None else square.height
        spacer = rows - square_rows > 0
        return cls(names_width, column_width, square, HEADER_ROWS + square_rows + spacer)

    def left_of(self, column: int) -> int:
        """The left edge of a column: 0 the reference, 1 the current lane, 2 the difference."""
        return self.names_width + column * self.column_width

    def inside(self, x: int, y: int) -> tuple[int, int, int] | None:
        """The column whose square contains a cell, and the cell within it; ``None`` elsewhere."""
        if self.square is None or not 0 <= y - HEADER_ROWS < self.square.height:
            return None
        lefts = enumerate(map(self.left_of, range(COLUMNS)))
        found = ((column, x - left) for column, left in lefts if 0 <= x - left < self.square.width)
        column, across = next(found, (None, 0))
        return None if column is None else (column, across, y - HEADER_ROWS)
