"""The errors of both dictionaries over training."""

import math

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.ticks import power_of_ten
from superpos_tui.drawing.axes import log_axis, log_step_axis
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import grouped, short_number
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.drawing.plot import ROWS_BELOW, Curve, Plot, PlotArea, label_width
from superpos_tui.measures.dictionaries import error_over_truth, score
from superpos_tui.scene import SPARSITY, TRAINING, Scene
from superpos_tui.views.compare.dictionaries import numbers
from superpos_tui.views.compare.dictionaries.measures import both_errors
from superpos_tui.views.compare.measures import reference_word
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.curve_names import MIN_WIDTH_WITH_NAMES, write_curve_names

FEWEST_STEPS = 10.0
"""The end of the axis, at first."""
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
    curves = [
        Curve(np.log10(np.maximum(steps, 1)), _up(errors), ink)
        for (steps, errors), ink in zip(scene.of(both_errors), (Ink.MUTED, Ink.ACCENT), strict=True)
    ]
    truth = _error_of_truth(scene)
    ends = np.array([plot.x_axis.low, plot.x_axis.high])
    behind = [Curve(ends, np.full(2, math.log10(truth)), Ink.FAINT, dashed=True)] if truth else []
    cells.paste(0, 0, plot.draw(curves, behind))
    write_curve_names(cells, plot, curves, (reference_word(scene), "now"))
    return cells


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The step in this column, with both errors there."""
    plot = _plot(scene, width, height)
    if plot is None or not plot.area.contains(x, y):
        return ""
    step = 10 ** plot.position_at(x, y)[0]
    words = []
    for word, (steps, errors) in zip(
        (reference_word(scene), "now"), scene.of(both_errors), strict=True
    ):
        kept = np.flatnonzero(steps <= step)
        value = float(errors[kept[-1]]) if kept.size else math.nan
        words.append(f"{word} {short_number(value) if math.isfinite(value) else '—'}")
    return " · ".join([f"step {grouped(round(step))}", *words])


def _error_of_truth(scene: Scene) -> float:
    """That of the true directions with as many active as now; 0 if that is next to nothing."""
    is_near = math.isfinite(scene.of(error_over_truth))
    return scene.of(score).reconstruction.error_of_truth if is_near else 0.0


def _plot(scene: Scene, width: int, height: int) -> Plot | None:
    """The axes that contain both curves; ``None`` without room, or without anything to show."""
    both = scene.of(both_errors)
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
    names = len(f" {reference_word(scene)}") if width >= MIN_WIDTH_WITH_NAMES else 0
    area = PlotArea.within(width - names, height, label_width(y_axis))
    last = max(FEWEST_STEPS, *(float(steps[-1]) for steps, _ in both if steps.size))
    if area is None:
        return None
    return Plot(area, log_step_axis(0, math.log10(last), area.columns), y_axis)


def _up(errors: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        return np.log10(errors)


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
