"""The compare panel: the pinned lane, the current lane, and their difference, as squares."""

import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from superpos_core.geometry.blocks import GramChange
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.numbers import fixed, grouped, setting_name, short_loss, signed
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.drawing.squares import MatrixLayout, draw_squares, write_colour_bar
from superpos_tui.drawing.text_lines import one_line
from superpos_tui.measures.geometry import (
    dimensions_per_feature,
    represented,
    sum_of_dimensionality,
)
from superpos_tui.measures.loss import loss_over_linear, recent_loss
from superpos_tui.measures.product import gram_blocks, gram_entry
from superpos_tui.scene import Measure, Scene
from superpos_tui.selection import Change, Cursor, MoveCursor
from superpos_tui.views.compare.measures import gram_change, reference_scene
from superpos_tui.views.compare.state import CompareState, PinnedRun
from superpos_tui.views.panel import Panel

NAMES_WIDTH = 12
HEADER_ROWS = 2
MIN_SQUARE = 4
"""Smaller squares are not worth drawing."""
UNSEEN_BLOCKS = 32
"""Blocks per side in which squares are compared if there is no room to draw them."""
NO_CHANGE = "·"
NOTHING_PINNED = "nothing pinned yet: p pins the current lane, then move on"
NOT_MOVED = "this is the pinned lane: move to another setting, model or step"


@dataclass(frozen=True)
class _Row:
    """One measure: its name and formats; ``change`` formats a difference."""

    name: str
    measure: Measure[float]
    written: Callable[[float], str]
    change: Callable[[float], str]


ROWS = (
    _Row("represented", represented, "{:.0f}".format, "{:+.0f}".format),
    _Row("D*", dimensions_per_feature, lambda x: fixed(x, 4, 2), signed),
    _Row("ΣD", sum_of_dimensionality, lambda x: fixed(x, 6, 2).strip(), signed),
    _Row("loss", recent_loss, short_loss, "{:+.1e}".format),
    _Row("L/L_linear", loss_over_linear, lambda x: fixed(x, 5, 2), signed),
)


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """Three columns, each a square with its numbers below it; only numbers if space is tight."""
    cells = Cells.blank(width, height)
    layout = _Layout.of(scene, width, height)
    reference = scene.of(reference_scene)
    _write_headers(cells, layout, scene, reference)
    if layout.square is not None:
        entries = [each.of(gram_blocks, layout.block) for each in (reference, scene)]
        change = _change_from(reference, scene, layout.block)
        if change is not None:
            entries.append(change.strongest)
        for column, each in enumerate(entries):
            picture = draw_squares(each, layout.square.zoom, palette)
            cells.paste(layout.left_of(column), HEADER_ROWS, picture)
        _mark_selected(cells, layout, scene)
    if _is_same(scene, reference):
        _write_invitation(cells, layout, scene)
    _write_table(cells, layout, scene, reference)
    if height - layout.table_top > len(ROWS) + 2:
        write_colour_bar(cells, height - 1, palette)
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select an entry of a square; clicking twice selects the lower of two rows in a cell.

    The square of a larger run has entries that this one lacks: clicks on them do nothing.
    """
    layout = _Layout.of(scene, width, height)
    square = layout.square
    if square is None:
        return None
    lefts = [layout.left_of(column) for column in range(3)]
    left = next((left for left in lefts if 0 <= x - left < square.width), None)
    if left is None or not 0 <= y - HEADER_ROWS < square.height:
        return None
    other = (x - left) // square.zoom * square.block
    half_row = 2 * (y - HEADER_ROWS)
    upper = Cursor(half_row // square.zoom * square.block, other)
    lower = Cursor((half_row + 1) // square.zoom * square.block, other)
    features = scene.config.features
    if max(upper.feature, upper.other) >= features:
        return None
    take_lower = upper == scene.options.cursor and lower.feature < features
    return MoveCursor(lower if take_lower else upper)


@dataclass(frozen=True)
class _Layout:
    """Names of measures on the left, then three columns; ``square`` is the matrix in each.

    ``block`` × ``block`` entries are merged when squares are compared, drawn or not. The layout is
    the same on every terminal: without colours an entry is as large as with them.
    """

    names_width: int
    column_width: int
    square: MatrixLayout | None
    block: int
    table_top: int

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "_Layout":
        features = max(each.config.features for each in (scene, scene.of(reference_scene)))
        names_width = NAMES_WIDTH if width >= 3 * NAMES_WIDTH else 0
        column_width = (width - names_width) // 3
        rows = height - HEADER_ROWS - len(ROWS)
        square = None
        if min(rows, column_width - 1) >= MIN_SQUARE:
            square = MatrixLayout.fitting(
                features, column_width - 1, rows, half_blocks=True, with_bias=False
            )
        square_rows = 0 if square is None else square.height
        spacer = rows - square_rows > 0
        block = square.block if square else -(-features // UNSEEN_BLOCKS)
        return cls(names_width, column_width, square, block, HEADER_ROWS + square_rows + spacer)

    def left_of(self, column: int) -> int:
        """The left edge of a column: 0 the reference, 1 the current lane, 2 the difference."""
        return self.names_width + column * self.column_width


def _change_from(reference: Scene, scene: Scene, block: int) -> GramChange | None:
    """The difference, unless the two have different numbers of features."""
    run = scene.options.of(CompareState).run
    return scene.of(gram_change, reference.focus, run, block)


def _is_same(scene: Scene, reference: Scene) -> bool:
    return (
        scene.config == reference.config
        and scene.focus.model == reference.focus.model
        and scene.lane_index == reference.lane_index
        and scene.step == reference.step
    )


def _write_headers(cells: Cells, layout: _Layout, scene: Scene, reference: Scene) -> None:
    """Each column's model and sparsity, then its seed and step."""
    word = "reference" if scene.options.of(CompareState).reference is None else "pinned"
    for column, (name, side) in enumerate(((word, reference), ("now", scene))):
        setting = setting_name(side.config, side.setting)
        model = f"{side.focus.model} {setting}"
        width = layout.column_width - 1
        first = _longest_within(width, f"{name}: {model}", model, setting)
        run = None if side is scene else scene.options.of(CompareState).run
        second = _longest_within(width, *_origins(side, run))
        cells.write(layout.left_of(column), 0, first[:width], Ink.TEXT)
        cells.write(layout.left_of(column), 1, second[:width], Ink.MUTED)
    left = layout.left_of(2)
    room = cells.width - left
    cells.write(left, 0, _longest_within(room, f"now − {word}", "change"), Ink.TEXT)
    change = _change_from(reference, scene, layout.block)
    if change is None:
        sizes = f"n = {reference.config.features} and {scene.config.features}"
        text = _longest_within(room, f"none: {sizes}", sizes)
    else:
        distance = fixed(change.distance, 6, 2).strip()
        text = _longest_within(room, f"‖difference‖ {distance}", distance)
    cells.write(left, 1, text[: max(room, 0)], Ink.MUTED)


