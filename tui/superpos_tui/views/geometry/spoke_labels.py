"""The indices of features at the ends of their spokes, placed so that nothing overlaps."""

import math
from collections.abc import Iterator

import numpy as np

from superpos_core.arrays import BoolArray
from superpos_core.geometry.spoke_limits import MAX_LABELS, MIN_LABELLED
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.palette import Ink
from superpos_tui.scene import Scene
from superpos_tui.views.geometry.spoke_layout import SpokeLayout

FARTHER_COSTS = 0.5
"""The cost of one cell of distance for a label, in radians of deviation from its spoke."""


def write_labels(cells: Cells, taken: BoolArray, layout: SpokeLayout, scene: Scene) -> None:
    """Write feature indices at the ends, important ones first, in free cells."""
    for feature in _labelled(layout, scene):
        cursor = scene.options.cursor
        is_selected = cursor is not None and cursor.feature == feature
        text = f"{SELECTED}{feature}" if is_selected else str(feature)
        starts = list(_starts(layout, feature, len(text)))
        free = [(x, y) for x, y in starts if not taken[y, max(x - 1, 0) : x + len(text) + 1].any()]
        # The selected one is always labelled.
        chosen = free or (starts if is_selected else [])
        if not chosen:
            continue
        x, y = chosen[0]
        ink = Ink.ACCENT if is_selected else Ink.MUTED if layout.behind[feature] else Ink.TEXT
        cells.write(x, y, text, ink)
        taken[y, max(x - 1, 0) : x + len(text) + 1] = True


def _labelled(layout: SpokeLayout, scene: Scene) -> list[int]:
    """The features to label: selected ones first, then important and long ones."""
    represented = np.flatnonzero(layout.represented)
    long = represented[layout.length[represented] >= MIN_LABELLED]
    order = np.lexsort((-layout.length[long], -scene.importance[long]))
    chosen = long[order][: MAX_LABELS // 2 if layout.many else MAX_LABELS].tolist()
    cursor = scene.options.cursor
    selected = [] if cursor is None else [cursor.feature, cursor.other]
    visible = [feature for feature in selected if layout.visible[feature]]
    return list(dict.fromkeys([*visible, *chosen]))


def _starts(layout: SpokeLayout, feature: int, length: int) -> Iterator[tuple[int, int]]:
    """Cells near a spoke's end where a text can start, best first."""
    column = int(layout.x[feature]) // DOTS_ACROSS
    row = int(layout.y[feature]) // DOTS_DOWN
    outwards = math.atan2(layout.y0 - layout.y[feature], layout.x[feature] - layout.x0)
    for across, down, distance in _around(outwards):
        beside = 1 + (0 if down else distance)
        x = column + {1: beside, 0: -(length // 2), -1: 1 - length - beside}[across]
        y = row + down * distance
        if 0 <= x <= layout.width - length and 0 <= y < layout.rows:
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
    for distance in (1, 2)
    if across or down
]
