"""The widgets of the list of runs: the line above, the table, and the run under the cursor."""

import time
from collections.abc import Sequence

from textual.events import Click, Key, MouseScrollDown, MouseScrollUp, Paste
from textual.message import Message

from superpos_core.files.runs.glance import State
from superpos_tui.bars.status import MARKS
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.drawn_view import DrawnView
from superpos_tui.drawing.glyphs import LEFT_HALF
from superpos_tui.drawing.numbers import grouped
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.drawing.text_lines import cut, one_line
from superpos_tui.runs.columns import STATES
from superpos_tui.runs.picture import HEADER_ROWS, MARGIN, draw, draw_details, placing_in
from superpos_tui.runs.view import ListView

ROWS_PER_WHEEL = 3
HINT_WHILE_TYPING = "words in name, state, settings, shapes · enter keeps · esc clears"
HINT_AFTERWARDS = "esc shows all"
FRAME = """
    border: round $panel-border; border-title-color: $foreground; border-title-style: bold;
    border-subtitle-color: $text-muted; padding: 0 1;
"""


class RunsHeader(DrawnView):
    """One row: where the runs are, and how many are in which state."""

    DEFAULT_CSS = "RunsHeader { height: 1; }"

    def __init__(self, palette: Palette, view: ListView, paths: Sequence[str]) -> None:
        super().__init__(palette, id="runs-header")
        self._view = view
        self._paths = paths

    def picture(self, width: int, height: int) -> Cells:
        """The row in the available width."""
        return draw_header(self._view, self._paths, width)


def draw_header(view: ListView, paths: Sequence[str], width: int) -> Cells:
    """Where the runs are on the left; on the right the states, if there is room."""
    cells = Cells.blank(width, 1)
    where = one_line(paths[0]) if len(paths) == 1 else f"{len(paths)} paths"
    table = view.shown.table
    counts = [(state, table.counts.get(state, 0)) for state in STATES]
    said = [(state, f"{grouped(count)} {state}") for state, count in counts if count]
    x = 1
    for text, ink in (("superpos-tui", Ink.ACCENT), ("  runs in ", Ink.MUTED)):
        cells.write(x, 0, text, ink)
        x += len(text)
    length = sum(len(text) + 2 for _, text in said)
    room = width - x - length - 1
    if room < min(len(where), 12):
        said, length = [], 0
    cells.write(x, 0, cut(where, width - x - length - 1), Ink.TEXT)
    _write_counts(cells, width - 1 - length, said)
    return cells


def _write_counts(cells: Cells, x: int, said: Sequence[tuple[State, str]]) -> None:
    for state, text in said:
        cells.write(x + 2, 0, text, MARKS[state][1])
        x += len(text) + 2


class RunsTable(DrawnView, can_focus=True):
    """The rows around the cursor; only these are drawn."""

    DEFAULT_CSS = f"""
    RunsTable {{ height: 1fr; {FRAME} }}
    RunsTable:focus {{ border: round $accent; border-title-color: $accent; }}
    """

    class Typed(Message):
        """A filter is typed."""

    class Sorted(Message):
        """A title was clicked."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    class Clicked(Message):
        """A row was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    class Wheeled(Message):
        """The wheel was turned by this many rows."""

        def __init__(self, rows: int) -> None:
            super().__init__()
            self.rows = rows

    def __init__(self, palette: Palette, view: ListView) -> None:
        super().__init__(palette, id="runs-table")
        self._view = view

    @property
    def visible_rows(self) -> int:
        """How many runs there is room for."""
        return max(self.size.height - HEADER_ROWS, 1)

    def picture(self, width: int, height: int) -> Cells:
        """The rows around the cursor, or why there are none."""
        self._view.scroll(height - HEADER_ROWS)
        if self._view.shown.rows:
            return draw(self._view.shown, width, height)
        cells = Cells.blank(width, height)
        cells.write_centred(height // 2, cut(why_empty(self._view), width), Ink.MUTED)
        return cells

    @property
    def is_typing(self) -> bool:
        """Whether keys are text."""
        return self._view.is_typing

    def on_key(self, event: Key) -> None:
        """Take the keys of a filter here, in order: a binding would take them later."""
        if not self._view.is_typing:
            if event.key != "slash":
                return
            self._view.is_typing = True
        elif not self._view.type(event.key, event.character):
            return
        event.stop()
        self.post_message(self.Typed())

    def on_paste(self, event: Paste) -> None:
        """Paste into the filter."""
        if self._view.is_typing:
            self._view.select_matching(self._view.filter + " ".join(event.text.split()))
            self.post_message(self.Typed())

    def on_click(self, event: Click) -> None:
        """Sort by a title, or point at a row."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y >= HEADER_ROWS:
            self.post_message(self.Clicked(self._view.shown.top + offset.y - HEADER_ROWS))
            return
        for placed in placing_in(self._view.shown, self.size.width).columns:
            if offset.x - MARGIN in placed.span:
                self.post_message(self.Sorted(placed.column.name))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self.post_message(self.Wheeled(ROWS_PER_WHEEL))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self.post_message(self.Wheeled(-ROWS_PER_WHEEL))


class FilterLine(DrawnView):
    """What is typed to filter by."""

    DEFAULT_CSS = "FilterLine { height: 1; display: none; }"

    def __init__(self, palette: Palette, view: ListView) -> None:
        super().__init__(palette, id="runs-filter")
        self._view = view

    def picture(self, width: int, height: int) -> Cells:
        """The words, and the keys that end typing."""
        return draw_filter(self._view, width)


def draw_filter(view: ListView, width: int) -> Cells:
    """The words of the filter; while they are typed, with a caret and what they match."""
    cells = Cells.blank(width, 1)
    cells.write(1, 0, "/", Ink.ACCENT)
    text = one_line(view.filter)[-(width - 4) :] if view.filter else ""
    cells.write(3, 0, text, Ink.TEXT)
    x = 3 + len(text)
    if view.is_typing:
        cells.write(x, 0, LEFT_HALF, Ink.ACCENT)
    hint = HINT_WHILE_TYPING if view.is_typing else HINT_AFTERWARDS
    if x + 3 + len(hint) <= width:
        cells.write_right(width - 1, 0, hint, Ink.MUTED)
    return cells


def why_empty(view: ListView) -> str:
    """Why no row is shown."""
    listing = view.shown.table.listing
    if listing.runs:
        return f"no run matches {one_line(view.filter)}: esc shows all"
    if not view.shown.table.columns:
        return "reading the folders"
    return "no runs yet: they appear here when they start"


class RunDetails(DrawnView):
    """What is known of the run under the cursor."""

    DEFAULT_CSS = f"RunDetails {{ height: 6; {FRAME} }}"

    def __init__(self, palette: Palette, view: ListView) -> None:
        super().__init__(palette, id="runs-details")
        self._view = view

    def picture(self, width: int, height: int) -> Cells:
        """Its state, results, settings and folder."""
        return draw_details(self._view.shown, time.time(), width, height)
