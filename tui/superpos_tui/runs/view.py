"""What of the list of runs is shown: sorting, filter, cursor and pin; no widget."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from superpos_core.files.runs.listing import Listing
from superpos_tui.runs.picture import Shown, top_for
from superpos_tui.runs.table import Row, Sorting, Table, arranged, matching


@dataclass
class ListView:
    """Holds what is ``shown``; the cursor stays at its run when rows come, go or move."""

    shown: Shown = field(default_factory=lambda: Shown(Table(Listing(), (), (), ()), ()))
    filter: str = ""
    is_typing: bool = False
    _arranged: Sequence[Row] = ()

    def take(self, table: Table) -> None:
        """Show a newer table."""
        # Columns never become narrower: nothing moves when a long name is filtered or removed.
        before = self.shown.table
        if [column.name for column in before.columns] == [each.name for each in table.columns]:
            widths = tuple(map(max, before.widths, table.widths))
            table = replace(table, widths=widths)
        self._arrange(table, self.shown.sorting)

    def sort(self, column: str) -> None:
        """Sort by a column, by the same one again in the other direction; go to the first row."""
        before = self.shown.sorting
        is_same = before.column == column
        self._arrange(self.shown.table, Sorting(column, is_same and not before.is_reversed))
        self.point_at(0)

    def sort_by_next(self, direction: int) -> None:
        """Sort by the next column to the right, or to the left."""
        names = [column.name for column in self.shown.table.columns]
        if names:
            column = self.shown.table.column_named(self.shown.sorting.column).name
            self.sort(names[(names.index(column) + direction) % len(names)])

    def type(self, key: str, character: str | None) -> bool:
        """Take a key while a filter is typed; false if it is none of this line's keys."""
        if key == "enter":
            self.is_typing = False
        elif key == "escape":
            self.is_typing = False
            self.select_matching("")
        elif key == "backspace":
            self.select_matching(self.filter[:-1])
        elif key in ("ctrl+u", "ctrl+w"):
            words = self.filter.split()[:-1] if key == "ctrl+w" else []
            self.select_matching("".join(f"{word} " for word in words))
        elif character is not None and character.isprintable():
            self.select_matching(self.filter + character)
        else:
            return False
        return True

    def select_matching(self, typed: str) -> None:
        """Show only the rows that match what was typed."""
        self.filter = typed
        self._match(self.shown.table, self.shown.sorting)

    def move(self, rows: int) -> None:
        """Move the cursor, clamped at both ends."""
        last = max(len(self.shown.rows) - 1, 0)
        self.shown = replace(self.shown, cursor=min(max(self.shown.cursor + rows, 0), last))

    def point_at(self, index: int) -> None:
        """Move the cursor to a row, if there is one."""
        if 0 <= index < len(self.shown.rows):
            self.shown = replace(self.shown, cursor=index)

    def pin(self, folder: Path) -> None:
        """Mark a run as the pinned one."""
        self.shown = replace(self.shown, pinned=folder)

    def scroll(self, visible: int) -> None:
        """Scroll no more than needed to show the cursor in this many rows."""
        shown = self.shown
        top = top_for(shown.cursor, shown.top, len(shown.rows), max(visible, 1))
        self.shown = replace(shown, top=top)

    def _arrange(self, table: Table, sorting: Sorting) -> None:
        self._arranged = arranged(table, table.rows, sorting)
        self._match(table, sorting)

    def _match(self, table: Table, sorting: Sorting) -> None:
        before = self.shown.row
        rows = matching(self._arranged, self.filter)
        paths = [row.path for row in rows]
        cursor = min(self.shown.cursor, max(len(rows) - 1, 0))
        if before is not None and before.path in paths:
            cursor = paths.index(before.path)
        self.shown = replace(self.shown, table=table, rows=rows, sorting=sorting, cursor=cursor)
