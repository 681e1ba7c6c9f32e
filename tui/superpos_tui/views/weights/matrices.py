"""The weights panel: W, or W₁ and W₂ᵀ, and b: one row per feature, one column per hidden unit."""

import math
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.geometry.blocks import strongest_of_blocks
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.numbers import signed
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.drawing.squares import draw_squares, write_colour_bar
from superpos_tui.measures.geometry import norm_of_feature
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, MoveCursor
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colour_meanings import OF_WEIGHTS
from superpos_tui.views.shared.entries import number
from superpos_tui.views.shared.legends import sign_legend
from superpos_tui.views.weights import numbers

GAP = 2
"""Columns between two matrices."""
MAX_ZOOM = 8
MIN_FOR_TITLES = 3
MIN_FOR_BAR = 6
MIN_FOR_NUMBERS = 8
MIN_FOR_VALUES = 11
"""Minimum rows of the panel for each of these."""
NUMBER_WIDTH = 5
HINT = "↑ ↓ or click: read a feature's row"


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The matrices side by side; below them the row at the cursor in numbers, and the scale."""
    cells = Cells.blank(width, height)
    layout = _Layout.of(scene, width, height)
    if layout is None:
        return cells
    for index, (name, matrix) in enumerate(scene.model.by_feature(scene.parameters)):
        _draw_matrix(cells, layout, index, name, matrix, palette)
    _write_feature_numbers(cells, layout)
    _write_note(cells, layout)
    if layout.values_top is not None:
        _write_values(cells, layout.values_top, scene)
    if height >= MIN_FOR_BAR:
        write_colour_bar(cells, height - 1, palette)
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the feature of a row, keeping the other one; clicking twice selects the lower row."""
    layout = _Layout.of(scene, width, height)
    feature = None if layout is None else layout.feature_at(y)
    if feature is None:
        return None
    return MoveCursor(scene.options.cursor_on(feature))


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The weight at a cell: between a feature and a hidden unit; on the right, the bias."""
    layout = _Layout.of(scene, width, height)
    feature = None if layout is None else layout.feature_at(y)
    if layout is None or feature is None:
        return ""
    for index, (name, matrix) in enumerate(scene.model.by_feature(scene.parameters)):
        column = (x - layout.left_of(index)) // layout.zoom
        if 0 <= column < -(-matrix.shape[1] // layout.join):
            return _weight_in_words(name, matrix[feature], feature, column * layout.join, layout)
    return ""


def _weight_in_words(
    name: str, row: FloatArray, feature: int, first: int, layout: "_Layout"
) -> str:
    """Such as ``W[7, 2] = −0.31 · feature 7, hidden unit 2``; of joined units the strongest."""
    if row.size == 1:
        return f"{name}[{feature}] = {number(float(row[0]))} · the bias of output {feature}"
    joined = row[first : first + layout.join]
    unit = first + int(np.argmax(np.nan_to_num(np.abs(joined), nan=np.inf)))
    of_several = f", the largest of {joined.size}" if joined.size > 1 else ""
    return (
        f"{name}[{feature}, {unit}] = {number(float(row[unit]))} · "
        f"feature {feature}, hidden unit {unit}{of_several}"
    )


@dataclass(frozen=True)
class _Layout:
    """The layout: an entry is ``zoom`` columns wide and ``zoom`` half rows high.

    ``join`` units share one column if there are too many; ``visible`` features are shown from
    ``first`` on.
    """

    features: int
    units: int
    matrices: int
    selected: int | None
    join: int
    zoom: int
    first: int
    visible: int
    left: int
    top: int
    number_width: int
    note_top: int | None
    values_top: int | None

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "_Layout | None":
        """The largest squares that fit, scrolled so that the cursor's row is shown."""
        config, matrices = scene.config, len(scene.model.by_feature(scene.parameters)) - 1
        number_width = len(str(config.features - 1)) + 2
        if width < number_width + matrices * (GAP + 1) + 2:
            number_width = 0
        across = width - number_width - matrices * GAP
        if across < matrices + 1 or height < 1:
            return None
        join = math.ceil(scene.hidden / ((across - 1) // matrices))
        squares = matrices * math.ceil(scene.hidden / join) + 1
        top = (height >= MIN_FOR_TITLES) + (height >= MIN_FOR_NUMBERS)
        below = (height >= MIN_FOR_BAR) + (matrices + 1) * (height >= MIN_FOR_VALUES)
        rows = height - top - below
        has_note = height >= MIN_FOR_NUMBERS and (join > 1 or config.features > 2 * rows)
        rows -= has_note
        zoom = max(1, min(across // squares, 2 * rows // config.features, MAX_ZOOM))
        visible = min(config.features, 2 * rows // zoom)
        cursor = scene.options.cursor
        selected = None if cursor is None else cursor.feature
        first = max(0, min((selected or 0) - visible // 2, config.features - visible))
        bottom = height - below
        block = number_width + squares * zoom + matrices * GAP
        return cls(
            features=config.features,
            units=scene.hidden,
            matrices=matrices,
            selected=selected,
            join=join,
            zoom=zoom,
            first=first,
            visible=visible,
            left=(width - block) // 2 + number_width,
            top=top,
            number_width=number_width,
            note_top=bottom - 1 if has_note else None,
            values_top=bottom if height >= MIN_FOR_VALUES else None,
        )

    @property
    def columns(self) -> int:
        """Squares across one matrix."""
        return math.ceil(self.units / self.join)

    @property
    def last(self) -> int:
        """The index after the last shown feature."""
        return self.first + self.visible

    def left_of(self, index: int) -> int:
        """The left edge of a matrix; the bias is the last one."""
        return self.left + index * (self.columns * self.zoom + GAP)

    def row_of(self, feature: int) -> int:
        """The row of cells that contains the middle of a feature's squares."""
        return self.top + (2 * (feature - self.first) + 1) * self.zoom // 4

    def feature_at(self, y: int) -> int | None:
        """The feature in a row of cells; if two share it, the one that is not selected."""
        half_row = 2 * (y - self.top)
        upper = self.first + half_row // self.zoom
        lower = self.first + (half_row + 1) // self.zoom
        if y < self.top or upper >= self.last:
            return None
        return lower if upper == self.selected and lower < self.last else upper


def _draw_matrix(
    cells: Cells, layout: _Layout, index: int, name: str, matrix: FloatArray, palette: Palette
) -> None:
    """Draw the shown rows, the matrix's name above them, and the indices of its units."""
    left = layout.left_of(index)
    shown = strongest_of_blocks(matrix[layout.first : layout.last], 1, columns=layout.join)
    cells.paste(left, layout.top, draw_squares(shown, layout.zoom, palette))
    if layout.top >= 1:
        cells.write(left, 0, name, Ink.TEXT)
    if layout.top >= 2 and matrix.shape[1] > 1:
        _write_unit_numbers(cells, layout, left)


def _write_unit_numbers(cells: Cells, layout: _Layout, left: int) -> None:
    """Write as many unit indices as fit side by side."""
    digits = len(str(layout.units - 1))
    apart = next(
        step * 10**power
        for power in range(digits + 1)
        for step in (1, 2, 5)
        if step * 10**power * layout.zoom > digits or (digits == 1 and layout.zoom == 1)
    )
    for square in range(0, layout.columns, apart):
        number = str(square * layout.join)
        if square * layout.zoom + len(number) <= layout.columns * layout.zoom:
            cells.write(left + square * layout.zoom, 1, number, Ink.MUTED)


def _write_feature_numbers(cells: Cells, layout: _Layout) -> None:
    """Write one index per row of cells: that of the upper feature, or of the one at the cursor."""
    if not layout.number_width:
        return
    right = layout.left - 1
    step = 2 if layout.zoom == 1 else 1
    for feature in range(layout.first, layout.last, step):
        cells.write_right(right, layout.row_of(feature), str(feature), Ink.MUTED)
    if layout.selected is not None and layout.first <= layout.selected < layout.last:
        label = f"{SELECTED}{layout.selected:>{layout.number_width - 2}}"
        cells.write_right(right, layout.row_of(layout.selected), label, Ink.ACCENT)


def _write_note(cells: Cells, layout: _Layout) -> None:
    """Write what is hidden: features scrolled out of view, units that share a column."""
    if layout.note_top is None:
        return
    notes = []
    if layout.visible < layout.features:
        notes.append(f"{layout.first}–{layout.last - 1} of {layout.features}")
    if layout.join > 1:
        notes.append(f"{layout.join} units per column")
    cells.write(0, layout.note_top, " · ".join(notes), Ink.MUTED)


def _write_values(cells: Cells, top: int, scene: Scene) -> None:
    """Write the row at the cursor in numbers: its norm, its bias and its weights."""
    cursor = scene.options.cursor
    if cursor is None:
        cells.write(0, top, HINT, Ink.MUTED)
        return
    feature = cursor.feature
    *weights, (_, bias) = scene.model.by_feature(scene.parameters)
    norm = f"‖{scene.model.vectors_name}_i‖"
    cells.write(0, top, f"{SELECTED} feature {feature}", Ink.ACCENT)
    rest = f"{norm} {scene.of(norm_of_feature, feature):4.2f} · b {signed(bias[feature, 0])}"
    cells.write(len(f"{SELECTED} feature {scene.config.features} "), top, rest, Ink.TEXT)
    name_width = max(len(name) for name, _ in weights) + 1
    for y, (name, matrix) in enumerate(weights, start=top + 1):
        text = _listed(matrix[feature], cells.width - name_width)
        cells.write(0, y, name, Ink.MUTED)
        cells.write(name_width, y, text, Ink.TEXT)


def _listed(weights: FloatArray, width: int) -> str:
    """All weights in order or, if they do not fit, the strongest with their units' indices."""
    if weights.size * (NUMBER_WIDTH + 1) - 1 <= width:
        return " ".join(signed(weight) for weight in weights)
    digits = len(str(weights.size - 1))
    room = max(0, (width - 1) // (digits + NUMBER_WIDTH + 3))
    strongest = np.argsort(-np.nan_to_num(np.abs(weights), nan=np.inf), kind="stable")[:room]
    return "".join(f"{unit:>{digits}} {signed(weights[unit])}  " for unit in strongest) + "…"


def _title(scene: Scene) -> str:
    *matrices, bias = (name for name, _ in scene.model.by_feature(scene.parameters))
    return f"{', '.join(matrices)} and {bias}"


PANEL = Panel(
    name="weights",
    title=_title,
    readings=(
        "row: a feature · column: a hidden unit · right: the bias b",
        "row: feature · column: hidden unit · right: b",
        "row: feature · column: unit",
    ),
    draw=draw,
    numbers=numbers.weights,
    legend=lambda scene, palette: sign_legend(palette),
    pick=pick,
    read=read,
    story=(
        "The trained parameters. A row is a feature's direction in the hidden space: if rows "
        "outnumber columns they cannot all be orthogonal, which is superposition. Without an "
        "activation on the hidden layer its basis is arbitrary: look at W·Wᵀ instead "
        "(“Demonstrating Superposition”)."
    ),
    colours=OF_WEIGHTS,
)
