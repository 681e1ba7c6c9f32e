"""Two sides and what differs, in three columns of a page: their titles, and a table below them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from superpos_core.figures.tools import page as pages
from superpos_core.figures.tools import style
from superpos_core.ticks import with_minus

TITLES, ROW, TABLE_GAP = 0.46, 0.135, 0.26
"""Inches above a column for its title, of a row of the table, and above the table."""


@dataclass(frozen=True)
class Row:
    """One line of the table; ``change`` formats a difference."""

    name: str
    values: tuple[float, float]
    written: Callable[[float], str]
    change: Callable[[float], str]


def write_title(page: pages.Page, middle: float, top: float, title: str, below: str) -> None:
    """Write two lines above a column, whose picture begins at ``top``."""
    page.text(middle, top - TITLES + 0.02, title, ha="center")
    page.text(
        middle, top - TITLES + 0.145, below, ha="center", size=style.SMALL_SIZE, color=style.QUIET
    )


def write_table(
    page: pages.Page, top: float, middles: Sequence[float], rows: Sequence[Row]
) -> None:
    """Write each value below its column: the middles of both sides, and of the change."""
    for index, row in enumerate(rows):
        y = top + index * ROW
        page.text(pages.MARGIN, y, row.name, color=style.QUIET)
        before, now = row.values
        texts = (
            _number(before, row.written),
            _number(now, row.written),
            _number(now - before, row.change),
        )
        for middle, text in zip(middles, texts, strict=True):
            page.text(middle, y, text, ha="center")


def _number(value: float, written: Callable[[float], str]) -> str:
    return with_minus(written(value)) if math.isfinite(value) else "—"
