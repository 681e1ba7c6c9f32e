"""Curves in, cells out: plotext draws the axes and their ticks, our canvas the curves.

plotext 5 raises on infinite values and on a logarithm of 0, and takes 15 to 80 ms for curves that
the canvas draws in one. So it only draws the axes, with ticks that lie exactly in cells; its figure
is global, so a lock admits one thread at a time.
"""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.axes import Axis
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
class PlotArea:
    """Where curves are drawn: in ``columns`` from ``left`` on, and in ``rows`` from the top on."""

    left: int
    columns: int
    rows: int

    @classmethod
    def within(cls, width: int, height: int, label_width: int) -> "PlotArea | None":
        """What labels of this width leave free of a plot; ``None`` if that is too little."""
        left = label_width + 1
        if width < max(MIN_WIDTH, left + 2) or height < MIN_HEIGHT:
            return None
        return cls(left, width - left, height - ROWS_BELOW)

    def contains(self, x: int, y: int) -> bool:
        """Whether a cell of the plot lies in it."""
        return self.left <= x < self.left + self.columns and 0 <= y < self.rows


@dataclass(frozen=True)
class Plot:
    """Axes in their area, and how to draw curves between them."""

    area: PlotArea
    x_axis: Axis
    y_axis: Axis

    def draw(self, curves: Sequence[Curve], behind: Sequence[Curve] = ()) -> Cells:
        """Axes and curves. The last of the curves is on top, and none interrupts another one.

        The lines ``behind`` only fill cells that the curves leave free.
        """
        area = self.area
        cells = Cells.blank(area.left + area.columns, area.rows + ROWS_BELOW)
        _write_ansi(cells, _frame(self.x_axis, self.y_axis, cells.width, cells.height))
        front, back = self._canvas(), self._canvas()
        for index, curve in enumerate(curves):
            front.add(self._drawn(curve), on_top=index == len(curves) - 1)
        for line in behind:
            self._stroke(back, line)
        back.clear_where_drawn(front)
        back.paint(cells, area.left, 0)
        front.paint(cells, area.left, 0)
        return cells

    def row_of(self, y: float) -> int:
        """The row nearest to a position on the vertical axis; an end if it lies beyond."""
        share = float(np.clip(self.y_axis.share_of(np.array(y)), 0, 1))
        return round((1 - share) * (self.area.rows - 1))

    def end_of(self, curve: Curve) -> tuple[int, int] | None:
        """The column and the row of the cell with a curve's last dot; ``None`` outside the area."""
        canvas = self._canvas()
        x, y = self._dots(curve, canvas)
        ends = np.rint([x[-1], y[-1]]) if x.size else np.full(2, np.nan)
        if not (0 <= ends[0] < canvas.dots_across and 0 <= ends[1] < canvas.dots_down):
            return None
        return self.area.left + int(ends[0]) // DOTS_ACROSS, int(ends[1]) // DOTS_DOWN

    def position_at(self, x: int, y: int) -> tuple[float, float]:
        """The positions on both axes in the middle of a cell."""
        across = self.x_axis.position_at(x - self.area.left, self.area.columns)
        return across, self.y_axis.position_at(self.area.rows - 1 - y, self.area.rows)

    def _canvas(self) -> Canvas:
        return Canvas(self.area.columns, self.area.rows)

    def _drawn(self, curve: Curve) -> Canvas:
        canvas = self._canvas()
        self._stroke(canvas, curve)
        return canvas

    def _stroke(self, canvas: Canvas, curve: Curve) -> None:
        canvas.polyline(*self._dots(curve, canvas), curve.ink, curve.dashed)

    def _dots(self, curve: Curve, canvas: Canvas) -> tuple[FloatArray, FloatArray]:
        """The positions of a curve's points in dots of the canvas, from the left and the top."""
        x = _in_dots(self.x_axis.share_of(curve.x), canvas.dots_across, DOTS_ACROSS)
        y = _in_dots(self.y_axis.share_of(curve.y), canvas.dots_down, DOTS_DOWN)
        return x, canvas.dots_down - 1 - y


def label_width(axis: Axis) -> int:
    """The columns that the labels of a vertical axis need."""
    return max((len(label) for _, label in axis.ticks), default=0)


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


def _in_dots(shares: FloatArray, dots: int, dots_per_cell: int) -> FloatArray:
    """Positions along ``dots`` dots: the middle of a cell, where ticks are, is a whole dot."""
    positions: FloatArray = dots_per_cell // 2 + shares * (dots - dots_per_cell)
    return positions


def _positions_and_labels(axis: Axis) -> tuple[list[float], list[str]]:
    """The ticks; an unlabelled one if there is none, as plotext then leaves their row out."""
    ticks = axis.ticks or ((axis.low, " "),)
    return [position for position, _ in ticks], [label for _, label in ticks]


def _write_ansi(cells: Cells, picture: str) -> None:
    """Copy plotext's frame without its colours."""
    for y, line in enumerate(picture.splitlines()[: cells.height]):
        cells.write(0, y, ESCAPE.sub("", line), Ink.FAINT)
