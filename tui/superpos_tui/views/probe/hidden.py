"""The hidden panel: the hidden vector h of the hand-made input, dimension by dimension."""

import math
from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.neurons import has_privileged_basis
from superpos_core.arrays import FloatArray
from superpos_core.geometry.blocks import strongest_of_blocks
from superpos_tui.drawing.bars import NEGATIVE_BAR, POSITIVE_BAR, SignedBars
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import FULL, LOWER_EIGHTHS, NOT_FINITE, UPPER_HALF, vertical_bar
from superpos_tui.drawing.numbers import hundredths
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.scene import Scene
from superpos_tui.views.panel import Panel
from superpos_tui.views.probe import numbers
from superpos_tui.views.probe.hidden_picture import draw_fan, draw_plane, fan_rows
from superpos_tui.views.probe.measures import (
    angles_to_hidden,
    followed,
    followed_under_attack,
)
from superpos_tui.views.shared.colour_meanings import OF_SIGNS
from superpos_tui.views.shared.entries import number

LIMIT = 1.5
"""The largest value that fills a bar."""
GAP = 2
MIN_BAR = 2
MAX_BAR = 24
NUMBER = 5
MIN_PICTURE_ROWS = 4
ALONG = 0.1
"""Features whose direction has at least this cosine with h are listed."""
MIN_LISTED = 2
LISTED_WIDTH, LIST_GAP = 24, 2
MIN_WITH_LIST = 80
"""Columns from which the list has its place on the right of the bars."""
MAX_THICKNESS = 3


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """One signed bar per hidden dimension, and a picture of h among the features."""
    cells = Cells.blank(width, height)
    layout = _Layout.of(scene, width, height)
    if layout.picture_rows:
        picture = draw_plane(scene, layout.picture_width, layout.picture_rows)
        cells.paste(layout.picture_left, 0, picture)
    bars = _draw_bars(scene, layout.bars_width, layout.bars_rows)
    cells.paste(layout.bars_left, layout.bars_top, bars)
    if height > layout.summary_row:
        cells.write(layout.bars_left, layout.summary_row, _summary(scene), Ink.MUTED)
    if layout.fan_rows:
        top = layout.summary_row + 2
        cells.paste(0, top, draw_fan(scene, layout.bars_width, layout.fan_rows))
        if layout.bars_width < width:
            _write_nearest(cells, layout.bars_width, 0, scene)
        else:
            _write_nearest(cells, 0, top + layout.fan_rows + 1, scene)
    return cells


