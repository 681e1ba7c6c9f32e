"""The loss panel: one curve per setting of the current model, with the focused one bright."""

import math

import numpy as np

from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import grouped, setting_name, short_number
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.measures.geometry import count_of_closed_outputs
from superpos_tui.measures.loss import loss_over_linear
from superpos_tui.scene import TRAINING, Scene
from superpos_tui.selection import Change, SelectSetting, SelectStep
from superpos_tui.views.live import numbers
from superpos_tui.views.live.loss_chart import LossChart
from superpos_tui.views.live.loss_curves import LossCurves
from superpos_tui.views.live.loss_zoom import LOSS_ZOOM
from superpos_tui.views.live.state import LiveState
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colour_meanings import OF_LOSSES

ABOVE_LINEAR = 1.1
"""A loss that is this many times the linear optimum did not end there by noise."""


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The curves, each labelled with its setting at the right end."""
    chart = LossChart.of(scene, width, height)
    cells = Cells.blank(width, height)
    if chart is not None:
        cells.paste(0, 0, chart.draw())
    if scene.cohort.step == 0 and scene.snapshot.phase != "training":
        cells.write_centred(height // 2, " no step taken yet ", Ink.MUTED)
    return cells


def _pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the setting of a label, or the kept moment nearest to a step."""
    chart = LossChart.of(scene, width, height)
    if chart is None:
        return None
    setting = chart.setting_at(x, y)
    if setting is not None:
        return SelectSetting(setting)
    timeline = scene.cohort.timeline
    if not chart.plot.area.contains(x, y) or not timeline.moments:
        return None
    return SelectStep(timeline.nearest(_step_at(chart, x, y)).step)


def _step_at(chart: LossChart, x: int, y: int) -> int:
    return chart.curves.step_at(chart.plot.position_at(x, y)[0])


def _read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The losses at a step: that of the lane in focus, compared with the optimum, then others."""
    chart = LossChart.of(scene, width, height)
    if chart is None or not chart.plot.area.contains(x, y):
        return ""
    step = _step_at(chart, x, y)
    curves = chart.curves
    if step > scene.cohort.step or not curves.steps.size:
        return f"step {grouped(step)} · not reached yet"
    others = sorted(curves.settings[:-1])
    losses = [_loss_at(curves, each, step) for each in (curves.settings[-1], *others)]
    optimum = curves.optimum(scene.focus.setting)
    ratio = f" ({losses[0] / optimum:.2f} × linear)" if math.isfinite(losses[0] / optimum) else ""
    names = [setting_name(scene.config, scene.config.settings[each]) for each in others]
    return " · ".join(
        [
            f"step {grouped(step)}",
            f"{setting_name(scene.config, scene.setting)} loss {short_number(losses[0])}{ratio}",
            *(f"{name} {short_number(loss)}" for name, loss in zip(names, losses[1:], strict=True)),
        ]
    )


def _loss_at(curves: LossCurves, setting: int, step: int) -> float:
    """The smoothed loss of a setting at a step; the first kept one before it."""
    index = int(np.searchsorted(curves.steps, step))
    return float(curves.smoothed[setting][min(index, curves.steps.size - 1)])


def _readings(scene: Scene, width: int, height: int, palette: Palette) -> tuple[str, ...]:
    """Why the loss ended above the linear optimum, if closed outputs are the reason."""
    ended = scene.snapshot.has_known_length and scene.step >= scene.config.steps
    if not ended or not scene.of(loss_over_linear) > ABOVE_LINEAR:
        return ()
    closed = scene.of(count_of_closed_outputs)
    if not closed:
        return ()
    why = f"above linear: {closed} of {scene.config.features} outputs are closed"
    return (f"{why} to their own feature and get no gradient", why)


def _title(scene: Scene) -> str:
    state = scene.options.of(LiveState)
    zoomed = " · zoomed" if state.window is not None else ""
    turned = f" · ┊ {scene.cohort.marks[-1].text}" if scene.cohort.marks else ""
    return f"training loss, {state.loss_scale}{zoomed}{turned}"


PANEL = Panel(
    name="loss",
    needs=frozenset({TRAINING}),
    title=_title,
    readings=(
        "mean over batch and features · faint: raw · dashed: the best that a linear model can do",
        "mean loss, one curve per setting · dashed: linear optimum",
        "mean loss · dashed: linear optimum",
    ),
    other_readings=_readings,
    draw=draw,
    numbers=numbers.losses,
    story=(
        "Each curve is the smoothed training loss of the current model at one setting; faint "
        "behind the focused one are its raw losses. The dashed level is the closed-form optimum of "
        "a linear model on the same data: below it, the model represents more features than it "
        "has dimensions. Above it, a model of two matrices may have closed outputs. Losses at "
        "different sparsities are different tasks. Vertical dashes mark where a dial was turned. l "
        "changes the scales, and a click goes to that step."
    ),
    pick=_pick,
    read=_read,
    zoom=LOSS_ZOOM,
    seconds_between_draws=0.5,
    colours=OF_LOSSES,
)
