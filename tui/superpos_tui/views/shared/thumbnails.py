"""Small pictures of W·Wᵀ at all settings, in rows: what the strip and the sweep share."""

from collections.abc import Iterator
from dataclasses import dataclass

from superpos_core.task.config import ExperimentConfig
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.numbers import setting_label, widest_setting_label
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.drawing.squares import MatrixLayout, draw_square
from superpos_tui.measures.product import gram_blocks
from superpos_tui.scene import Scene

FRAMED_HEIGHT = 4
"""Lower boxes have no frame."""


@dataclass(frozen=True)
class Grid:
    """``columns`` × ``rows`` boxes of equal size with a column of gutter on either side.

    A box is ``box_width`` × ``box_height`` cells; the first one's corner is at (``left``, 0), and
    ``first`` is the setting in it. ``count`` settings there are, more of them than boxes perhaps.
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
        """The grid of this shape, columns × rows, with the focus as near its middle as can be.

        It is scrolled by whole rows or, if there is only one, by columns, and not beyond an end.
        """
        columns, rows = shape
        if rows == 1:
            first = _window(focus, columns, count)
        else:
            first = columns * _window(focus // columns, rows, -(-count // columns))
        spare = width - columns * (box[0] + 1) - 1
        return cls(columns, rows, *box, left=1 + max(spare // 2, 0), first=first, count=count)

    @property
    def end(self) -> int:
        """The setting after the last one that is shown."""
        return min(self.first + self.columns * self.rows, self.count)

    def boxes(self) -> Iterator[tuple[int, int, int]]:
        """Each setting that is shown, with the corner (x, y) of its box."""
        for setting in range(self.first, self.end):
            row, column = divmod(setting - self.first, self.columns)
            yield setting, self.left + column * (self.box_width + 1), row * self.box_height

    def setting_at(self, x: int, y: int) -> int | None:
        """The setting whose box, or the gutter on its left, is at a cell."""
        for setting, left, top in self.boxes():
            if left - 1 <= x < left + self.box_width and top <= y < top + self.box_height:
                return setting
        return None


def _window(focus: int, size: int, count: int) -> int:
    """Where a window of this size begins that has the focus in its middle, or lies at an end."""
    return max(0, min(focus - size // 2, count - size))


def heading_width(config: ExperimentConfig) -> int:
    """The width of the longest heading."""
    return len(" S  ") + widest_setting_label(config)


def write_heading(
    cells: Cells, scene: Scene, corner: tuple[int, int], size: tuple[int, int], focused: bool
) -> None:
    """The setting of a scene on the first row of its box; if it is in focus, with a frame.

    The frame takes the box's gutters, its first row and its last one; where there are too few rows
    for it, a mark stands before the label.
    """
    x, y = corner
    framed = focused and size[1] >= FRAMED_HEIGHT
    if framed:
        _write_frame(cells, x, y, *size)
    label = f" S {setting_label(scene.setting)} "
    cells.write(x, y, label, Ink.ACCENT if focused else Ink.MUTED)
    if focused and not framed:
        cells.write(x, y, SELECTED, Ink.ACCENT)


def _write_frame(cells: Cells, x: int, y: int, width: int, height: int) -> None:
    side = width * "─"
    cells.write(x - 1, y, f"╭{side}╮", Ink.ACCENT)
    for row in range(y + 1, y + height - 1):
        cells.write(x - 1, row, "│", Ink.ACCENT)
        cells.write(x + width, row, "│", Ink.ACCENT)
    cells.write(x - 1, y + height - 1, f"╰{side}╯", Ink.ACCENT)


def paste_matrix(
    cells: Cells, scene: Scene, x: int, y: int, room: MatrixLayout, palette: Palette
) -> None:
    """The matrix of a scene with its corner at (x, y), and a mark beside the selected feature."""
    bias = scene.parameters.bias if room.with_bias else None
    square = draw_square(
        scene.config.features,
        lambda block: scene.of(gram_blocks, block),
        bias,
        room.width,
        room.height,
        palette,
    )
    cells.paste(x, y, square)
    if scene.options.selection is not None:
        row = _row_of(scene.options.selection.feature, room, palette)
        cells.write(x - 1, y + row, SELECTED, Ink.ACCENT)


def _row_of(feature: int, room: MatrixLayout, palette: Palette) -> int:
    """Where a feature stands in a matrix that is drawn with or without half blocks."""
    drawn = MatrixLayout.fitting(
        room.features, room.width, room.height, palette.has_scales, room.with_bias
    )
    return drawn.row_of(feature) if drawn else 0
