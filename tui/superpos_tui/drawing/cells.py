"""The result of a drawing function: a grid of characters, each with an ink and a ground.

Inks name colours (see ``palette``): a drawing says what it means, and the palette decides how that
looks on this terminal.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superpos_core.arrays import BoolArray
from superpos_tui.drawing.glyphs import SOLID
from superpos_tui.drawing.palette import Ink, Palette, steadied_inks

HAT = "\u0302"
GLYPH = re.compile(f".{HAT}?", re.DOTALL)
"""What one cell shows: a character, and perhaps a hat above it, as in x̂."""

InkArray = NDArray[np.uint16]


def columns_of(text: str) -> int:
    """How many cells a text takes.

    >>> columns_of("x̂ = x")
    5
    """
    return len(text) - text.count(HAT)


BYTES_PER_STYLE, BYTES_PER_GLYPH = 24, 2
"""What a change of both colours costs on the line to the terminal, and what a character does."""


@dataclass(frozen=True)
class Cells:
    """A picture: arrays of shape (height, width) of glyphs, their inks and the grounds behind."""

    glyphs: NDArray[np.str_]
    inks: InkArray
    grounds: InkArray

    @classmethod
    def blank(cls, width: int, height: int) -> "Cells":
        """Empty cells on the panel's own background."""
        shape = (max(height, 0), max(width, 0))
        return cls(
            np.full(shape, " ", dtype="<U2"),
            np.full(shape, Ink.TEXT, dtype=np.uint16),
            np.full(shape, Ink.NONE, dtype=np.uint16),
        )

    def copy(self) -> "Cells":
        """The same picture, to be drawn over."""
        return Cells(self.glyphs.copy(), self.inks.copy(), self.grounds.copy())

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.glyphs.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.glyphs.shape[0])

    def write(self, x: int, y: int, text: str, ink: int = Ink.TEXT) -> None:
        """Write text starting at column ``x`` of row ``y``, clipped to the picture."""
        if not 0 <= y < self.height or x >= self.width:
            return
        glyphs = GLYPH.findall(text)[max(-x, 0) :][: self.width - max(x, 0)]
        start = max(x, 0)
        self.glyphs[y, start : start + len(glyphs)] = glyphs
        self.inks[y, start : start + len(glyphs)] = ink

    def write_right(self, x: int, y: int, text: str, ink: int = Ink.TEXT) -> None:
        """Write text that ends just before column ``x``."""
        self.write(x - columns_of(text), y, text, ink)

    def write_centred(self, y: int, text: str, ink: int = Ink.TEXT) -> None:
        """Write text in the middle of row ``y``."""
        self.write(max(0, (self.width - columns_of(text)) // 2), y, text, ink)

    def write_frame(self, corner: tuple[int, int], opposite: tuple[int, int], ink: int) -> None:
        """Draw a frame through two opposite cells, the upper left and the lower right one."""
        (left, top), (right, bottom) = corner, opposite
        side = max(right - left - 1, 0) * "─"
        for y in range(top + 1, bottom):
            self.write(left, y, "│", ink)
            self.write(right, y, "│", ink)
        self.write(left, top, f"╭{side}╮"[: right - left + 1], ink)
        if bottom > top:
            self.write(left, bottom, f"╰{side}╯"[: right - left + 1], ink)

    def write_on(self, x: int, y: int, mark: str, ink: int) -> None:
        """Write one glyph on a coloured cell, whose colour becomes its ground."""
        if 0 <= x < self.width and 0 <= y < self.height:
            if self.glyphs[y, x] in SOLID:
                self.grounds[y, x] = self.inks[y, x]
            self.write(x, y, mark, ink)

    def paste(self, x: int, y: int, other: "Cells") -> None:
        """Draw another picture over this one, with its corner at (x, y), clipped."""
        height = min(other.height, self.height - y)
        width = min(other.width, self.width - x)
        if height <= 0 or width <= 0:
            return
        target = np.s_[y : y + height, x : x + width]
        source = np.s_[:height, :width]
        self.glyphs[target] = other.glyphs[source]
        self.inks[target] = other.inks[source]
        self.grounds[target] = other.grounds[source]

    def columns(self, first: int, end: int) -> "Cells":
        """A part of the picture: its columns from ``first`` to before ``end``."""
        part = np.s_[:, first:end]
        return Cells(self.glyphs[part], self.inks[part], self.grounds[part])

    def paste_where(self, shown: BoolArray, x: int, y: int, other: "Cells") -> None:
        """Draw the glyphs of another picture over this one, only where ``shown``."""
        height, width = min(other.height, self.height - y), min(other.width, self.width - x)
        if height <= 0 or width <= 0:
            return
        target, source = np.s_[y : y + height, x : x + width], np.s_[:height, :width]
        self.glyphs[target][shown[source]] = other.glyphs[source][shown[source]]
        self.inks[target][shown[source]] = other.inks[source][shown[source]]

    def steadied(self, before: "Cells") -> "Cells":
        """The same picture without the flicker of a level, invisible and expensive on slow lines.

        A colour one level from that in the picture ``before`` stays as it was.
        """
        return Cells(
            self.glyphs,
            steadied_inks(self.inks, before.inks),
            steadied_inks(self.grounds, before.grounds),
        )

    def changes_since(self, before: "Cells") -> Iterator[tuple[int, int]]:
        """Rows that look different, each with the end of its last difference."""
        differs = (self.glyphs != before.glyphs) | (self.grounds != before.grounds)
        differs |= (self.inks != before.inks) & (self.glyphs != " ")
        for y in np.flatnonzero(differs.any(axis=1)).tolist():
            yield y, int(np.flatnonzero(differs[y])[-1]) + 1

    def bytes_up_to(self, y: int, end: int) -> int:
        """Roughly what a terminal of 256 colours is sent for a row up to a column."""
        inks, grounds = self.inks[y, :end], self.grounds[y, :end]
        changes: NDArray[Any] = (inks[1:] != inks[:-1]) | (grounds[1:] != grounds[:-1])
        return (1 + int(np.count_nonzero(changes))) * BYTES_PER_STYLE + end * BYTES_PER_GLYPH

    def as_seen(self, palette: Palette) -> "Cells":
        """The same picture in fewer inks and longer runs.

        Of inks that look alike only one is used, and empty cells continue the ink before them.
        """
        inks = palette.alike[self.inks]
        columns = np.where(self.glyphs == " ", 0, np.arange(self.width))
        inks = np.take_along_axis(inks, np.maximum.accumulate(columns, axis=1), axis=1)
        return Cells(self.glyphs, inks, palette.alike[self.grounds])

    def row_text(self, y: int) -> str:
        """The characters of a row."""
        return "".join(self.glyphs[y].tolist())

    def text(self) -> str:
        """All rows, without colours."""
        return "\n".join(self.row_text(y) for y in range(self.height))

    def runs(self, y: int) -> list[tuple[str, int, int]]:
        """A row as runs of equal style: (text, ink, ground)."""
        if self.width == 0:
            return []
        inks, grounds = self.inks[y], self.grounds[y]
        changes: NDArray[Any] = (inks[1:] != inks[:-1]) | (grounds[1:] != grounds[:-1])
        bounds = [0, *(np.flatnonzero(changes) + 1).tolist(), self.width]
        glyphs = self.glyphs[y].tolist()
        return [
            ("".join(glyphs[start:end]), int(inks[start]), int(grounds[start]))
            for start, end in pairwise(bounds)
        ]
