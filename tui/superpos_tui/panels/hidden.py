"""The hidden panel: the hidden vector h of the input made by hand, dimension by dimension."""

import math
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.measures import feature_norms
from superpos_tui.canvas import DOTS_ACROSS, DOTS_DOWN, Canvas
from superpos_tui.cells import Cells
from superpos_tui.numbers import signed
from superpos_tui.palette import Ink, Palette
from superpos_tui.panels.bars import (
    ATTACKED,
    HATCH,
    NEGATIVE_BAR,
    POSITIVE_BAR,
    ZERO_LINE,
    SignedBars,
)
from superpos_tui.panels.panel import Panel
from superpos_tui.scene import Scene

LIMIT = 1.5
"""The value that fills a bar, fixed so that bars do not jump."""
GAP = 2
LEAST_BAR = 2
MOST_BAR = 24
NUMBER = 5
EDGE = 1.4
"""How far the picture reaches: its circle has radius 1."""
LEAST_PICTURE_ROWS = 4
MOST_LABELS = 12
MOST_SPOKES = 60


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """A signed bar a hidden dimension; in two dimensions a picture of h among the features too."""
    cells = Cells.blank(width, height)
    layout = _Layout.of(scene, width, height)
    if layout.picture_rows:
        picture = _draw_picture(scene, layout.picture_width, layout.picture_rows)
        cells.paste(layout.picture_left, 0, picture)
    bars = _draw_bars(scene, width - layout.bars_left, layout.bars_rows)
    cells.paste(layout.bars_left, layout.bars_top, bars)
    if height > layout.summary_row:
        cells.write(layout.bars_left, layout.summary_row, _summary(scene), Ink.MUTED)
    return cells


