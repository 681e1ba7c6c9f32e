"""Where the matrices of two dictionaries, and the table below them, are drawn."""

from dataclasses import dataclass

from superpos_tui.drawing.palette import Palette
from superpos_tui.scene import Scene
from superpos_tui.views.compare.dictionaries.measures import consistency
from superpos_tui.views.compare.dictionaries.rows import ROWS
from superpos_tui.views.compare.dictionaries.state import ComparedPart
from superpos_tui.views.compare.measures import reference_scene
from superpos_tui.views.shared.matrices_layout import MatricesLayout
from superpos_tui.views.shared.matrices_zoom import Part

NAMES_WIDTH, CHANGES_WIDTH = 13, 22
HEADER_ROWS = 2
MIN_ROWS = 3
"""Lower matrices are not worth drawing."""
MIN_ROWS_WITH_BAR = 12
REFERENCE, NOW, BOTH = range(3)
"""The columns: the features and latents of one, of the other, and the latents of both."""


def part_of_side(scene: Scene) -> Part:
    """The rows and columns that are shown of one side's matrix."""
    state, config = scene.options.of(ComparedPart), scene.config
    return Part.of(state, (config.features, config.latents))


@dataclass(frozen=True)
class PairLayout:
    """Names of measures on the left, then a column for each matrix.

    Without room for matrices there are none. If the latents of both cannot be compared, the third
    column has changes alone, and is narrow.
    """

    names_width: int
    column_width: int
    rows: int
    matrices: tuple[MatricesLayout | None, ...]
    table_top: int
    bar_top: int | None

    @classmethod
    def of(cls, scene: Scene, width: int, height: int, palette: Palette) -> "PairLayout":
        """The largest matrices that fit above the table."""
        names_width = NAMES_WIDTH if width >= (BOTH + 1) * NAMES_WIDTH else 0
        room = width - names_width
        has_both = scene.of(consistency) is not None
        wide = room // 3 if has_both else max((room - CHANGES_WIDTH) // 2, room // 3)
        rows = height - HEADER_ROWS - len(ROWS)
        has_bar = rows >= MIN_ROWS_WITH_BAR
        rows -= 2 * has_bar  # and one for the feature at the cursor
        matrices = tuple(
            _matrix(scene, column, (wide - 1, rows), palette) for column in (REFERENCE, NOW, BOTH)
        )
        used = max((_height_of(each) for each in matrices if each is not None), default=0)
        table_top = HEADER_ROWS + used + (rows > used)
        bar_top = height - 1 if has_bar else None
        return cls(names_width, wide, rows, matrices, table_top, bar_top)

    def left_of(self, column: int) -> int:
        """The left edge of a column, where its texts begin."""
        return self.names_width + column * self.column_width

    def corner_of(self, column: int) -> tuple[int, int]:
        """Where the picture of a column's matrix begins, its numbers included."""
        matrix = self.matrices[column]
        beside = 0 if matrix is None else matrix.left - matrix.number_width
        return self.left_of(column) - beside, HEADER_ROWS

    def inside(self, x: int, y: int) -> tuple[int, range, range] | None:
        """The column with a matrix at a cell, and the rows and columns of its entries there."""
        for column, matrix in enumerate(self.matrices):
            left, top = self.corner_of(column)
            rows = None if matrix is None else matrix.features_at(y - top)
            places = None if matrix is None else matrix.units_at(x - left, 0)
            if rows is not None and places is not None:
                return column, rows, places
        return None


def _matrix(
    scene: Scene, column: int, size: tuple[int, int], palette: Palette
) -> MatricesLayout | None:
    reference, now = part_of_side(scene.of(reference_scene)), part_of_side(scene)
    cursor = scene.options.cursor
    if size[1] < MIN_ROWS or (column == BOTH and scene.of(consistency) is None):
        return None
    rows = {REFERENCE: reference.features, NOW: now.features, BOTH: reference.columns}[column]
    return MatricesLayout.fitting(
        rows,
        (reference if column == REFERENCE else now).columns,
        1,
        size,
        half_blocks=palette.has_scales,
        selected=None if cursor is None or column == BOTH else cursor.feature,
        biases=0,
        below=0,
    )


def _height_of(matrix: MatricesLayout) -> int:
    return matrix.top - (-matrix.rows * matrix.half_rows // 2)
