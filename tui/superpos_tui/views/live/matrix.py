"""The W·Wᵀ panel: one coloured square per entry, the bias column beside it, a colour bar below."""

from dataclasses import dataclass

from superpos_core.task.models import Model
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.matrix_layout import MatrixLayout
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.drawing.squares import (
    UPRIGHT_WIDTH,
    draw_square,
    write_colour_bar,
    write_upright_colour_bar,
)
from superpos_tui.measures.product import gram_blocks
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, Cursor, MoveCursor
from superpos_tui.views.panel import Cell, Offer, Panel, Zoom
from superpos_tui.views.shared.colour_meanings import OF_PRODUCT
from superpos_tui.views.shared.entries import read_cell
from superpos_tui.views.shared.numbers import numbers_of_product
from superpos_tui.views.shared.zoomed import (
    merged_note,
    pan,
    show_whole,
    window_note,
    window_of,
    zoom_around,
    zoom_onto,
)

BESIDE = 1
"""Columns between the matrix, with the mark of the selected row, and a colour bar beside it."""


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The matrix, as large as fits, centred; its colour bar in the last row, or on its right."""
    cells = Cells.blank(width, height)
    position = _Position.of(scene, width, height, palette)
    if position is None:
        write_colour_bar(cells, height - 1, palette)
        return cells
    layout, cursor = position.layout, scene.options.cursor
    entries = scene.of(gram_blocks, layout.block, layout.window)
    at = None if cursor is None else (cursor.feature, cursor.other)
    picture = draw_square(layout, entries, scene.parameters.bias, palette, at)
    cells.paste(position.left, position.top, picture)
    _mark_selected(cells, position, cursor)
    if position.bar_left is None:
        write_colour_bar(cells, height - 1, palette)
    else:
        write_upright_colour_bar(cells, position.bar_left, palette)
    return cells


@dataclass(frozen=True)
class _Position:
    """The position of the matrix in the panel, and of its colour bar unless it is below."""

    layout: MatrixLayout
    left: int
    top: int
    bar_left: int | None = None

    @classmethod
    def of(cls, scene: Scene, width: int, height: int, palette: Palette) -> "_Position | None":
        """With the colour bar below or, if that shows clearly more, beside the matrix."""
        window, half_blocks = window_of(scene), palette.has_scales
        below = MatrixLayout.numbered(window, width, height - 1, half_blocks)
        room = width - UPRIGHT_WIDTH - BESIDE
        beside = MatrixLayout.numbered(window, room, height, half_blocks)
        if beside is not None and (below is None or _shows_more(beside, below)):
            left = (room - beside.width) // 2
            return cls(beside, left, 0, bar_left=left + beside.width + BESIDE)
        if below is None:
            return None
        spare = height - 1 - below.height
        return cls(below, (width - below.width) // 2, min(spare // 2, 1))

    def inside(self, cell: Cell) -> Cell:
        """A cell of the panel as one of the layout."""
        return cell[0] - self.left, cell[1] - self.top


def _shows_more(beside: MatrixLayout, below: MatrixLayout) -> bool:
    """Whether entries are clearly larger, or as large and numbered."""
    if beside.share == below.share:
        return beside.numbers > below.numbers
    return 4 * beside.share >= 5 * below.share


def _mark_selected(cells: Cells, position: _Position, cursor: Cursor | None) -> None:
    """Mark the selected row with pointers and the entry with a dot."""
    layout = position.layout
    if cursor is None or cursor.feature not in layout.window.rows:
        return
    y = position.top + layout.row_of(cursor.feature)
    if cursor.other in layout.window.columns:
        x = position.left + layout.column_of(cursor.other)
        cells.glyphs[y, x] = "●"
        cells.inks[y, x] = Ink.ACCENT
    if position.left + layout.gutter > 0:
        cells.write(position.left + layout.gutter - 1, y, SELECTED, Ink.ACCENT)
    cells.write(position.left + layout.width, y, "◂", Ink.ACCENT)


def _pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the clicked entry; on the bias column, the diagonal entry of its row."""
    position = _Position.of(scene, width, height, palette)
    found = None if position is None else position.layout.entries_at(*position.inside((x, y)))
    if found is None:
        return None
    rows, columns = found
    return MoveCursor(Cursor(rows.start, (columns or rows).start))


def _read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """What one feature does to another; on the bias column, the bias."""
    position = _Position.of(scene, width, height, palette)
    return "" if position is None else read_cell(scene, position.layout, *position.inside((x, y)))


def _zoom_at(
    scene: Scene, width: int, height: int, at: Cell | None, steps: int, palette: Palette
) -> Change | None:
    position = _Position.of(scene, width, height, palette)
    if position is None:
        return None
    return zoom_around(scene, position.layout, at and position.inside(at), steps)


def _zoom_onto(
    scene: Scene, width: int, height: int, start: Cell, end: Cell, palette: Palette
) -> Change | None:
    position = _Position.of(scene, width, height, palette)
    if position is None:
        return None
    return zoom_onto(scene, position.layout, position.inside(start), position.inside(end))


def _alone(model: Model) -> str:
    """For which inputs the entries hold: behind a hidden activation features do not add up."""
    if model.hidden_activation == "identity":
        return ""
    return " at ±1 (mean), alone," if model.target == "absolute" else " at 1, alone,"


def _readings(scene: Scene, width: int, height: int, palette: Palette) -> tuple[str, ...]:
    """What a row and a column are, after how many entries are merged, if they are."""
    position = _Position.of(scene, width, height, palette)
    merged = merged_note(position.layout.block if position else 1)
    alone = _alone(scene.model)
    colours = "blue + · red − · " if palette.has_scales else ""
    readings = (
        f"row i, column j: what feature i{alone} adds to output j · {colours}right: the bias b",
        f"row i, column j: what i{alone} adds to output j · right: b",
        f"what i{alone} adds to j · right: b",
        "",
    )
    return tuple(" · ".join(filter(None, (merged, reading))) for reading in readings)


PANEL = Panel(
    name="matrix",
    title=lambda scene: f"{scene.model.product} and b{window_note(scene)}",
    readings=(
        "row i, column j: what feature i adds to output j · right: the bias b",
        "row i, column j: what i adds to output j · right: b",
        "what i adds to j · right: b",
    ),
    other_readings=_readings,
    draw=draw,
    numbers=numbers_of_product,
    story=(
        "Entry (i, j) is what an active feature i adds to output j before the output activation. "
        "The diagonal is how much of each feature is recovered; everything else is interference. "
        "An entry near −1 off the diagonal is an antipodal pair: two features on one dimension, "
        "pointing in opposite directions, separated by that activation (“Demonstrating "
        "Superposition”)."
    ),
    pick=_pick,
    read=_read,
    offers=lambda scene: (Offer("attach_dictionary", "dictionary"),),
    zoom=Zoom(_zoom_at, show_whole, pan, _zoom_onto),
    colours=OF_PRODUCT,
)
