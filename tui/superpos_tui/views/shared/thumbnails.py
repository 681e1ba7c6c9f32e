"""Thumbnails of W·Wᵀ at all settings, in rows: shared by the strip and the sweep."""

from collections.abc import Iterator
from dataclasses import dataclass

from superpos_core.task.config import ExperimentConfig
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.matrix_layout import MatrixLayout
from superpos_tui.drawing.numbers import setting_name, widest_setting_name
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.drawing.squares import draw_square
from superpos_tui.drawing.window import start_around
from superpos_tui.measures.product import gram_blocks
from superpos_tui.scene import Scene

FRAMED_HEIGHT = 5
"""Lower boxes have no frame."""


@dataclass(frozen=True)
class Grid:
    """``columns`` × ``rows`` boxes of equal size with a gutter column on either side.

    A box is ``box_width`` × ``box_height`` cells; the first one's corner is at (``left``, 0), and
    it shows setting ``first``. There are ``count`` settings, possibly more than boxes.
    """

    columns: int
    rows: int
    box_width: int
    box_height: int
    left: int
    first: int
    count: int

    @classmethod
    def around(
        cls, focus: int, count: int, shape: tuple[int, int], box: tuple[int, int], width: int
    ) -> "Grid":
        """The grid of this shape, columns × rows, with the focus as central as possible.

        It scrolls by whole rows or, if there is only one row, by columns, and not beyond the ends.
        """
        columns, rows = shape
        if rows == 1:
            first = start_around(focus, columns, count)
        else:
            first = columns * start_around(focus // columns, rows, -(-count // columns))
        spare = width - columns * (box[0] + 1) - 1
        return cls(columns, rows, *box, left=1 + max(spare // 2, 0), first=first, count=count)

    @property
    def end(self) -> int:
        """The index after the last shown setting."""
        return min(self.first + self.columns * self.rows, self.count)

    def boxes(self) -> Iterator[tuple[int, int, int]]:
        """Each shown setting, with the corner (x, y) of its box."""
        for setting in range(self.first, self.end):
            row, column = divmod(setting - self.first, self.columns)
            yield setting, self.left + column * (self.box_width + 1), row * self.box_height

    def setting_at(self, x: int, y: int) -> int | None:
        """The setting whose box, including the gutter on its left, contains a cell."""
        for setting, left, top in self.boxes():
            if left - 1 <= x < left + self.box_width and top <= y < top + self.box_height:
                return setting
        return None


def heading_width(config: ExperimentConfig) -> int:
    """The width of the longest heading."""
    return len("  ") + widest_setting_name(config)


def write_heading(
    cells: Cells, scene: Scene, corner: tuple[int, int], size: tuple[int, int], focused: bool
) -> None:
    """Write the setting of a scene in the first row of its box, framed if it is in focus.

    The frame occupies the box's gutters and its first and last rows; if there are too few rows, a
    mark precedes the label instead.
    """
    x, y = corner
    framed = focused and size[1] >= FRAMED_HEIGHT
    if framed:
        cells.write_frame((x - 1, y), (x + size[0], y + size[1] - 1), Ink.ACCENT)
    label = f" {setting_name(scene.config, scene.setting)} "
    cells.write(x, y, label, Ink.ACCENT if focused else Ink.MUTED)
    if focused and not framed:
        cells.write(x, y, SELECTED, Ink.ACCENT)


def paste_matrix(
    cells: Cells, scene: Scene, x: int, y: int, room: MatrixLayout, palette: Palette
) -> None:
    """Paste the matrix of a scene with its corner at (x, y), and mark the selected feature."""
    layout, cursor = room.refitted(palette.has_scales), scene.options.cursor
    entries = scene.of(gram_blocks, layout.block, layout.window)
    at = None if cursor is None else (cursor.feature, cursor.other)
    cells.paste(x, y, draw_square(layout, entries, scene.parameters.bias, palette, at))
    if cursor is not None and cursor.feature in layout.window.rows and not layout.gutter:
        cells.write(x - 1, y + layout.row_of(cursor.feature), SELECTED, Ink.ACCENT)
