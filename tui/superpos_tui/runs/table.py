"""The list of runs as a table: rows of texts, which ones match, and in what order."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from superpos_core.files.runs.glance import RunSummary, State
from superpos_core.files.runs.listing import Listing
from superpos_tui.runs.columns import LAST, NAME, Column, Order, columns_for, shortened


@dataclass(frozen=True)
class Row:
    """A run with its texts, one per column, and all that a filter matches, in lower case."""

    run: RunSummary
    state: State
    texts: tuple[str, ...]
    searched: str
    by_name: Order
    """What it is sorted by among equal ones."""

    @property
    def path(self) -> Path:
        """The folder of the run, by which it stays under the cursor."""
        return self.run.path


@dataclass(frozen=True)
class Sorting:
    """The name of the column by which rows are sorted, and whether largest first."""

    column: str = NAME.name
    is_reversed: bool = False


BY_NAME = Sorting()


@dataclass(frozen=True)
class Table:
    """All runs of a listing in rows; ``widths`` are those of the columns, in characters."""

    listing: Listing
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    widths: tuple[int, ...]
    made_at: float = 0.0

    @property
    def settings(self) -> tuple[Column, ...]:
        """The columns of the settings that differ."""
        return tuple(column for column in self.columns if column.setting)

    def column_named(self, name: str) -> Column:
        """The column of this name, or else that of the names of runs."""
        return next((column for column in self.columns if column.name == name), self.columns[0])

    @cached_property
    def counts(self) -> Mapping[State, int]:
        """How many runs are in each state."""
        return Counter(row.state for row in self.rows)


@dataclass
class TableMaker:
    """Makes tables of listings; what has not changed is made once."""

    _table: Table | None = None

    def table_of(self, listing: Listing, now: float) -> Table:
        """The table of a listing at the time ``now``, in seconds since 1970.

        The same object as before if it would be equal.
        """
        before = self._table
        if before is not None and before.listing is listing and not _ages(before, now):
            return before
        columns = self._columns_for(listing)
        known: dict[Path, Row] = {}
        if before is not None and before.columns == columns:
            known = {row.path: row for row in before.rows}
        rows = tuple(_row(run, columns, now, known.get(run.path)) for run in listing.runs)
        self._table = Table(listing, columns, rows, _widths(columns, rows), now)
        return self._table

    def _columns_for(self, listing: Listing) -> tuple[Column, ...]:
        before = self._table
        if before is not None and _have_same_settings(before.listing.runs, listing.runs):
            return before.columns
        return columns_for(listing.runs)


def _ages(table: Table, now: float) -> bool:
    """Whether a run of the table has become silent since."""
    return any(row.state != row.run.state(now) for row in table.rows)


def _have_same_settings(before: Sequence[RunSummary], now: Sequence[RunSummary]) -> bool:
    return len(before) == len(now) and all(
        one.config is other.config
        and one.unknown == other.unknown
        and one.experiment == other.experiment
        and one.path == other.path
        for one, other in zip(before, now, strict=True)
    )


def _row(run: RunSummary, columns: Sequence[Column], now: float, known: Row | None) -> Row:
    state = run.state(now)
    if known is not None and known.run is run and known.state == state:
        return known
    full = [column.text(run, now) for column in columns]
    words = [run.name, state, run.experiment, *run.shapes]
    for column, text in zip(columns, full, strict=True):
        if column.setting:
            words.append(f"{column.name}={text}")
    texts = tuple(map(shortened, full, columns))
    return Row(run, state, texts, " ".join(words).casefold(), NAME.order(run, now))


def _widths(columns: Sequence[Column], rows: Sequence[Row]) -> tuple[int, ...]:
    return tuple(
        max([len(column.title), *(len(row.texts[index]) for row in rows)])
        for index, column in enumerate(columns)
    )


def matching(rows: Collection[Row], typed: str) -> list[Row]:
    """The rows with every typed word in their name, state, settings, experiment or shapes."""
    words = typed.casefold().split()
    return [row for row in rows if all(word in row.searched for word in words)]


def arranged(table: Table, rows: Collection[Row], sorting: Sorting) -> list[Row]:
    """The rows in order: by a column, equal ones by name; what is unknown comes last."""
    column, now = table.column_named(sorting.column), table.made_at
    by_name = sorted(rows, key=lambda row: row.by_name)
    if column is NAME:
        return by_name[::-1] if sorting.is_reversed else by_name
    keyed = [(column.order(row.run, now), row) for row in by_name]
    keyed.sort(key=lambda each: each[0], reverse=sorting.is_reversed)
    if sorting.is_reversed:
        keyed.sort(key=lambda each: each[0] == LAST)  # unknown values stay at the end
    return [row for _, row in keyed]
