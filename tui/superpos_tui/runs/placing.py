"""Which columns of the list fit into a width, and where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from superpos_tui.runs.columns import CHECKS, DONE, LOSS, NAME, SHAPES, STATE, Column
from superpos_tui.runs.table import Table

GAP = 2
MIN_NAME, MIN_SHAPES = 12, 8
WIDE = 100
"""From this width on, settings leave some room to shapes."""
NAME_SHARE = 0.4
"""Maximum share of the width that names take while other columns need room."""
FIRST_TO_FIT = (NAME, STATE, LOSS, DONE, CHECKS)
"""The order in which columns get room; then settings, then shapes."""


@dataclass(frozen=True)
class Placed:
    """A column with its index among a row's texts, its left edge and its width."""

    column: Column
    index: int
    x: int
    width: int

    @property
    def span(self) -> range:
        """The cells that it takes, with those before the next column."""
        return range(self.x, self.x + self.width + GAP)


@dataclass(frozen=True)
class Placing:
    """The columns that fit, from the left, and the number of settings that do not."""

    columns: tuple[Placed, ...]
    settings_hidden: int


def placing_of(table: Table, width: int, sorted_by: str) -> Placing:
    """Place the columns of a table in a width; a setting it is sorted by is among them."""
    widths = dict(zip((column.name for column in table.columns), table.widths, strict=True))
    full_name = widths[NAME.name]
    widths[NAME.name] = min(full_name, max(MIN_NAME, int(width * NAME_SHARE)), width)
    taken: list[Column] = []
    room = width
    for column in FIRST_TO_FIT:
        needed = widths[column.name] + GAP * bool(taken)
        if needed <= room:
            taken.append(column)
            room -= needed
    kept = MIN_SHAPES + GAP if width >= WIDE else 0
    settings = _settings_in(table.settings, widths, room - kept, sorted_by)
    room -= sum(widths[column.name] + GAP for column in settings)
    taken += settings
    if room - GAP >= MIN_SHAPES:
        widths[SHAPES.name] = min(widths[SHAPES.name], room - GAP)
        room -= widths[SHAPES.name] + GAP
        taken.append(SHAPES)
    widths[NAME.name] = min(full_name, widths[NAME.name] + room)
    hidden = len(table.settings) - len(settings)
    return Placing(_in_a_row(table, taken, widths), hidden)


def _settings_in(
    settings: Sequence[Column], widths: dict[str, int], room: int, sorted_by: str
) -> list[Column]:
    """The settings that fit, from the first one on that leaves the sorted one among them."""
    for first in range(len(settings)):
        shown: list[Column] = []
        left = room
        for column in settings[first:]:
            left -= widths[column.name] + GAP
            if left < 0:
                break
            shown.append(column)
        names = [column.name for column in settings[first:]]
        if sorted_by not in names or sorted_by in (column.name for column in shown):
            return shown
    return []


def _in_a_row(table: Table, taken: Sequence[Column], widths: dict[str, int]) -> tuple[Placed, ...]:
    placed: list[Placed] = []
    x = 0
    for index, column in enumerate(table.columns):
        if column in taken:
            placed.append(Placed(column, index, x, widths[column.name]))
            x += widths[column.name] + GAP
    return tuple(placed)
