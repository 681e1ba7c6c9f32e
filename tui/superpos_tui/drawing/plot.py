"""Curves in, cells out: plotext draws the axes and their ticks, our canvas the curves.

plotext 5 raises on infinite values and on a logarithm of 0, and takes 15 to 80 ms for curves that
the canvas draws in one. So it only draws the axes; its figure is global, so a lock admits one
thread at a time.
"""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN, Canvas
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Ink

ROWS_BELOW = 2
"""The horizontal axis and its ticks."""
MIN_WIDTH, MIN_HEIGHT = 12, 4
_PLOTEXT = threading.Lock()
ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")


@dataclass(frozen=True)
class Curve:
    """A line to draw; non-finite points leave a gap."""

    x: FloatArray
    y: FloatArray
    ink: int
    dashed: bool = False


@dataclass(frozen=True)
class Axis:
    """The range of an axis and its ticks, as (position, label)."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]


def plot(curves: Sequence[Curve], x_axis: Axis, y_axis: Axis, width: int, height: int) -> Cells:
    """Draw the curves, later ones over earlier ones, in exactly ``width`` × ``height`` cells."""
    cells = Cells.blank(width, height)
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return cells
    _write_ansi(cells, _frame(x_axis, y_axis, width, height))
    left = _axis_column(cells) + 1
    canvas = Canvas(width - left, height - ROWS_BELOW)
    for curve in curves:
        x = _in_dots(curve.x, x_axis, canvas.dots_across, DOTS_ACROSS)
        y = canvas.dots_down - 1 - _in_dots(curve.y, y_axis, canvas.dots_down, DOTS_DOWN)
        canvas.polyline(x, y, curve.ink, curve.dashed)
    canvas.paint(cells, left, 0)
    return cells


@lru_cache(maxsize=32)
def _frame(x_axis: Axis, y_axis: Axis, width: int, height: int) -> str:
    """Axes and ticks, as plotext draws them around an empty plot."""
    import plotext  # imported late, so that the first frame does not wait for it

    with _PLOTEXT:
        plotext.clear_figure()
        plotext.limit_size(False, False)  # do not clip to the terminal size that it assumes
        plotext.plot_size(width, height)
        plotext.theme("clear")
        plotext.frame(False)
        plotext.xaxes(True, False)
        plotext.yaxes(True, False)
        plotext.xlim(x_axis.low, x_axis.high)
        plotext.ylim(y_axis.low, y_axis.high)
        plotext.xticks(*_positions_and_labels(x_axis))
        plotext.yticks(*_positions_and_labels(y_axis))
        plotext.scatter(
            [x_axis.low], [y_axis.low], marker=" "
        )  # without any data it draws no ticks
        picture: str = plotext.build()
    return picture


def _axis_column(cells: Cells) -> int:
    """The column of the vertical axis, right of its labels."""
    row = cells.row_text(0)
    return max(row.find("│"), row.find("┤"))


def _in_dots(values: FloatArray, axis: Axis, dots: int, dots_per_cell: int) -> FloatArray:
    """Positions of values along ``dots`` dots.

    The ends of the axis lie in the middle of the first and last cells, where plotext puts their
    ticks.
    """
    share = (values - axis.low) / (axis.high - axis.low)
    positions: FloatArray = (dots_per_cell - 1) / 2 + share * (dots - dots_per_cell)
    return positions


def decimate(x: FloatArray, y: FloatArray, points: int) -> tuple[FloatArray, FloatArray]:
    """At most about ``points`` points: the minimum and maximum of each stretch, in order.

    Spikes survive. A non-finite value turns its stretch into a gap.
    """
    if x.size <= points:
        return x, y
    bounds = np.linspace(0, x.size, max(points // 2, 1) + 1).astype(int)
    picked: list[int] = []
    finite = np.isfinite(y)
    for start, end in pairwise(bounds.tolist()):
        stretch = y[start:end]
        if finite[start:end].all():
            picked += sorted({start + int(stretch.argmin()), start + int(stretch.argmax())})
        else:
            picked.append(start + int(finite[start:end].argmin()))
    return x[picked], y[picked]


def _positions_and_labels(axis: Axis) -> tuple[list[float], list[str]]:
    return [position for position, _ in axis.ticks], [label for _, label in axis.ticks]


def _write_ansi(cells: Cells, picture: str) -> None:
    """Copy plotext's frame without its colours."""
    for y, line in enumerate(picture.splitlines()[: cells.height]):
        cells.write(0, y, ESCAPE.sub("", line), Ink.FAINT)
