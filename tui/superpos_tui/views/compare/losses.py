"""The losses of both lanes over training, as multiples of the best linear model's."""

import math

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.axes import log_axis, log_step_axis
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import grouped, short_number
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.drawing.plot import ROWS_BELOW, Curve, Plot, PlotArea, label_width
from superpos_tui.scene import Scene
from superpos_tui.views.compare import numbers
from superpos_tui.views.compare.measures import (
    awaited_reference,
    reference_scene,
    reference_word,
    relative_losses,
)
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colour_meanings import OF_BOTH_LOSSES
from superpos_tui.views.shared.curve_names import MIN_WIDTH_WITH_NAMES, write_curve_names

FEWEST_STEPS = 10.0
"""The end of the axis, at first."""
LOSS_TICKS_APART = 2
LABEL = 4
NOTHING_YET = "no loss yet"
NOT_COMPARABLE = "a linear model could be perfect here"


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """Both curves against log step, and a dashed line where they would equal the linear model."""
    cells = Cells.blank(width, height)
    plot = _plot(scene, width, height)
    if plot is None:
        reason = NOTHING_YET if scene.step == 0 else NOT_COMPARABLE
        if width >= len(reason):
            cells.write_centred(height // 2, reason, Ink.MUTED)
        return cells
    reference, now = (
        Curve(_across(steps), _up(losses), ink)
        for (steps, losses), ink in zip(_both(scene), (Ink.MUTED, Ink.ACCENT), strict=True)
    )
    ends = np.array([plot.x_axis.low, plot.x_axis.high])
    linear = Curve(ends, np.zeros(2), Ink.FAINT, dashed=True)
    cells.paste(0, 0, plot.draw([reference, now], [linear]))
    write_curve_names(cells, plot, [reference, now], (reference_word(scene), "now"))
    return cells


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The step in this column, with both losses there."""
    plot = _plot(scene, width, height)
    if plot is None or not plot.area.contains(x, y):
        return ""
    step = 10 ** plot.position_at(x, y)[0]
    words = []
    for word, (steps, losses) in zip((reference_word(scene), "now"), _both(scene), strict=True):
        kept = np.flatnonzero(steps <= step)
        value = float(losses[kept[-1]]) if kept.size else math.nan
        words.append(f"{word} {short_number(value) if math.isfinite(value) else '—'} × linear")
    return " · ".join([f"step {grouped(round(step))}", *words])


def _both(scene: Scene) -> list[tuple[FloatArray, FloatArray]]:
    return [each.of(relative_losses) for each in (scene.of(reference_scene), scene)]


def _plot(scene: Scene, width: int, height: int) -> Plot | None:
    """The axes that contain both curves; ``None`` without room, or without anything to show."""
    shown = [
        (steps[kept], losses[kept])
        for steps, losses in _both(scene)
        if (kept := np.isfinite(losses) & (losses > 0)).any()
    ]
    rows = height - ROWS_BELOW
    if not shown or rows < 2:
        return None
    values = np.concatenate([losses for _, losses in shown])
    y_axis = log_axis(
        math.floor(2 * math.log10(min(float(values.min()), 1))) / 2,
        math.ceil(2 * math.log10(max(float(values[values < np.inf].max()), 1)) + 1e-9) / 2,
        rows,
        LOSS_TICKS_APART,
        lambda value: f"{short_number(value):>{LABEL}}",
    )
    labels = _labels_width(scene) if width >= MIN_WIDTH_WITH_NAMES else 0
    area = PlotArea.within(width - labels, height, label_width(y_axis))
    last = max(FEWEST_STEPS, *(float(steps[-1]) for steps, _ in shown))
    if area is None:
        return None
    return Plot(area, log_step_axis(0, math.log10(last), area.columns), y_axis)


def _labels_width(scene: Scene) -> int:
    return len(f" {reference_word(scene)}")


def _across(steps: FloatArray) -> FloatArray:
    return np.log10(np.maximum(steps, 1))


def _up(losses: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        return np.log10(losses)


PANEL = Panel(
    name="both-losses",
    title=lambda scene: f"training loss relative to linear: {reference_word(scene)} and now",
    readings=(
        "L/L_linear against log step · dashed: as good as the best linear model",
        "against log step · dashed: as good as linear",
        "dashed: as good as linear",
    ),
    draw=draw,
    awaits=awaited_reference,
    numbers=numbers.losses,
    read=read,
    needs=frozenset({"steps", "sparsities", "importance", "distribution"}),
    seconds_between_draws=0.25,
    story=(
        "Losses at different sparsities belong to different tasks, so each is divided by the loss "
        "of the best linear model on the same data: below 1, the model gains by superposition "
        "(“Demonstrating Superposition”)."
    ),
    colours=OF_BOTH_LOSSES,
)