@dataclass(frozen=True)
class _Layout:
    """The picture, if there is one, above the bars or to the left of them; ‖h‖ right below."""

    picture_left: int
    picture_width: int
    picture_rows: int
    bars_left: int
    bars_top: int
    bars_rows: int
    summary_row: int

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "_Layout":
        m = scene.config.hidden
        rows = max(height - 1, 1)
        above = min(rows - m - 1, width * DOTS_ACROSS // DOTS_DOWN) if m == 2 else 0
        beside = rows + 1 if m == 2 and width >= 6 * rows else 0
        if above >= max(LEAST_PICTURE_ROWS, beside):
            across = above * DOTS_DOWN // DOTS_ACROSS
            left = (width - across) // 2
            return cls(left, across, above, 0, above + 1, m, above + 1 + m)
        if beside >= LEAST_PICTURE_ROWS:
            across = beside * DOTS_DOWN // DOTS_ACROSS
            return cls(0, across, beside, across + GAP, 0, min(m, rows), min(m + 1, rows))
        used = min(m, rows)
        return cls(0, 0, 0, 0, 0, used, min(used + 1, rows))


# ── the bars ──────────────────────────────────────────────────────────────────────────────────


def _draw_bars(scene: Scene, width: int, rows: int) -> Cells:
    """Lying bars in as many columns as are needed; standing ones where these do not fit."""
    hidden = scene.probed.hidden
    columns = -(-hidden.size // rows)
    label_width = len(f"h{hidden.size - 1}")
    column_width = (width + GAP) // columns
    unit = (column_width - GAP - label_width - NUMBER - 3) // 2
    if unit < LEAST_BAR:
        return _standing_bars(hidden, width, rows)
    unit = min(unit, MOST_BAR)
    cells = Cells.blank(width, rows)
    for dimension, value in enumerate(hidden.tolist()):
        x, y = dimension // rows * column_width, dimension % rows
        bars = SignedBars(x + label_width + 1 + unit, unit, unit, LIMIT)
        cells.write(x, y, f"h{dimension}", Ink.MUTED)
        bars.write(cells, y, value)
        if scene.attacked is not None:
            bars.mark_change(cells, y, value, float(scene.attacked.hidden[dimension]))
        cells.write(bars.end + 1, y, signed(value), Ink.TEXT)
    return cells


def _standing_bars(hidden: FloatArray, width: int, rows: int) -> Cells:
    """A bar a dimension, up or down from the middle; of several in one place the strongest."""
    cells = Cells.blank(width, rows)
    together = -(-hidden.size // max(width, 1))
    bars = _strongest_of(hidden, together)
    thickness = max(min(width // bars.size, MOST_THICKNESS), 1) if bars.size else 1
    middle = rows // 2
    for place, value in enumerate(bars.tolist()):
        glyphs, ink = _standing_bar(value, middle if value > 0 else rows - middle)
        for step, glyph in enumerate(glyphs):
            y = middle - 1 - step if value > 0 else middle + step
            cells.write(place * thickness, y, glyph * max(thickness - 1, 1), ink)
    return cells


def _strongest_of(values: FloatArray, together: int) -> FloatArray:
    """The value of greatest magnitude of each few, with its sign."""
    padded = np.concatenate([values, np.zeros(-values.size % together)]).reshape(-1, together)
    strongest = np.argmax(np.nan_to_num(np.abs(padded), nan=np.inf), axis=1)
    chosen: FloatArray = padded[np.arange(len(padded)), strongest]
    return chosen


def _standing_bar(value: float, rows: int) -> tuple[str, int]:
    """The glyphs from the middle outwards. Downwards there are glyphs for halves only."""
    if not math.isfinite(value):
        return NOT_FINITE, Ink.NOT_FINITE
    length = min(abs(value) / LIMIT, 1) * rows
    if value > 0:
        full, eighths = divmod(round(8 * length), 8)
        return FULL * full + LOWER_EIGHTHS[eighths], POSITIVE_BAR
    full, halves = divmod(round(2 * length), 2)
    return FULL * full + UPPER_HALF * halves, NEGATIVE_BAR


# ── the picture ───────────────────────────────────────────────────────────────────────────────


def _draw_picture(scene: Scene, width: int, rows: int) -> Cells:
    """The features as faint spokes, those that are on brighter, and h."""
    canvas = Canvas(width, rows)
    middle = canvas.dots_across // 2, canvas.dots_down // 2
    unit = (min(canvas.dots_across, canvas.dots_down) - 1) / 2 / EDGE
    points = scene.hidden_picture.points
    canvas.ellipse(*middle, unit, unit, Ink.FAINT)
    if len(points) <= MOST_SPOKES:
        for point in points[scene.probe_input == 0]:
            _draw_spoke(canvas, middle, unit * point, Ink.FAINT)
    for point in points[scene.probe_input != 0][:MOST_SPOKES]:
        _draw_spoke(canvas, middle, unit * point, Ink.TEXT)
    with np.errstate(all="ignore"):
        if scene.attacked is not None:
            tip = unit * (scene.attacked.hidden @ scene.hidden_picture.axes)
            _draw_arrow(canvas, middle, tip, Ink.WARNING)
        _draw_arrow(canvas, middle, unit * (scene.probed.hidden @ scene.hidden_picture.axes), Ink.ACCENT)
    cells = canvas.cells()
    if len(points) <= MOST_LABELS and rows >= LEAST_LABELLED_ROWS:
        _write_labels(cells, middle, unit * points, scene)
    return cells


def _draw_spoke(canvas: Canvas, middle: tuple[int, int], end: FloatArray, ink: int) -> None:
    canvas.line(*middle, middle[0] + end[0], middle[1] - end[1], ink)


def _draw_arrow(canvas: Canvas, middle: tuple[int, int], tip: FloatArray, ink: int) -> None:
    _draw_spoke(canvas, middle, tip, ink)
    canvas.disc(middle[0] + tip[0], middle[1] - tip[1], TIP, ink)


def _write_labels(
    cells: Cells, middle: tuple[int, int], ends: FloatArray, scene: Scene
) -> None:
    """Numbers just beyond the ends of the spokes of the features that are represented."""
    lengths = np.linalg.norm(ends, axis=1)
    with np.errstate(all="ignore"):
        places = ends * (1 + BEYOND / lengths)[:, None]
    for feature in np.flatnonzero(scene.feature_norms > REPRESENTED_NORM):
        x = round((middle[0] + places[feature, 0]) / DOTS_ACROSS)
        y = round((middle[1] - places[feature, 1] - 1.5) / DOTS_DOWN)
        is_on = scene.probe_input[feature] != 0
        cells.write(x, y, str(feature), Ink.TEXT if is_on else Ink.MUTED)


def _summary(scene: Scene) -> str:
    length = float(np.linalg.norm(scene.probed.hidden))
    text = f"‖h‖ {length:5.2f}"
    if scene.attacked is not None:
        text += f" → {float(np.linalg.norm(scene.attacked.hidden)):5.2f} under attack"
    return text
