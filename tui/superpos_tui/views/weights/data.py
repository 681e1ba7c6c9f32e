"""The data panel: which features are active together, and some rows of the data."""

import textwrap
from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.data import MAX_FEATURES, active_rows, correlations, second_moments
from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.geometry.blocks import strongest_of_blocks
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.matrix_layout import MatrixLayout
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.drawing.squares import draw_square, draw_squares, write_colour_bar
from superpos_tui.drawing.window import Window
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, Cursor, MoveCursor
from superpos_tui.views.numbers import Numbers, check_copyable, with_index
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.entries import number
from superpos_tui.views.shared.legends import sign_legend

SHARE_OF_SQUARE = 0.65
"""Share of the panel's height for the square if rows are below it, or of its width."""
GAP = 2
"""Columns or rows between the square and the rows, the last with their title."""
MAX_ROWS = 128
"""Rows that are drawn from the data: more than any panel shows."""
TOO_MANY = f"more than {MAX_FEATURES} features: their pairs are not shown"


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The square of scaled second moments; rows below or beside it; the scale in the last row."""
    cells = Cells.blank(width, height)
    layout = _Layout.of(scene, width, height, palette)
    if layout is None:
        return cells
    if scene.config.features > MAX_FEATURES:  # their rows would take gigabytes, too
        return _explained(cells, TOO_MANY)
    try:
        second, rows = _pairs(scene), _rows(scene)
    except InvalidValue as error:  # the file of the rows is gone or has changed
        return _explained(cells, str(error))
    square, at = layout.square, scene.options.cursor
    entries = strongest_of_blocks(second, square.block)
    cursor = None if at is None else (at.feature, at.other)
    cells.paste(layout.left, 0, draw_square(square, entries, None, palette, cursor))
    shown = strongest_of_blocks(rows[: layout.rows], 1, square.block)
    if len(shown):
        cells.write(layout.rows_left, layout.rows_top - 1, "active rows of x", Ink.MUTED)
        cells.paste(layout.rows_left, layout.rows_top, draw_squares(shown, layout.zoom, palette))
    write_colour_bar(cells, height - 1, palette)
    return cells


@dataclass(frozen=True)
class _Layout:
    """Where the square lies, and the rows of data, with a square of ``zoom`` columns an entry."""

    square: MatrixLayout
    left: int
    rows_left: int
    rows_top: int
    rows: int
    zoom: int

    @classmethod
    def of(cls, scene: Scene, width: int, height: int, palette: Palette) -> "_Layout | None":
        """Rows below the square, or beside it where that makes the square larger."""
        window, halves = Window.whole(scene.config.features), palette.has_scales
        room = height - 1
        high, wide = int(room * SHARE_OF_SQUARE), int(width * SHARE_OF_SQUARE)
        below = MatrixLayout.numbered(window, width, high, halves, with_bias=False)
        beside = MatrixLayout.numbered(window, wide, room, halves, with_bias=False)
        if beside is not None and (below is None or beside.share > below.share):
            rows_left = beside.width + GAP
            zoom = min(max((width - rows_left) // beside.squares, 0), beside.zoom)
            count = (room - 1) * 2 // max(zoom, 2 if not halves else 1)
            left = max((width - rows_left - zoom * beside.squares) // 2, 0)
            return cls(beside, left, left + rows_left, 1, count if zoom else 0, zoom)
        if below is None:
            return None
        left, top = (width - below.width) // 2, below.height + GAP - 1
        per_row = below.zoom if halves else max(below.zoom, 2)
        count = max(room - top, 0) * 2 // per_row
        return cls(below, left, left + below.gutter, top, count, below.zoom)

    def row_at(self, x: int, y: int, halves: bool) -> tuple[int, range] | None:
        """The row of data at a cell, the upper of two, and the features of its entry."""
        per_row = self.zoom if halves else max(self.zoom, 2)
        if self.zoom == 0 or y < self.rows_top or x < self.rows_left:
            return None
        row, column = (y - self.rows_top) * 2 // per_row, (x - self.rows_left) // self.zoom
        if row >= self.rows or column >= self.square.squares:
            return None
        first = column * self.square.block
        return row, range(first, min(first + self.square.block, self.square.window.side))


def _pairs(scene: Scene) -> FloatArray:
    return correlations(second_moments(scene.config, scene.lane))


def _rows(scene: Scene) -> FloatArray:
    return active_rows(scene.config, scene.lane, MAX_ROWS)


def _explained(cells: Cells, words: str) -> Cells:
    for y, line in enumerate(textwrap.wrap(words, max(cells.width, 1))[: cells.height]):
        cells.write(0, y, line, Ink.MUTED)
    return cells


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """Two features and how often they are active together, or an entry of a row."""
    layout = _Layout.of(scene, width, height, palette)
    if layout is None or scene.config.features > MAX_FEATURES:
        return ""
    try:
        second, rows = second_moments(scene.config, scene.lane), _rows(scene)
    except InvalidValue:
        return ""
    found = layout.square.entries_at(x - layout.left, y)
    if found is not None and found[1] is not None:
        i, j = found[0].start, found[1].start
        scaled = float(correlations(second)[i, j])
        return f"E[x_{i}·x_{j}] = {second[i, j]:.3g} · scaled {number(scaled)}"
    place = layout.row_at(x, y, palette.has_scales)
    if place is None or place[0] >= len(rows):
        return ""
    row, features = place
    values = rows[row, features.start : features.stop]
    feature = features.start + int(np.argmax(np.abs(values)))
    return f"row {row}: x_{feature} = {number(float(rows[row, feature]))}"


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the two features of the clicked entry."""
    layout = _Layout.of(scene, width, height, palette)
    found = None if layout is None else layout.square.entries_at(x - layout.left, y)
    if found is None or found[1] is None:
        return None
    return MoveCursor(Cursor(found[0].start, found[1].start))


def numbers(scene: Scene) -> Numbers:
    """One row per feature: its second moments with every feature, not scaled."""
    check_copyable(scene.config.features**2)
    return with_index("feature", {"moment": second_moments(scene.config, scene.lane)})


PANEL = Panel(
    name="data",
    title=lambda scene: f"data: {scene.config.distribution}",
    readings=(
        "row i, column j: the mean of x_i·x_j, scaled to 1 on the diagonal · below, rows of x",
        "row i, column j: mean of x_i·x_j, scaled",
        "mean of x_i·x_j, scaled",
    ),
    draw=draw,
    story=(
        "Entry (i, j) says how often features i and j are active together: the mean of x_i·x_j "
        "over the rows, scaled to 1 on the diagonal. Independent features that are rarely active "
        "have a diagonal and little else; features of a set, on a circle or in a tree have a "
        "pattern, which W·Wᵀ may take over (Prieto et al. 2026). Rows with an active "
        "feature are drawn with it."
    ),
    pick=pick,
    read=read,
    numbers=numbers,
    needs=frozenset({"distribution", "sparsities"}),
    legend=lambda scene, palette: sign_legend(palette),
    colours=(
        "cell (i, j): the mean of x_i·x_j over √(mean x_i² · mean x_j²), blue +, red −; rows: x.",
    ),
)