@dataclass(frozen=True)
class _Layout:
    """The plane, if there is one, above or to the left of the bars; ‖h‖ directly below them.

    Below that, the fan, if there is one; where it is wide, the list of features on the right.
    """

    picture_left: int
    picture_width: int
    picture_rows: int
    bars_left: int
    bars_width: int
    bars_top: int
    bars_rows: int
    summary_row: int
    fan_rows: int = 0

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "_Layout":
        m = scene.hidden
        rows = max(height - 1, 1)
        above = min(rows - m - 1, width * DOTS_ACROSS // DOTS_DOWN) if m == 2 else 0
        beside = rows + 1 if m == 2 and width >= 6 * rows else 0
        if above >= max(MIN_PICTURE_ROWS, beside):
            across = above * DOTS_DOWN // DOTS_ACROSS
            left = (width - across) // 2
            return cls(left, across, above, 0, width, above + 1, m, above + 1 + m)
        if beside >= MIN_PICTURE_ROWS:
            across = beside * DOTS_DOWN // DOTS_ACROSS
            left = across + GAP
            return cls(0, across, beside, left, width - left, 0, min(m, rows), min(m + 1, rows))
        used = 2 * m if 2 * m <= rows else min(m + 1, rows)
        with_list = width - LISTED_WIDTH - LIST_GAP if m > 2 and width >= MIN_WITH_LIST else width
        fan = fan_rows(with_list, height - used - 2) if m > 2 else 0
        return cls(0, 0, 0, 0, with_list if fan else width, 0, used, used, fan)


# ── the bars ──────────────────────────────────────────────────────────────────────────────────


def _draw_bars(scene: Scene, width: int, rows: int) -> Cells:
    """Horizontal bars in as many columns as needed; vertical ones if these do not fit."""
    hidden, attacked = scene.of(followed).hidden, scene.of(followed_under_attack)
    limit, lying = _limit(scene), _LyingBars.of(hidden.size, width, rows)
    if lying is None:
        return _vertical_bars(hidden, limit, width, rows)
    cells = Cells.blank(width, rows)
    for dimension, value in enumerate(hidden.tolist()):
        x, y = lying.corner_of(dimension)
        bars = SignedBars(x + lying.label_width + 1 + lying.unit, lying.unit, lying.unit, limit)
        cells.write(x, y, f"h{dimension}", Ink.MUTED)
        bars.write(cells, y, value)
        if attacked is not None:
            bars.mark_change(cells, y, value, float(attacked.hidden[dimension]))
        cells.write(bars.end + 1, y, hundredths(value), Ink.TEXT)
    return cells


@dataclass(frozen=True)
class _LyingBars:
    """Horizontal bars of ``unit`` columns to either side, in columns of ``together`` dimensions."""

    together: int
    apart: int
    column_width: int
    label_width: int
    unit: int

    @classmethod
    def of(cls, dimensions: int, width: int, rows: int) -> "_LyingBars | None":
        """``None`` if they would be too short."""
        columns = -(-dimensions // rows)
        column_width, label_width = (width + GAP) // columns, len(f"h{dimensions - 1}")
        unit = (column_width - GAP - label_width - NUMBER - 3) // 2
        if unit < MIN_BAR:
            return None
        apart = 2 if rows >= 2 * dimensions else 1
        together = -(-dimensions // columns)
        return cls(together, apart, column_width, label_width, min(unit, MAX_BAR))

    def corner_of(self, dimension: int) -> tuple[int, int]:
        """The first cell of a bar's label."""
        column, row = divmod(dimension, self.together)
        return column * self.column_width, row * self.apart

    def dimension_at(self, x: int, y: int) -> int:
        """The dimension at a cell, which may be one that does not exist."""
        return x // self.column_width * self.together + min(y // self.apart, self.together - 1)


def _thickness(dimensions: int, width: int) -> tuple[int, int]:
    """Of vertical bars: how many dimensions share one, and its columns."""
    together = -(-dimensions // max(width, 1))
    bars = -(-dimensions // together) if together else 0
    return together, max(min(width // bars, MAX_THICKNESS), 1) if bars else 1


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The dimension whose bar is at a cell; in a picture, the length of h."""
    layout, hidden = _Layout.of(scene, width, height), scene.of(followed).hidden
    across, down = x - layout.bars_left, y - layout.bars_top
    in_bars = across >= 0 and 0 <= down < layout.bars_rows
    in_plane = y < layout.picture_rows and 0 <= x - layout.picture_left < layout.picture_width
    in_picture = in_plane or (layout.fan_rows > 0 and y > layout.summary_row)
    if not in_bars:
        return f"h, the hidden vector: {_summary(scene)}" if in_picture else ""
    room = layout.bars_width
    if across >= room:
        return ""
    lying = _LyingBars.of(hidden.size, room, layout.bars_rows)
    if lying is not None:
        dimension = lying.dimension_at(across, down)
    else:
        together, thickness = _thickness(hidden.size, room)
        dimension = across // thickness * together
    if not 0 <= dimension < hidden.size:
        return ""
    return f"h{dimension} = {number(float(hidden[dimension]))} · hidden dimension {dimension}"


def _vertical_bars(hidden: FloatArray, limit: float, width: int, rows: int) -> Cells:
    """One bar per dimension, up or down from the middle; of several in a column the strongest."""
    cells = Cells.blank(width, rows)
    together, thickness = _thickness(hidden.size, width)
    bars = strongest_of_blocks(hidden[:, None], together, columns=1)[:, 0]
    middle = rows // 2
    for index, value in enumerate(bars.tolist()):
        width_of_bar = max(thickness - 1, 1)
        cells.write(index * thickness, middle - 1, LOWER_EIGHTHS[1] * width_of_bar, Ink.FAINT)
        glyphs, ink = _vertical_bar(value / limit, middle if value > 0 else rows - middle)
        for step, glyph in enumerate(glyphs):
            y = middle - 1 - step if value > 0 else middle + step
            cells.write(index * thickness, y, glyph * width_of_bar, ink)
    return cells


def _limit(scene: Scene) -> float:
    """The value that fills a bar, fixed so that bars do not jump.

    Random unit directions have entries of about 1/√m; those of neurons reach 1.
    """
    if has_privileged_basis(scene.model):
        return LIMIT
    return min(LIMIT, 3 / math.sqrt(scene.hidden))


def _vertical_bar(share: float, rows: int) -> tuple[str, int]:
    """The glyphs from the middle outwards. Downwards there are only glyphs for halves."""
    if not math.isfinite(share):
        return NOT_FINITE, Ink.NOT_FINITE
    length = min(abs(share), 1) * rows
    if share > 0:
        return vertical_bar(round(8 * length)), POSITIVE_BAR
    full, halves = divmod(round(2 * length), 2)
    return FULL * full + UPPER_HALF * halves, NEGATIVE_BAR


def _write_nearest(cells: Cells, first: int, top: int, scene: Scene) -> None:
    """List the features along h, either way: their angles to it, and what h adds to them."""
    angles, drive = scene.of(angles_to_hidden), scene.of(followed).drive
    along = np.nan_to_num(np.abs(np.cos(np.radians(angles))))
    nearest = [i for i in np.argsort(-np.round(along, 2), kind="stable") if along[i] > ALONG]
    count = min(len(nearest), cells.height - top - 1)
    if count < MIN_LISTED:
        return
    left = max(first, (first + cells.width - LISTED_WIDTH) // 2)
    cells.write(left, top, f"{'feature':>7}{'angle':>8}{'h adds':>9}", Ink.MUTED)
    for y, i in enumerate(nearest[:count], start=top + 1):
        row = f"{i:>7}{angles[i]:>7.0f}°{hundredths(float(drive[i]), plus=True):>9}"
        cells.write(left, y, row, Ink.TEXT)


def _summary(scene: Scene) -> str:
    attacked = scene.of(followed_under_attack)
    length = float(np.linalg.norm(scene.of(followed).hidden))
    text = f"‖h‖ {length:5.2f}"
    if attacked is not None:
        text += f" → {float(np.linalg.norm(attacked.hidden)):5.2f} under attack"
    return text


def _title(scene: Scene) -> str:
    return f"hidden vector h = {scene.model.hidden_formula}"


PANEL = Panel(
    name="hidden",
    needs=frozenset({"models"}),
    title=_title,
    readings=(
        "h in each hidden dimension: everything the model retains of x",
        "everything the model retains of x",
        "what is retained of x",
    ),
    draw=draw,
    numbers=numbers.hidden,
    read=read,
    story=(
        "Every input has to pass through m numbers. If more than m features are represented, "
        "their directions overlap, and h alone cannot show which of them was on "
        "(“Demonstrating Superposition”). In two dimensions the directions of the features are "
        "drawn beside h; in more, each at its angle to h: what is near 0° is driven up, what is "
        "near 180° down, and what is at 90° not at all."
    ),
    colours=OF_SIGNS,
)
