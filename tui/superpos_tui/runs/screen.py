"""The screen with the list of runs: choose, sort, filter, pin, open."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static

from superpos_core.files.runs.glance import RunSummary
from superpos_tui.bars.keys import KeyBar
from superpos_tui.dialogs.help import HelpDialog
from superpos_tui.drawing.cell_view import CellView
from superpos_tui.drawing.numbers import grouped
from superpos_tui.drawing.palette import Palette
from superpos_tui.drawing.text_lines import one_line
from superpos_tui.look.layouts import MIN_HEIGHT, MIN_WIDTH, layout_for
from superpos_tui.process.sturdy import Sturdy
from superpos_tui.runs.help import help_chapters
from superpos_tui.runs.picture import placing_in
from superpos_tui.runs.poller import RunsPoller
from superpos_tui.runs.view import ListView
from superpos_tui.runs.widgets import FilterLine, RunDetails, RunsHeader, RunsTable
from superpos_tui.views.key import Key

SECONDS_BETWEEN_LOOKS = 0.25
ROWS_WITH_DETAILS = 18
"""On fewer rows the screen belongs to the table."""
ROWS_WITH_MORE_DETAILS = 36
FAR = 1 << 30
"""More rows than any list has."""

KEYS = (
    Key("enter", "enter", "screen.open", "open", "open the run", "screen", in_footer=True),
    Key("down,j", "↓ j", "screen.move(1)", "move", "next run", "screen", in_footer=True),
    Key("up,k", "↑ k", "screen.move(-1)", "move", "previous run", "screen"),
    Key("pagedown", "pgdn", "screen.page(1)", "page", "next page", "screen"),
    Key("pageup", "pgup", "screen.page(-1)", "page", "previous page", "screen"),
    Key("home,g", "home", f"screen.move(-{FAR})", "first", "first run", "screen"),
    Key("end,G", "end", f"screen.move({FAR})", "last", "last run", "screen"),
    Key("slash", "/", "screen.filter", "filter", "filter by words", "screen", in_footer=True),
    Key("right", "→", "screen.sort(1)", "sort", "sort by the next column", "screen",
        in_footer=True),
    Key("left", "←", "screen.sort(-1)", "sort", "sort by the previous column", "screen"),
    Key("r", "r", "screen.reverse", "reverse", "reverse the order", "screen", in_footer=True),
    Key("p", "p", "screen.pin", "pin", "pin the run for comparison", "screen", in_footer=True),
    Key("escape", "esc", "screen.back", "back", "all runs, or back to the opened run", "screen",
        in_footer=True),
    Key("question_mark,f1", "?", "screen.help", "help", "help: keys, columns and glossary",
        "screen", in_footer=True),
    Key("q", "q", "quit", "quit", "quit", "screen", in_footer=True),
)  # fmt: skip


class RunsScreen(Screen[None], Sturdy):
    """Lists the runs that a poller finds.

    ``on_open`` and ``on_pin`` are called with the run under the cursor, ``on_back`` when the user
    wants to leave the list. It stays as it is while another screen is on top.
    """

    DEFAULT_CSS = """
    RunsScreen.-low RunDetails { display: none; }
    RunsScreen.-high RunDetails { height: 8; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key.keys, key.action.removeprefix("screen."), show=False)
        for key in KEYS
        if key.action != "quit"
    ]

    def __init__(
        self,
        poller: RunsPoller,
        palette: Callable[[], Palette],
        on_open: Callable[[RunSummary], None],
        on_pin: Callable[[RunSummary], None],
        on_back: Callable[[], None],
    ) -> None:
        super().__init__()
        self.list_view = ListView()
        self._poller = poller
        self._palette = palette
        self._on_open, self._on_pin, self._on_back = on_open, on_pin, on_back
        self._taken: object = None

    def compose(self) -> ComposeResult:
        palette = self._palette()
        yield RunsHeader(palette, self.list_view, self._poller.paths)
        yield RunsTable(palette, self.list_view)
        yield RunDetails(palette, self.list_view)
        yield FilterLine(palette, self.list_view)
        yield Static(f"superpos-tui needs at least {MIN_WIDTH}×{MIN_HEIGHT}", id="too-small")
        yield KeyBar(palette, KEYS)

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._recolour())
        self.query_one(RunsTable).focus()
        self._poller.start()
        self.set_interval(SECONDS_BETWEEN_LOOKS, self._pull)
        self._pull()

    def on_unmount(self) -> None:
        self._poller.stop()

    def on_resize(self, event: Resize) -> None:
        self.set_class(layout_for(*event.size) == "tiny", "-tiny")
        self.set_class(event.size.height < ROWS_WITH_DETAILS, "-low")
        self.set_class(event.size.height >= ROWS_WITH_MORE_DETAILS, "-high")
        self.call_after_refresh(self._redraw)

    def _pull(self) -> None:
        """Take a newer table; without one only ages change."""
        table = self._poller.latest
        if table is not None and table is not self._taken:
            self._taken = table
            self.list_view.take(table)
            self._redraw()
        elif self.is_current:
            self.query_one(RunDetails).redraw()

    def _recolour(self) -> None:
        for each in self.query(CellView):
            each.palette = self._palette()

    def _redraw(self) -> None:
        shown, table = self.list_view.shown, self.query_one(RunsTable)
        table.border_title = self._title()
        hidden = placing_in(shown, table.size.width).settings_hidden if shown.table.columns else 0
        table.border_subtitle = f"{hidden} more settings below" if hidden > 1 else ""
        details = self.query_one(RunDetails)
        details.border_title = one_line(shown.row.run.name) if shown.row else ""
        line = self.query_one(FilterLine)
        line.display = self.list_view.is_typing or bool(self.list_view.filter)
        for widget in (self.query_one(RunsHeader), table, details, line):
            widget.redraw()

    def _title(self) -> str:
        shown, listing = self.list_view.shown, self.list_view.shown.table.listing
        count = len(shown.table.rows)
        title = f"{grouped(count)} run{'s' * (count != 1)}"
        if self.list_view.filter:
            title = f"{grouped(len(shown.rows))} of {title}"
        if not listing.is_complete:
            return f"{title}, reading more"
        return f"{title}, not listed: {listing.left_out}" if listing.left_out else title

    def mark_pinned(self, folder: Path) -> None:
        """Mark a run as the one that others are compared with."""
        self.list_view.pin(folder)
        self._redraw()

    # ── keys ──────────────────────────────────────────────────────────────────────────────────

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.list_view.move(rows)
        self._redraw()

    def action_page(self, direction: int) -> None:
        """Move the cursor by as many rows as are visible."""
        self.action_move(direction * self.query_one(RunsTable).visible_rows)

    def action_sort(self, direction: int) -> None:
        """Sort by the next or previous column."""
        self.list_view.sort_by_next(direction)
        self._redraw()

    def action_reverse(self) -> None:
        """Sort by the same column in the other direction."""
        self.list_view.sort(self.list_view.shown.sorting.column)
        self._redraw()

    def action_filter(self) -> None:
        """Type words to filter by."""
        self.list_view.is_typing = True
        self._redraw()

    def action_open(self) -> None:
        """Open the run under the cursor."""
        row = self.list_view.shown.row
        if row is not None:
            self._on_open(row.run)

    def action_pin(self) -> None:
        """Pin the run under the cursor."""
        row = self.list_view.shown.row
        if row is not None:
            self._on_pin(row.run)

    def action_back(self) -> None:
        """Show all runs again, or leave the list."""
        if self.list_view.filter:
            self.list_view.select_matching("")
            self._redraw()
        else:
            self._on_back()

    def action_help(self) -> None:
        """Show the keys of the list, what its columns mean, and the glossary."""
        self.app.push_screen(HelpDialog("help", help_chapters(KEYS), self._palette()))

    # ── messages ──────────────────────────────────────────────────────────────────────────────

    def on_runs_table_typed(self) -> None:
        self._redraw()

    def on_runs_table_sorted(self, message: RunsTable.Sorted) -> None:
        self.list_view.sort(message.column)
        self._redraw()

    def on_runs_table_wheeled(self, message: RunsTable.Wheeled) -> None:
        self.action_move(message.rows)

    def on_runs_table_clicked(self, message: RunsTable.Clicked) -> None:
        """Point at a row; a click on the row under the cursor opens it."""
        is_current = message.index == self.list_view.shown.cursor
        self.list_view.point_at(message.index)
        self._redraw()
        if is_current:
            self.action_open()
