"""Panels of text: lines of coloured pieces, each with what a click on it sets and what is read."""

import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from superpos_core.errors import MAX_VALUE_LENGTH, printable
from superpos_tui.drawing.cells import Cells
from superpos_tui.selection import Change

Piece = tuple[str, int]
"""A text and its ink."""


@dataclass(frozen=True)
class Line:
    """A row of text, the change that a click on it makes, and what is read of it."""

    pieces: tuple[Piece, ...]
    clicked: Change | None = None
    reading: str = ""


def line(*pieces: Piece, clicked: Change | None = None, reading: str = "") -> Line:
    """A row of these pieces, one after another."""
    return Line(pieces, clicked, reading)


def draw_lines(lines: Sequence[Line], width: int, height: int) -> Cells:
    """The lines from the top, in exactly ``width`` × ``height`` cells."""
    cells = Cells.blank(width, height)
    for y, each in enumerate(lines):
        x = 0
        for text, ink in each.pieces:
            cells.write(x, y, text, ink)
            x += len(text)
    return cells


def cut(text: str, width: int) -> str:
    """The text, shortened to ``width`` if necessary."""
    return text if len(text) <= width else f"{text[: max(width - 1, 0)]}…"[:width]


def cut_after_word(text: str, width: int) -> str:
    """The text, shortened after a whole word if necessary.

    >>> cut_after_word("0.48·1 + 0.46·6", 14), cut_after_word("0.48·1 + 0.46·6", 15)
    ('0.48·1 + …', '0.48·1 + 0.46·6')
    """
    if len(text) <= width:
        return text
    words, space, _ = text[: max(width, 1)].rpartition(" ")
    return cut(f"{words}{space}…", width)


def longest_within(width: int, *variants: str) -> str:
    """The first text that fits in ``width`` columns, or else the last; longest first."""
    return next((each for each in variants if len(each) <= width), variants[-1])


def one_line(text: str) -> str:
    """A text from a file or a folder's name as one line of cells, each of width one."""
    if text.isascii() and text.isprintable() and len(text) <= MAX_VALUE_LENGTH:
        return text
    return "".join(
        "?" if unicodedata.east_asian_width(each) in "WF" or unicodedata.combining(each) else each
        for each in printable(text)
    )


def numbered_rows(features: Sequence[int], width: int, most: int) -> list[str]:
    """The features' indices in at most ``most`` rows, but at least one; the last may be cut."""
    rows = textwrap.wrap(" ".join(map(str, features)), max(width, 1))
    if len(rows) <= most:
        return rows
    whole = rows[: max(most, 1) - 1]
    before = sum(len(row.split()) for row in whole)
    return [*whole, numbered(features[before:], width)]


def numbered(features: Sequence[int], width: int) -> str:
    """The features' indices, as many as fit: ``0 7 12``, or ``0 7 …``."""
    text = ""
    for index, feature in enumerate(features):
        longer = f"{text} {feature}".strip()
        more = " …" if index < len(features) - 1 else ""
        if len(longer + more) > width:
            return f"{text} …".strip()
        text = longer
    return text
