"""The list of runs as cells: the rows around the cursor, and what is known of the one under it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from superpos_core.files.runs.glance import RunSummary
from superpos_core.files.runs.listing import setting_of
from superpos_tui.bars.status import MARKS
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import PINNED, SELECTED
from superpos_tui.drawing.numbers import age, grouped
from superpos_tui.drawing.palette import Ink
from superpos_tui.drawing.text_lines import cut, one_line
from superpos_tui.runs.columns import CHECKS, STATE, loss_range, setting_text
from superpos_tui.runs.placing import Placed, Placing, placing_of
from superpos_tui.runs.table import BY_NAME, Row, Sorting, Table

MARGIN = 3
"""Columns on the left for the cursor and the pin."""
HEADER_ROWS = 1
RISING, FALLING = "↑", "↓"
RECENT_SECONDS = 3.0
"""A sign of life of this age is nothing to remark on."""


@dataclass(frozen=True)
class Shown:
    """What of a table is shown: the arranged ``rows`` that match, from row ``top`` on.

    ``cursor`` is the index of the row under the cursor, ``pinned`` the folder of the pinned run.
    """

    table: Table
    rows: Sequence[Row]
    sorting: Sorting = BY_NAME
    cursor: int = 0
    top: int = 0
    pinned: Path | None = None

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.rows else None


def top_for(cursor: int, top: int, count: int, visible: int) -> int:
    """The first row to show so that the cursor is visible; it moves no more than needed."""
    top = min(max(top, cursor - visible + 1), cursor)
    return max(min(top, count - visible), 0)


def placing_in(shown: Shown, width: int) -> Placing:
    """The columns in a picture of this width, right of the margin."""
    return placing_of(shown.table, width - MARGIN, shown.sorting.column)


def draw(shown: Shown, width: int, height: int) -> Cells:
    """A line of titles, then one line per row."""
    cells = Cells.blank(width, height)
    placing = placing_in(shown, width)
    for placed in placing.columns:
        _write_title(cells, placed, shown.sorting)
    visible = shown.rows[shown.top : shown.top + height - HEADER_ROWS]
    for y, row in enumerate(visible, start=HEADER_ROWS):
        is_current = shown.top + y - HEADER_ROWS == shown.cursor
        if is_current:
            cells.write(0, y, SELECTED, Ink.ACCENT)
        if row.path == shown.pinned:
            cells.write(1, y, PINNED, Ink.ACCENT)
        for placed in placing.columns:
            _write_text(cells, placed, y, row, is_current=is_current)
    return cells


def _write_title(cells: Cells, placed: Placed, sorting: Sorting) -> None:
    is_sorted = placed.column.name == sorting.column
    title = cut(placed.column.title, placed.width)
    arrow = FALLING if sorting.is_reversed else RISING
    x = MARGIN + placed.x
    if placed.column.at_right:
        x += placed.width - len(title)
    cells.write(x, 0, title, Ink.ACCENT if is_sorted else Ink.MUTED)
    if is_sorted:  # in the gap between columns, so that nothing moves
        cells.write(x - 1 if placed.column.at_right else x + len(title), 0, arrow, Ink.ACCENT)


def _write_text(cells: Cells, placed: Placed, y: int, row: Row, *, is_current: bool) -> None:
    text = cut(row.texts[placed.index], placed.width)
    x = MARGIN + placed.x
    ink = Ink.MUTED if placed.index else Ink.TEXT
    if placed.column is STATE:
        ink = MARKS[row.state][1]
    elif placed.column is CHECKS and row.run.has_missed:
        ink = Ink.BAD
    elif is_current:
        ink = Ink.TEXT if placed.index else Ink.ACCENT
    if placed.column.at_right:
        cells.write_right(x + placed.width, y, text, ink)
    else:
        cells.write(x, y, text, ink)


# ── the run under the cursor ──────────────────────────────────────────────────────────────────────

Pieces = list[tuple[str, int]]


def draw_details(shown: Shown, now: float, width: int, height: int) -> Cells:
    """What is known of the run under the cursor: state, results, settings, folder."""
    cells = Cells.blank(width, height)
    if shown.row is None:
        return cells
    run = shown.row.run
    lines: list[Pieces] = [
        _progress(shown.row, now),
        _results(run),
        *_settings(shown.table, run, width, max(height - 3, 1)),
        [(one_line(str(run.path)), Ink.MUTED)],
    ]
    for y, line in enumerate(lines[:height]):
        x = 0
        for text, ink in line:
            cells.write(x, y, cut(text, max(width - x, 0)), ink)
            x += len(text)
    return cells


def _progress(row: Row, now: float) -> Pieces:
    run = row.run
    mark, ink = MARKS[row.state]
    steps = f"step {grouped(run.step)}" + (f" of {grouped(run.steps)}" if run.steps else "")
    pieces: Pieces = [(mark, ink), (f" {row.state}", Ink.TEXT), (f"  {steps}", Ink.TEXT)]
    silence = run.age(now)
    if RECENT_SECONDS <= silence < math.inf:
        what = "last sign of life" if row.state in ("silent", "training", "paused") else "ended"
        pieces += [(f"  {what} ", Ink.MUTED), (f"{age(silence)} ago", Ink.TEXT)]
    if run.reason:
        pieces += [(f"  {one_line(run.reason)}", Ink.BAD)]
    return pieces


def _results(run: RunSummary) -> Pieces:
    pieces: Pieces = [("loss ", Ink.MUTED), (loss_range(run), Ink.TEXT)]
    if run.checks is not None:
        passed, applicable = run.checks
        pieces += [("  checks passed ", Ink.MUTED), (f"{passed} of {applicable}", Ink.TEXT)]
    if run.shapes:
        pieces += [("  shapes ", Ink.MUTED), (", ".join(map(one_line, run.shapes)), Ink.TEXT)]
    return pieces


def _settings(table: Table, run: RunSummary, width: int, most: int) -> list[Pieces]:
    """The settings in which it differs from others, in at most this many lines.

    Its experiment if it differs in none.
    """
    named = [(each.title, setting_text(setting_of(run, each.setting))) for each in table.settings]
    lines: list[Pieces] = [[]]
    x = 0
    for name, value in named or [("experiment", one_line(run.experiment))]:
        length = len(name) + 1 + len(value)
        if x and x + length > width and len(lines) < most:
            lines.append([])
            x = 0
        lines[-1] += [("  " if x else "", Ink.MUTED), (f"{name} ", Ink.MUTED), (value, Ink.TEXT)]
        x += length + 2
    return lines
