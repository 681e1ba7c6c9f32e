"""The one door to plotext: curves in, cells out.

plotext 5 raises on infinite values, raises on a logarithm of 0, mutates what it is given and costs
time by the point. So it only ever sees finite, decimated data whose logarithm is already taken,
and one thread, for its figure is global.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray
from superpos_tui.cells import Cells
from superpos_tui.palette import Ink

COLOUR_OFFSET = 16
"""plotext spells colours below 16 in another way; ours travel through it above them."""
LEAST_WIDTH, LEAST_HEIGHT = 12, 4
ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")


@dataclass(frozen=True)
class Curve:
    """A line to draw: points that are not finite leave a gap."""

    x: FloatArray
    y: FloatArray
    ink: int


@dataclass(frozen=True)
class Axis:
    """The range of an axis and its ticks, as (position, label)."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]


def plot(curves: Sequence[Curve], x_axis: Axis, y_axis: Axis, width: int, height: int) -> Cells:
    """Draw the curves, later ones over earlier ones, in exactly ``width`` × ``height`` cells."""
    cells = Cells.blank(width, height)
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return cells
    import plotext  # not before there is something to plot: the first frame does not wait for it

    plotext.clear_figure()
    plotext.plot_size(width, height)
    plotext.theme("clear")
    plotext.frame(False)
    plotext.xaxes(True, False)
    plotext.yaxes(True, False)
    plotext.xlim(x_axis.low, x_axis.high)
    plotext.ylim(y_axis.low, y_axis.high)
    plotext.xticks(*_positions_and_labels(x_axis))
    plotext.yticks(*_positions_and_labels(y_axis))
    for curve in curves:
        for piece in finite_pieces(curve.x, curve.y):
            plotext.plot(
                curve.x[piece].tolist(),
                curve.y[piece].tolist(),
                marker="braille",
                color=COLOUR_OFFSET + curve.ink,
            )
    _write_ansi(cells, plotext.build())
    return cells


def decimate(x: FloatArray, y: FloatArray, points: int) -> tuple[FloatArray, FloatArray]:
    """At most about ``points`` points: the least and the greatest of each stretch, in order.

    A spike survives. A value that is not finite makes its stretch a gap.
    """
    if x.size <= points:
        return x, y
    stretches = max(points // 2, 1)
    bounds = np.linspace(0, x.size, stretches + 1).astype(int)
    picked: list[int] = []
    for start, end in pairwise(bounds.tolist()):
        stretch = y[start:end]
        if np.isfinite(stretch).all():
            pair = {start + int(stretch.argmin()), start + int(stretch.argmax())}
        else:
            pair = {start + int(np.argmin(np.isfinite(stretch)))}
        picked += sorted(pair)
    return x[picked], y[picked]


def finite_pieces(x: FloatArray, y: FloatArray) -> list[slice]:
    """The stretches without gaps."""
    finite: BoolArray = np.isfinite(x) & np.isfinite(y)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], finite, [False]]).astype(int)))
    return [slice(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _positions_and_labels(axis: Axis) -> tuple[list[float], list[str]]:
    return [position for position, _ in axis.ticks], [label for _, label in axis.ticks]


def _write_ansi(cells: Cells, picture: str) -> None:
    """Copy plotext's picture: its frame faint, its curves in the ink that their colour names."""
    for y, line in enumerate(picture.splitlines()[: cells.height]):
        x, ink = 0, int(Ink.MUTED)
        pieces = ESCAPE.split(line)
        cells.write(0, y, pieces[0], ink)
        x = len(pieces[0])
        for code, text in zip(pieces[1::2], pieces[2::2], strict=True):
            ink = int(code.split(";")[2]) - COLOUR_OFFSET if code.startswith("38;5;") else Ink.MUTED
            cells.write(x, y, text, ink)
            x += len(text)
