"""Where the sweep panel draws the boxes, and what is in them."""

from dataclasses import dataclass

from superpos_tui.drawing.matrix_layout import MatrixLayout
from superpos_tui.drawing.window import Window
from superpos_tui.scene import Scene
from superpos_tui.views.shared.thumbnails import Grid, heading_width
from superpos_tui.views.shared.zoomed import window_of
from superpos_tui.views.sweep.numbers import numbers_width

MIN_SQUARES = 16
"""Minimum squares per side: enough to show the structure; entries are merged only that far."""
MIN_COLUMNS = 10
"""Minimum width of a matrix of few features."""
FRAME_ROWS = 2
"""The heading and the lower edge of the frame."""
NUMBER_ROWS = 3
MIN_HEIGHT_FOR_NUMBERS = 12
MIN_BAR_ROWS, MAX_BAR_ROWS = 4, 24
"""Rows of bars, including ``BAR_GAP``, the empty rows above them."""
BAR_GAP = 1
MIN_SIDE_COLUMNS, MAX_SIDE_COLUMNS = 8, 24
"""Columns of bars on the right of a matrix, including ``SIDE_GAP``, the empty ones before them."""
SIDE_GAP = 2


@dataclass(frozen=True)
class SweepLayout:
    """The boxes; in each, top to bottom: heading, matrix, bars, numbers, edge of the frame.

    Where there is no room for bars below the matrix, one per column, there may be some on its
    right, one per row.
    """

    grid: Grid
    matrix: MatrixLayout | None
    bar_rows: int
    side_columns: int
    number_rows: int

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "SweepLayout":
        """The largest boxes that show every setting, or the smallest readable ones."""
        room = max(height - 1, 1)
        number_rows = NUMBER_ROWS if room >= MIN_HEIGHT_FOR_NUMBERS else 0
        sizes = _Sizes(
            window=window_of(scene),
            settings=len(scene.config.settings),
            width=width,
            room=room,
            box_width=max(heading_width(scene.config), numbers_width(scene)),
            rows_beside=FRAME_ROWS + number_rows,
        )
        matrix = sizes.largest_that_shows_all() or sizes.least_matrix()
        box_width, box_height = sizes.box_around(matrix)
        columns, rows = sizes.shape_of(box_width, box_height)
        bar_rows = min(room // rows - box_height, MAX_BAR_ROWS)
        if bar_rows < MIN_BAR_ROWS or matrix is None:
            bar_rows = 0
        side_columns = 0 if bar_rows else sizes.side_columns(matrix, box_width, columns)
        grid = Grid.around(
            scene.focus.setting,
            sizes.settings,
            (columns, rows),
            (box_width + side_columns, box_height + bar_rows),
            width,
        )
        return cls(grid, matrix, bar_rows, side_columns, number_rows)

    @property
    def has_bars(self) -> bool:
        """Whether there are bars of norms."""
        return self.bar_rows > 0 or self.side_columns > 0

    def inside(self, x: int, y: int) -> tuple[int, int, int] | None:
        """The setting whose matrix contains a cell, and the cell within that; or ``None``."""
        for setting, left, top in self.grid.boxes():
            if self.matrix is not None:
                across, down = x - self.matrix_left(left), y - top - 1
                if 0 <= across < self.matrix.width and 0 <= down < self.matrix.height:
                    return setting, across, down
        return None

    def feature_of_bar(self, x: int, y: int) -> int | None:
        """The first feature of the norm bar at a cell; ``None`` elsewhere."""
        if self.matrix is None or not self.has_bars:
            return None
        if self.side_columns:
            return self._feature_beside(self.matrix, x, y)
        for _, left, top in self.grid.boxes():
            across = x - self.matrix_left(left) - self.matrix.gutter
            down = y - top - 1 - self.matrix.height - BAR_GAP
            column = across // self.matrix.zoom
            if 0 <= down < self.bar_rows - BAR_GAP and 0 <= column < self.matrix.squares:
                return self.matrix.window.column + column * self.matrix.block
        return None

    def _feature_beside(self, matrix: MatrixLayout, x: int, y: int) -> int | None:
        features = {matrix.row_of(feature): feature for feature in matrix.window.rows}
        for _, left, top in self.grid.boxes():
            across, down = x - self.side_left(left), y - top - 1
            if 0 <= across < self.side_columns - SIDE_GAP and down in features:
                return features[down]
        return None

    def matrix_left(self, left: int) -> int:
        """The left edge of the matrix in a box with this one."""
        width = self.side_columns + (self.matrix.width if self.matrix else 0)
        return left + (self.grid.box_width - width) // 2

    def side_left(self, left: int) -> int:
        """The left edge of the bars beside the matrix in a box with this one."""
        return self.matrix_left(left) + (self.matrix.width if self.matrix else 0) + SIDE_GAP


@dataclass(frozen=True)
class _Sizes:
    """The content to show, and the space for it: ``width`` × ``room`` cells.

    ``box_width`` is the minimum width of a box, ``rows_beside`` its rows apart from the matrix.
    """

    window: Window
    settings: int
    width: int
    room: int
    box_width: int
    rows_beside: int

    def largest_that_shows_all(self) -> MatrixLayout | None:
        """The largest matrix with room for every setting; ``None`` if it would be unreadable."""
        largest = None
        most_columns = (self.width - 1) // (self.box_width + 1)
        for columns in range(min(self.settings, most_columns), 0, -1):
            rows = -(-self.settings // columns)
            matrix = self._fitting((self.width - 1) // columns - 1, self.room // rows)
            if matrix and self._is_readable(matrix):
                largest = max(largest or matrix, matrix, key=lambda each: each.share)
        return largest

    def least_matrix(self) -> MatrixLayout | None:
        """The smallest readable matrix, or the largest that fits; ``None`` if none does."""
        squares = -(-self.window.side // self._most_block)
        width = self._least_zoom * (squares + 1) + 1
        height = -(-self._least_zoom * squares // 2) + self.rows_beside
        return self._fitting(min(width, self.width - 2), min(height, self.room))

    def box_around(self, matrix: MatrixLayout | None) -> tuple[int, int]:
        """The width and height of a box."""
        if matrix is None:
            return self.box_width, min(self.rows_beside, self.room)
        return max(self.box_width, matrix.width), matrix.height + self.rows_beside

    def shape_of(self, box_width: int, box_height: int) -> tuple[int, int]:
        """Columns and rows of boxes: as many as fit, in even rows if all fit."""
        columns = min(max((self.width - 1) // (box_width + 1), 1), self.settings)
        rows = min(max(self.room // box_height, 1), -(-self.settings // columns))
        if columns * rows >= self.settings:
            columns = -(-self.settings // rows)
        return columns, rows

    def side_columns(self, matrix: MatrixLayout | None, box_width: int, columns: int) -> int:
        """The columns for bars beside a matrix whose features have a row each; 0 without room."""
        if matrix is None or matrix.block > 1 or matrix.height - matrix.header < matrix.squares:
            return 0
        spare = (self.width - 1) // columns - 1 - box_width
        return min(spare, MAX_SIDE_COLUMNS) if spare >= MIN_SIDE_COLUMNS else 0

    def _fitting(self, box_width: int, box_height: int) -> MatrixLayout | None:
        return MatrixLayout.numbered(
            self.window, box_width, box_height - self.rows_beside, half_blocks=True
        )

    def _is_readable(self, matrix: MatrixLayout) -> bool:
        return matrix.block <= self._most_block and matrix.zoom >= self._least_zoom

    @property
    def _most_block(self) -> int:
        return max(self.window.side // MIN_SQUARES, 1)

    @property
    def _least_zoom(self) -> int:
        return -(-MIN_COLUMNS // self.window.side)
