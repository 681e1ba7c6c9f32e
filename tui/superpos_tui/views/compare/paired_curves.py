"""The curves of both sides over training: the reference's, in grey, and the current lane's."""

import math
from collections.abc import Sequence

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.axes import Axis, log_step_axis
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import grouped, short_number
from superpos_tui.drawing.palette import Ink
from superpos_tui.drawing.plot import Curve, Plot, PlotArea, label_width
from superpos_tui.scene import Scene
from superpos_tui.views.compare.measures import History, reference_word, sides_of

FEWEST_STEPS = 10.0
"""The end of the axis, at first."""
MIN_WIDTH_WITH_NAMES = 40
"""Columns of a chart from which there is room for names beside it."""


def plot_of(
    scene: Scene, both: Sequence[History], y_axis: Axis, width: int, height: int
) -> Plot | None:
    """A chart of all steps of ``both`` with room for names; ``None`` if there is too little."""
    names = len(f" {reference_word(scene)}") if width >= MIN_WIDTH_WITH_NAMES else 0
    area = PlotArea.within(width - names, height, label_width(y_axis))
    if area is None:
        return None
    last = max(FEWEST_STEPS, *(float(steps[-1]) for steps, _ in both if steps.size))
    return Plot(area, log_step_axis(0, math.log10(last), area.columns), y_axis)


def draw_both(
    cells: Cells, plot: Plot, scene: Scene, both: Sequence[History], level: float | None
) -> None:
    """Draw the curves and their names, behind them a dashed line at ``level``, if there is one."""
    curves = [
        Curve(np.log10(np.maximum(steps, 1)), _logarithms(values), ink)
        for (steps, values), ink in zip(both, (Ink.MUTED, Ink.ACCENT), strict=True)
    ]
    ends, behind = np.array([plot.x_axis.low, plot.x_axis.high]), []
    if level is not None:
        behind.append(Curve(ends, np.full(2, math.log10(level)), Ink.FAINT, dashed=True))
    cells.paste(0, 0, plot.draw(curves, behind))
    _write_names(cells, plot, curves, [word for word, _ in sides_of(scene)])


def read_both(
    plot: Plot, scene: Scene, both: Sequence[History], x: int, y: int, unit: str = ""
) -> str:
    """The step in a column, with both values there; empty outside of the chart."""
    if not plot.area.contains(x, y):
        return ""
    step = 10 ** plot.position_at(x, y)[0]
    words = [f"step {grouped(round(step))}"]
    for (word, _), (steps, values) in zip(sides_of(scene), both, strict=True):
        kept = np.flatnonzero(steps <= step)
        value = float(values[kept[-1]]) if kept.size else math.nan
        words.append(f"{word} {short_number(value) if math.isfinite(value) else '—'}{unit}")
    return " · ".join(words)


def _write_names(cells: Cells, plot: Plot, curves: Sequence[Curve], names: Sequence[str]) -> None:
    """Name two curves beside their ends, the last one first, if there is room."""
    left, taken = plot.area.left + plot.area.columns, -1
    for curve, name in zip(reversed(curves), reversed(names), strict=True):
        ends = curve.y[np.isfinite(curve.y)]
        if ends.size and left < cells.width:
            y = plot.row_of(float(ends[-1]))
            y += (y == taken) * (1 if y == 0 else -1)
            cells.write(left, y, f" {name}", curve.ink)
            taken = y


def _logarithms(values: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        return np.log10(values)
