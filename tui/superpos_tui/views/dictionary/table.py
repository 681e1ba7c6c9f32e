"""The latents as a table: what each mixes, and how active it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.numbers import fixed
from superpos_tui.drawing.palette import Ink
from superpos_tui.drawing.text_lines import cut_after_word
from superpos_tui.drawing.window import start_around
from superpos_tui.measures.dictionaries import latent_order, score
from superpos_tui.scene import Scene
from superpos_tui.views.dictionary.picture import latent_inks
from superpos_tui.views.dictionary.state import DictionaryState
from superpos_tui.views.dictionary.words import mixed
from superpos_tui.views.dictionary.zoom import column_of

ACTIVE_WIDTH = 8
GAP = 2
MIN_COLUMN = 30
"""Columns of the screen that a column of the table needs at least."""


@dataclass(frozen=True)
class TableLayout:
    """The latents that are shown, by their places in matched order, in columns of ``rows``."""

    places: range
    columns: int
    rows: int
    column_width: int

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "TableLayout":
        """As many latents as fit, around the selected one if not all do."""
        count, rows = scene.config.latents, max(height - 1, 1)
        columns = max(min(-(-count // rows), width // MIN_COLUMN), 1)
        fitting = min(columns * rows, count)
        selected = scene.options.of(DictionaryState).latent
        place = 0 if selected is None else column_of(scene, selected)
        first = start_around(place, fitting, count)
        return cls(range(first, first + fitting), columns, rows, (width + GAP) // columns)

    def corner(self, index: int) -> tuple[int, int]:
        """The column and the row of the screen where a row of the table begins."""
        column, row = divmod(index, self.rows)
        return column * self.column_width, 1 + row

    def place_at(self, x: int, y: int) -> int | None:
        """The place of the latent at a cell."""
        index = x // max(self.column_width, 1) * self.rows + y - 1
        return self.places[index] if y >= 1 and 0 <= index < len(self.places) else None


def draw_table(scene: Scene, width: int, height: int) -> Cells:
    """One row per latent in matched order; if not all fit, those around the selected one."""
    cells = Cells.blank(width, height)
    layout, order = TableLayout.of(scene, width, height), scene.of(latent_order)
    digits = len(str(scene.config.latents - 1))
    for column in range(-(-len(layout.places) // layout.rows)):
        _write_row(cells, layout, (column * layout.column_width, 0), _head(digits))
    for index, place in enumerate(layout.places):
        _write_row(cells, layout, layout.corner(index), _row(scene, int(order[place]), digits))
    return cells


Row = Sequence[tuple[str, int]]
"""The number of a latent, what it mixes, and its activity, each with an ink."""


def _head(digits: int) -> Row:
    return ("L".rjust(digits + 1), Ink.MUTED), ("mixes", Ink.MUTED), ("active", Ink.MUTED)


def _row(scene: Scene, latent: int, digits: int) -> Row:
    is_selected = scene.options.of(DictionaryState).latent == latent
    share = float(scene.of(score).activity.of_latents[latent])
    mark = SELECTED if is_selected else " "
    active = f"{fixed(100 * share, 5, 1).strip()} %" if share else "dead"
    ink = int(latent_inks(scene)[latent])
    return (
        (f"{mark}{latent:>{digits}}", Ink.ACCENT if is_selected else Ink.MUTED),
        (mixed(scene, latent, of="·"), ink),
        (active, Ink.TEXT if share else Ink.BAD),
    )


def _write_row(cells: Cells, layout: TableLayout, corner: tuple[int, int], row: Row) -> None:
    (number, number_ink), (mixes, ink), (active, active_ink) = row
    (x, y), right = corner, corner[0] + layout.column_width - GAP
    cells.write(x, y, number, number_ink)
    left = x + len(number) + 1
    cells.write(left, y, cut_after_word(mixes, max(right - ACTIVE_WIDTH - left, 0)), ink)
    cells.write_right(right, y, active, active_ink)
