"""Rows of text in several inks, and the richest of several variants that fits."""

from collections.abc import Sequence

from superpos_tui.drawing.cells import Cells, columns_of
from superpos_tui.drawing.text_lines import Piece

Pieces = list[Piece]


def length_of(pieces: Pieces) -> int:
    """How many columns they take."""
    return sum(columns_of(text) for text, _ in pieces)


def write(cells: Cells, x: int, y: int, pieces: Pieces) -> None:
    """Write them from column ``x``."""
    for text, ink in pieces:
        cells.write(x, y, text, ink)
        x += columns_of(text)


def richest(variants: Sequence[Pieces], width: int) -> Pieces:
    """The first that fits in ``width`` columns, and else the last; variants come richest first."""
    return next((each for each in variants if length_of(each) <= width), variants[-1])
