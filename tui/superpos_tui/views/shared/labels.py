"""The indices of features beside the marks in a picture, placed so that nothing overlaps."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from superpos_core.arrays import BoolArray
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.palette import Ink

FARTHER_COSTS = 0.5
"""The cost of one cell of distance for a label, in radians of deviation from its direction."""


@dataclass(frozen=True)
class Label:
    """An index or a name beside a dot, on the side ``outwards``: an angle in radians."""

    name: int | str
    x: float
    y: float
    outwards: float
    ink: int = Ink.TEXT
    is_selected: bool = False

    @property
    def text(self) -> str:
        """The index, marked if it is the selected one."""
        return f"{SELECTED}{self.name}" if self.is_selected else str(self.name)


def write_labels(cells: Cells, taken: BoolArray, labels: Iterable[Label], rows: range) -> None:
    """Write labels in free cells of these ``rows``, earlier ones first.

    ``taken``, shape (height, width), are cells that are not free. A label without a free place is
    left out, unless it is the selected one.
    """
    for label in labels:
        text = label.text
        starts = list(_starts(label, cells.width, rows))
        free = [(x, y) for x, y in starts if not taken[y, max(x - 1, 0) : x + len(text) + 1].any()]
        chosen = free or (starts if label.is_selected else [])
        if not chosen:
            continue
        x, y = chosen[0]
        cells.write(x, y, text, Ink.ACCENT if label.is_selected else label.ink)
        taken[y, max(x - 1, 0) : x + len(text) + 1] = True


def _starts(label: Label, width: int, rows: range) -> Iterator[tuple[int, int]]:
    """Cells near the dot where a text can start, best first."""
    length = len(label.text)
    column, row = int(label.x) // DOTS_ACROSS, int(label.y) // DOTS_DOWN
    for across, down, distance in _around(label.outwards):
        beside = 1 + (0 if down else distance)
        x = column + {1: beside, 0: -(length // 2), -1: 1 - length - beside}[across]
        y = row + down * distance
        if 0 <= x <= width - length and y in rows:
            yield x, y


def _around(outwards: float) -> list[tuple[int, int, int]]:
    """Eight directions as (right, down) with a distance in cells; outwards and near first."""

    def cost(offset: tuple[int, int, int]) -> float:
        across, down, distance = offset
        turned = math.remainder(math.atan2(-down, across) - outwards, math.tau)
        return abs(turned) + FARTHER_COSTS * distance

    return sorted(_OFFSETS, key=cost)


_OFFSETS = [
    (across, down, distance)
    for across in (-1, 0, 1)
    for down in (-1, 0, 1)
    for distance in (1, 2, 3)
    if across or down
]
