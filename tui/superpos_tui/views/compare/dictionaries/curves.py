"""The errors of both dictionaries over training."""

import math

import numpy as np

from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.ticks import power_of_ten
from superpos_tui.drawing.axes import log_axis
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.drawing.plot import ROWS_BELOW, Plot
from superpos_tui.measures.dictionaries import error_over_truth, score
from superpos_tui.scene import SPARSITY, TRAINING, Scene
from superpos_tui.views.compare.dictionaries import numbers
from superpos_tui.views.compare.measures import (
    History,
    reference_word,
    sides_of,
    smoothed_losses,
)
from superpos_tui.views.compare.paired_curves import draw_both, plot_of, read_both
from superpos_tui.views.panel import Panel

TICKS_APART, LABEL = 1, 4
SMALLEST = 1e-12
"""Errors below it leave the chart."""
NOTHING_YET = "no error yet"


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """Both curves against log step, and a dashed line at the error of the truth."""
    cells = Cells.blank(width, height)
    plot = _plot(scene, width, height)
    if plot is None:
        cells.write_centred(height // 2, NOTHING_YET[:width], Ink.MUTED)
        return cells
    draw_both(cells, plot, scene, _both(scene), _error_of_truth(scene))
    return cells


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The step in this column, with both errors there."""
    plot = _plot(scene, width, height)
    return "" if plot is None else read_both(plot, scene, _both(scene), x, y)


def _both(scene: Scene) -> list[History]:
    return [side.of(smoothed_losses) for _, side in sides_of(scene)]


def _error_of_truth(scene: Scene) -> float | None:
    """That of the true directions with as many active as now; ``None`` if it is next to nothing."""
    is_near = math.isfinite(scene.of(error_over_truth))
    return scene.of(score).reconstruction.error_of_truth if is_near else None


def _plot(scene: Scene, width: int, height: int) -> Plot | None:
    """The axes that contain both curves; ``None`` without room, or without anything to show."""
    both = _both(scene)
    values = np.concatenate([errors for _, errors in both])
    values = values[np.isfinite(values) & (values > SMALLEST)]
    rows = height - ROWS_BELOW
    if not values.size or rows < 2:
        return None
    values = np.append(values, _error_of_truth(scene) or values[:1])
    bottom = math.floor(math.log10(float(values.min())))
    top = max(math.ceil(math.log10(float(values.max())) - 1e-9), bottom + 1)
    y_axis = log_axis(
        bottom, top, rows, TICKS_APART, lambda value: f"{power_of_ten(value):>{LABEL}}"
    )
    return plot_of(scene, both, y_axis, width, height)


PANEL = Panel(
    name="both-errors",
    title=lambda scene: f"reconstruction error: {reference_word(scene)} and now",
    readings=(
        "E‖h − ĥ‖² against log step · dashed: the true directions with as many active as now",
        "error against log step · dashed: the truth",
        "dashed: the truth",
    ),
    draw=draw,
    numbers=numbers.errors,
    read=read,
    takes=DictionaryRecord,
    needs=frozenset({TRAINING, SPARSITY}),
    seconds_between_draws=0.25,
    story=(
        "The reconstruction errors of both while they train, without the penalty, and that of the "
        "true directions with as many active per row as the current dictionary has latents. Below "
        "the dashed line a dictionary reconstructs better than the truth, by mixing features "
        "(Chanin et al. 2025)."
    ),
    colours=("grey: the reference; accent colour: now. Both are E‖h − ĥ‖².",),
)
