"""Names beside the ends of curves."""

from collections.abc import Sequence

import numpy as np

from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.plot import Curve, Plot

MIN_WIDTH_WITH_NAMES = 40
"""Columns of a chart from which there is room for names beside it."""


def write_curve_names(
    cells: Cells, plot: Plot, curves: Sequence[Curve], names: Sequence[str]
) -> None:
    """Name two curves beside their ends, the last one first, if there is room."""
    left, taken = plot.area.left + plot.area.columns, -1
    for curve, name in zip(reversed(curves), reversed(names), strict=True):
        ends = curve.y[np.isfinite(curve.y)]
        if ends.size and left < cells.width:
            y = plot.row_of(float(ends[-1]))
            y += (y == taken) * (1 if y == 0 else -1)
            cells.write(left, y, f" {name}", curve.ink)
            taken = y