def _origins(side: Scene, run: PinnedRun | None) -> tuple[str, ...]:
    """The run or the seed of a side, and its step, longest first; nothing if they are not known."""
    whose = f"seed {side.lane.seed}" if run is None else one_line(run.name)
    if not side.knows_training:
        return ("",) if run is None else (whose,)
    step = f"step {grouped(side.step)}"
    return f"{whose} · {step}", step, grouped(side.step)


def _longest_within(width: int, *variants: str) -> str:
    return next((each for each in variants if len(each) <= width), variants[-1])


def _mark_selected(cells: Cells, layout: _Layout, scene: Scene) -> None:
    """Mark the row at the cursor, left of each square."""
    cursor = scene.options.cursor
    if cursor is None or layout.square is None:
        return
    y = HEADER_ROWS + layout.square.row_of(cursor.feature)
    for column in range(3):
        label = f"{cursor.feature} {SELECTED}" if column == 0 else SELECTED
        cells.write_right(layout.left_of(column), y, label, Ink.ACCENT)


def _write_invitation(cells: Cells, layout: _Layout, scene: Scene) -> None:
    """If there is no difference to show, say how to get one."""
    text = NOTHING_PINNED if scene.options.of(CompareState).reference is None else NOT_MOVED
    left = layout.left_of(2)
    if layout.square is None:
        rows = cells.height - layout.table_top - len(ROWS)
        if rows > 0:
            cells.write(0, cells.height - 1, text, Ink.ACCENT)
        return
    width = max(layout.square.width, min(cells.width - left, 20))
    lines = textwrap.wrap(text, width)[: layout.square.height]
    for y in range(layout.square.height):
        cells.grounds[HEADER_ROWS + y, left:] = Ink.NONE
        line = lines[y] if y < len(lines) else ""
        cells.write(left, HEADER_ROWS + y, line.ljust(cells.width - left), Ink.ACCENT)


def _write_table(cells: Cells, layout: _Layout, scene: Scene, reference: Scene) -> None:
    """Each measure of both, and how it changed; then the entry at the cursor, if there is room."""
    rows: list[tuple[str, Sequence[str]]] = [_table_row(row, scene, reference) for row in ROWS]
    cursor = scene.options.cursor
    if cursor is not None and cursor.within(reference.config) is not None:
        entry = cursor.feature, cursor.other
        before, now = reference.of(gram_entry, *entry), scene.of(gram_entry, *entry)
        values = (before, now, now - before)
        rows.append((f"{entry[0]} → {entry[1]}", [signed(value) for value in values]))
    for y, (name, texts) in enumerate(rows, start=layout.table_top):
        cells.write(0, y, name[: max(layout.names_width - 1, 0)], Ink.MUTED)
        for column, text in enumerate(texts):
            if column == 2:
                cells.write(layout.left_of(column), y, text, Ink.MUTED)
            else:
                cells.write(layout.left_of(column), y, text[: layout.column_width - 1], Ink.TEXT)


def _table_row(row: _Row, scene: Scene, reference: Scene) -> tuple[str, Sequence[str]]:
    before, now = reference.of(row.measure), scene.of(row.measure)
    return row.name, (
        row.written(before).strip(),
        row.written(now).strip(),
        _change(row, before, now),
    )


def _change(row: _Row, before: float, now: float) -> str:
    change = now - before
    if not math.isfinite(change):
        return "—"
    return row.change(change).strip().replace("-", "−") if change else NO_CHANGE


def _title(scene: Scene) -> str:
    squares = [each.model.product for each in (scene.of(reference_scene), scene)]
    return " and ".join(dict.fromkeys(squares)) + " compared"


PANEL = Panel(
    name="compare",
    title=_title,
    readings=(
        "left: the reference · middle: the current lane · right: middle − left · p pins it",
        "reference, now, and now − reference · p pins",
        "reference, now, change",
    ),
    draw=draw,
    pick=pick,
    seconds_between_draws=0.25,
    story=(
        "How another sparsity, model, seed or step changes the model. Losses at different "
        "sparsities are different tasks: compare L/L_linear. If two squares are equal, so are the "
        "models, up to the bias and a rotation of the hidden space, which W·Wᵀ does not show "
        "(“Demonstrating Superposition”)."
    ),
)
