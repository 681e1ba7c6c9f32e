"""Pictures of the hidden vector h among the features.

In two dimensions all lie in the plane of the picture. In more, only their angles to h do: h points
to the right, and each feature is a spoke at its angle, from 0° to 180°.
"""

import math

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.geometry.measures import REPRESENTED_NORM
from superpos_core.geometry.spoke_limits import MAX_SPOKES
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN, Canvas
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Ink
from superpos_tui.measures.geometry import feature_norms, hidden_picture
from superpos_tui.scene import Scene
from superpos_tui.views.probe.measures import (
    angles_to_hidden,
    followed,
    followed_under_attack,
    probe_input,
)

EDGE = 1.5
"""Minimum extent of the picture, whose circle has radius 1."""
FAN_EDGE = 1.25
MIN_LABELLED_ROWS = 10
MIN_FAN_ROWS, MIN_LABELLED_FAN_ROWS = 5, 7
MAX_LABELS_BESIDE_TIP = 12
MAX_FAN_LABELS = 24
TIP = 1
"""The radius of the disc at the tip of h, in dots."""
BEYOND = 5.0
"""The distance of labels from the ends of their spokes, in dots."""


def draw_plane(scene: Scene, width: int, rows: int) -> Cells:
    """Two hidden dimensions: the features as faint spokes in a circle of radius 1, and h."""
    canvas = Canvas(width, rows)
    middle = canvas.dots_across // 2, canvas.dots_down // 2
    points, attacked = scene.of(hidden_picture).points, scene.of(followed_under_attack)
    vectors = [(_placed(scene, scene.of(followed).hidden), Ink.ACCENT)]
    if attacked is not None:
        vectors.insert(0, (_placed(scene, attacked.hidden), Ink.WARNING))
    edge = _edge(np.linalg.norm([vector for vector, _ in vectors], axis=1), EDGE)
    unit = (min(canvas.dots_across, canvas.dots_down) - 1) / 2 / edge
    canvas.ellipse(*middle, unit, unit, Ink.FAINT)
    if len(points) <= MAX_SPOKES:
        for point in points:
            _draw_spoke(canvas, middle, unit * point, Ink.FAINT)
    for vector, ink in vectors:
        _draw_spoke(canvas, middle, unit * vector, ink)
        canvas.disc(middle[0] + unit * vector[0], middle[1] - unit * vector[1], TIP, ink)
    cells = canvas.cells()
    if len(points) <= MAX_LABELS_BESIDE_TIP and rows >= MIN_LABELLED_ROWS:
        _write_labels(cells, middle, unit * points, scene)
    return cells


def fan_rows(width: int, rows: int) -> int:
    """The rows of ``draw_fan`` in this room: half as high as wide, or 0 if that is too small."""
    tallest = width * DOTS_ACROSS // DOTS_DOWN // 2 + 1
    return min(rows, tallest) if min(rows, tallest) >= MIN_FAN_ROWS else 0


def draw_fan(scene: Scene, width: int, rows: int) -> Cells:
    """More dimensions: each feature at its angle to h, as long as its norm, in a half circle."""
    canvas = Canvas(width, rows - 1)
    middle = canvas.dots_across // 2, canvas.dots_down - 1
    norms, angles = scene.of(feature_norms), np.radians(scene.of(angles_to_hidden))
    edge = _edge(norms, FAN_EDGE)
    unit = min(canvas.dots_across / 2, canvas.dots_down) / edge
    with np.errstate(invalid="ignore"):  # a spoke of infinite length is not drawn
        ends = unit * norms[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    around = np.linspace(0, np.pi, max(16, int(8 * unit)))
    canvas.dots(middle[0] + unit * np.cos(around), middle[1] - unit * np.sin(around), Ink.FAINT)
    for feature in np.argsort(scene.of(probe_input) != 0, kind="stable")[-MAX_SPOKES:]:
        is_on = scene.of(probe_input)[feature] != 0
        if np.isfinite(ends[feature]).all():
            _draw_spoke(canvas, middle, ends[feature], Ink.TEXT if is_on else Ink.MUTED)
    _draw_spoke(canvas, middle, np.array([unit, 0.0]), Ink.ACCENT)
    canvas.disc(middle[0] + unit, middle[1], TIP, Ink.ACCENT)
    cells = Cells.blank(width, rows)
    canvas.paint(cells, 0, 0)
    if len(norms) <= MAX_FAN_LABELS and rows >= MIN_LABELLED_FAN_ROWS:
        _write_labels(cells, middle, ends, scene)
    left, right = (round((middle[0] + side * unit) / DOTS_ACROSS) for side in (-1, 1))
    cells.write(max(left - 2, 0), rows - 1, "180°", Ink.MUTED)
    cells.write_centred(rows - 1, "angle to h", Ink.MUTED)
    cells.write_right(min(right + 2, width), rows - 1, "0°", Ink.MUTED)
    return cells


def _placed(scene: Scene, hidden: FloatArray) -> FloatArray:
    """The end of a hidden vector in the picture."""
    with np.errstate(all="ignore"):
        end: FloatArray = hidden @ scene.of(hidden_picture).axes
    return end


MOVES = ((0, 0), (0, -1), (0, 1), (1, 0), (-1, 0), (2, 0), (-2, 0))
"""How far a label may be moved from its place, in columns and rows; the best first."""


def _edge(lengths: FloatArray, least: float) -> float:
    """The extent of the picture; it grows in factors of √2, so that it rarely changes."""
    longest = float(lengths[np.isfinite(lengths)].max(initial=0))
    return least * 2 ** (math.ceil(2 * math.log2(max(longest, least) / least)) / 2)


def _draw_spoke(canvas: Canvas, middle: tuple[int, int], end: FloatArray, ink: int) -> None:
    canvas.line(*middle, middle[0] + end[0], middle[1] - end[1], ink)


def _write_labels(cells: Cells, middle: tuple[int, int], ends: FloatArray, scene: Scene) -> None:
    """Write the indices of represented features just beyond the ends of their spokes.

    They keep apart: 5 beside 7 would read as 57. One without room is moved by a cell or two, or
    left out; active features come first.
    """
    lengths = np.linalg.norm(ends, axis=1)
    with np.errstate(all="ignore"):
        labels = ends * (1 + BEYOND / lengths)[:, None]
    is_finite = np.isfinite(labels).all(axis=1)
    is_on = scene.of(probe_input) != 0
    shown = np.flatnonzero(is_finite & (scene.of(feature_norms) > REPRESENTED_NORM))
    free = np.ones((cells.height, cells.width), dtype=bool)
    for feature in shown[np.argsort(~is_on[shown], kind="stable")].tolist():
        x = round((middle[0] + labels[feature, 0]) / DOTS_ACROSS)
        y = max(round((middle[1] - labels[feature, 1] - 1.5) / DOTS_DOWN), 0)
        place = _free_place(free, x, y, len(str(feature)))
        if place is not None:
            x, y = place
            free[y, x : x + len(str(feature))] = False
            cells.write(x, y, str(feature), Ink.TEXT if is_on[feature] else Ink.MUTED)


def _free_place(free: BoolArray, x: int, y: int, length: int) -> tuple[int, int] | None:
    """The column and row nearest to these where a label touches no other; ``None`` if taken."""
    height, width = free.shape
    for right, down in MOVES:
        left, row = x + right, y + down
        is_inside = 0 <= left <= width - length and 0 <= row < height
        if is_inside and free[row, max(left - 1, 0) : left + length + 1].all():
            return left, row
    return None
