"""The losses of both lanes over training, as multiples of the best linear model's."""

import math

import numpy as np

from superpos_tui.drawing.axes import log_axis
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import short_number
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.drawing.plot import ROWS_BELOW, Plot
from superpos_tui.scene import Scene
from superpos_tui.views.compare import numbers
from superpos_tui.views.compare.measures import (
    History,
    awaited_reference,
    reference_word,
    relative_losses,
    sides_of,
)
from superpos_tui.views.compare.paired_curves import draw_both, plot_of, read_both
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colour_meanings import OF_BOTH_LOSSES

TICKS_APART, LABEL = 2, 4
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
    draw_both(cells, plot, scene, _both(scene), level=1)
    return cells


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The step in this column, with both losses there."""
    plot = _plot(scene, width, height)
    return "" if plot is None else read_both(plot, scene, _both(scene), x, y, " × linear")


def _both(scene: Scene) -> list[History]:
    return [side.of(relative_losses) for _, side in sides_of(scene)]


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
        TICKS_APART,
        lambda value: f"{short_number(value):>{LABEL}}",
    )
    return plot_of(scene, shown, y_axis, width, height)


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
