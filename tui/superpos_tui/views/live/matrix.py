"""The W·Wᵀ panel: one coloured square per entry, the bias column beside it, a colour bar below."""

from dataclasses import dataclass

from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.drawing.squares import MatrixLayout, draw_square, write_colour_bar
from superpos_tui.measures.product import gram_blocks
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, Cursor, MoveCursor
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.entries import read_entry


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The matrix, as large as fits, centred; its colour bar in the last row."""
    cells = Cells.blank(width, height)
    features, bias = scene.config.features, scene.parameters.bias
    picture = draw_square(
        features,
        lambda block: scene.of(gram_blocks, block),
        bias,
        width,
        height - 1,
        palette,
    )
    position = _Position.of(features, width, height, palette.has_scales)
    if position is not None:
        cells.paste(position.left, position.top, picture)
        _mark_selected(cells, position, scene.options.cursor)
    write_colour_bar(cells, height - 1, palette)
    return cells


@dataclass(frozen=True)
class _Position:
    """The position of the matrix in the panel."""

    layout: MatrixLayout
    left: int
    top: int

    @classmethod
    def of(cls, features: int, width: int, height: int, half_blocks: bool) -> "_Position | None":
        layout = MatrixLayout.fitting(features, width, height - 1, half_blocks)
        if layout is None:
            return None
        spare = height - 1 - layout.height
        return cls(layout, (width - layout.width) // 2, min(spare // 2, 1))

    def entry_at(self, x: int, y: int) -> tuple[int, int] | None:
        """The row and column of the matrix at a cell; of two rows in a cell the upper one."""
        layout, down = self.layout, y - self.top
        row = 2 * down // layout.zoom if layout.half_blocks else down
        column = (x - self.left) // layout.zoom
        if not (0 <= row < layout.squares and x >= self.left):
            return None
        last = layout.features - 1
        # A click on the bias column selects the diagonal entry of its row.
        column = column if column < layout.squares else row
        return min(row * layout.block, last), min(column * layout.block, last)

    def cell_of(self, feature: int, other: int) -> tuple[int, int]:
        """The cell that contains the middle of an entry."""
        across = other // self.layout.block * self.layout.zoom + (self.layout.zoom - 1) // 2
        return self.left + across, self.top + self.layout.row_of(feature)


def _mark_selected(cells: Cells, position: _Position, cursor: Cursor | None) -> None:
    """Mark the selected row with pointers and the entry with a dot."""
    if cursor is None:
        return
    x, y = position.cell_of(cursor.feature, cursor.other)
    if 0 <= x < cells.width and 0 <= y < cells.height:
        cells.glyphs[y, x] = "●"
        cells.inks[y, x] = Ink.ACCENT
    if position.left > 0:
        cells.write(position.left - 1, y, SELECTED, Ink.ACCENT)
    cells.write(position.left + position.layout.width, y, "◂", Ink.ACCENT)


def _pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the clicked entry."""
    position = _Position.of(scene.config.features, width, height, palette.has_scales)
    entry = None if position is None else position.entry_at(x, y)
    return None if entry is None else MoveCursor(Cursor(*entry))


def _read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """What one feature does to another; on the bias column, the bias."""
    position = _Position.of(scene.config.features, width, height, palette.has_scales)
    if position is None:
        return ""
    entry = position.entry_at(x, y)
    return "" if entry is None else read_entry(scene, *entry)


PANEL = Panel(
    name="matrix",
    title=lambda scene: f"{scene.model.product} and b",
    readings=(
        "row i, column j: what feature i adds to output j · blue + · red − · right: the bias b",
        "row i, column j: what i adds to output j · right: b",
        "what i adds to j · right: b",
    ),
    draw=draw,
    story=(
        "Entry (i, j) is what an active feature i adds to output j before the output activation. "
        "The diagonal is how much of each feature is recovered; everything else is interference. "
        "Red off the diagonal marks antipodal pairs: two features on one dimension, pointing in "
        "opposite directions, separated by that activation (“Demonstrating Superposition”)."
    ),
    pick=_pick,
    read=_read,
)
