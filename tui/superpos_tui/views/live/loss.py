"""The loss panel: one curve per setting of the current model, with the focused one bright."""

import math
from collections.abc import Sequence

import numpy as np

from superpos_core.analysis.evaluation import linear_optimum_of
from superpos_core.arrays import FloatArray
from superpos_core.record.history import moving_average
from superpos_core.record.lanes import Cohort
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Setting
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import (
    setting_name,
    short_count,
    short_loss,
    widest_setting_name,
)
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette, lane_ink
from superpos_tui.drawing.plot import Axis, Curve, decimate, plot
from superpos_tui.scene import TRAINING, Scene
from superpos_tui.selection import Change, SelectSetting
from superpos_tui.views.live.state import LiveState
from superpos_tui.views.panel import Panel

SMOOTHING_SHARE = 1 / 30
"""The share of the drawn steps over which curves are smoothed."""
Y_TICKS_APART = 3
MAX_CURVES = 12
MIN_WIDTH_WITH_LABELS = 40


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The curves, each labelled with its sparsity at the right end."""
    cells = Cells.blank(width, height)
    if scene.cohort.step == 0:
        cells.write_centred(height // 2, "no step taken yet", Ink.MUTED)
        return cells
    label_width = _label_width(scene, width)
    curves = _curves(scene, 2 * (width - label_width))
    theory = [_linear_optimum(scene)] if scene.knows_data else []
    x_axis = _x_axis(scene, width)
    y_axis = _y_axis([*curves, *theory], height, scene.options.of(LiveState).log_loss)
    *others, raw, focused = curves
    drawn = [*others, raw, *theory, *_vertical_lines(scene, y_axis), focused]
    cells.paste(0, 0, plot(drawn, x_axis, y_axis, width - label_width, height))
    if label_width:
        _write_labels(cells, scene, curves, y_axis, label_width)
    return cells


def _label_width(scene: Scene, width: int) -> int:
    if width < MIN_WIDTH_WITH_LABELS:
        return 0
    return len("  ◀") + widest_setting_name(scene.config)


def _curves(scene: Scene, points: int) -> list[Curve]:
    """Other lanes smoothed and dim, then the focused one: raw and dim, smoothed and bright."""
    cohort, log = scene.cohort, scene.options.of(LiveState).log_loss
    of = len(scene.config.settings)
    curves = [
        _smoothed_curve(
            cohort, scene.lane_at_setting(setting), lane_ink(setting, of), points // 2, log
        )
        for setting in _settings_without_focus(scene)
    ]
    ink = lane_ink(scene.focus.setting, of, focused=True)
    return [
        *curves,
        _raw_curve(cohort, scene.lane_index, points, log),
        _smoothed_curve(cohort, scene.lane_index, ink, points, log),
    ]


def _linear_optimum(scene: Scene) -> Curve:
    """The lowest mean loss of a linear model on the data of the lane in focus, as a level."""
    optimum = linear_optimum_of(scene.config, scene.lane) / scene.config.features
    level = _scaled(np.full(2, optimum), scene.options.of(LiveState).log_loss)
    return Curve(np.array([0.0, scene.cohort.step]), level, Ink.TEXT, dashed=True)


def _vertical_lines(scene: Scene, y_axis: Axis) -> list[Curve]:
    """Vertical lines where dials were turned, and at the current step."""
    ends = np.array([y_axis.low, y_axis.high])
    lines = [
        Curve(np.full(2, float(mark.step)), ends, Ink.WARNING, dashed=True)
        for mark in scene.cohort.marks
    ]
    if scene.focus.step is not None:
        lines.append(Curve(np.full(2, float(scene.step)), ends, Ink.ACCENT))
    return lines


def _settings_without_focus(scene: Scene) -> list[int]:
    """The other settings to draw: few enough to distinguish the curves, evenly spread."""
    count = len(scene.config.settings)
    every = -(-count // MAX_CURVES)
    return [setting for setting in range(0, count, every) if setting != scene.focus.setting]


def _raw_curve(cohort: Cohort, lane: int, points: int, log: bool) -> Curve:
    x, y = decimate(cohort.losses.steps.astype(float), cohort.losses.mean[lane], points)
    return Curve(x, _scaled(y, log), Ink.FAINT)


def _smoothed_curve(cohort: Cohort, lane: int, ink: int, points: int, log: bool) -> Curve:
    losses = cohort.losses
    steps = losses.steps.astype(float)
    since = steps - SMOOTHING_SHARE * losses.steps[-1]
    x, y = decimate(steps, moving_average(losses.steps, losses.mean[lane], since, steps), points)
    return Curve(x, _scaled(y, log), ink)


def _scaled(losses: FloatArray, log: bool) -> FloatArray:
    """log₁₀ of the losses, or the losses themselves; non-finite values become gaps.

    A loss of exactly 0 does too: a small batch of sparse data may be all zeros.
    """
    if not log:
        return losses
    with np.errstate(all="ignore"):
        return np.log10(losses)


def _x_axis(scene: Scene, width: int) -> Axis:
    """From 0 to the current step, so that early steps fill the panel too.

    The end is rounded up to two digits: an axis that moves at every step is unreadable.
    """
    end = rounded_up(max(scene.cohort.step, 2))
    ticks = [0, end / 2, end] if width >= MIN_WIDTH_WITH_LABELS else [0, end]
    return Axis(0, end, tuple((tick, short_count(tick)) for tick in ticks))


def rounded_up(count: int) -> int:
    """The next number of two digits and zeros: 12 for 12, 130 for 123, 44,000 for 43,210."""
    unit = 10 ** max(len(str(count)) - 2, 0)
    return int(-(-count // unit) * unit)


def _y_axis(curves: list[Curve], height: int, log: bool) -> Axis:
    finite = np.concatenate([curve.y[np.isfinite(curve.y)] for curve in curves])
    if finite.size == 0:
        return Axis(0, 1, ())
    low, high = float(finite.min()), float(finite.max())
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    if log:
        return _log_axis(low, high, height)
    ticks = np.linspace(0, high, max(2, min(5, height // Y_TICKS_APART)))
    return Axis(0, high, tuple((float(tick), short_loss(tick)) for tick in ticks))


def _log_axis(low: float, high: float, height: int) -> Axis:
    """One tick per decade if there are any; otherwise the ends of the range."""
    decades = range(math.ceil(low), math.floor(high) + 1)
    every = max(1, -(-len(decades) * Y_TICKS_APART // max(height, 1)))
    ticks = [(float(decade), f"{10.0**decade:7.0e}") for decade in decades[::every]]
    if len(ticks) < 2:
        ticks = [(end, short_loss(10.0**end)) for end in (low, high)]
    return Axis(low, high, tuple(ticks))


def _label(config: ExperimentConfig, setting: Setting, focused: bool) -> str:
    return f" {setting_name(config, setting)}" + (" ◀" if focused else "  ")


def _write_labels(
    cells: Cells, scene: Scene, curves: list[Curve], y_axis: Axis, label_width: int
) -> None:
    """Write each lane's sparsity beside the end of its curve."""
    focus, order = scene.focus.setting, _settings_without_focus(scene)
    ends = dict(zip([*order, focus], [*curves[:-2], curves[-1]], strict=True))
    from_the_top = sorted(ends, key=lambda setting: -_end(ends[setting], y_axis))
    rows = cells.height - 2
    wanted = [_row_of_end(ends[setting], y_axis, rows) for setting in from_the_top]
    for setting, y in zip(from_the_top, apart(wanted, rows), strict=False):
        text = _label(scene.config, scene.config.settings[setting], setting == focus)
        ink = lane_ink(setting, len(scene.config.settings), focused=setting == focus)
        cells.write(cells.width - label_width, y, text, ink)


def _end(curve: Curve, y_axis: Axis) -> float:
    """The last finite value; the top of the axis if there is none."""
    finite = curve.y[np.isfinite(curve.y)]
    return float(finite[-1]) if finite.size else y_axis.high


def _row_of_end(curve: Curve, y_axis: Axis, rows: int) -> int:
    share = (y_axis.high - _end(curve, y_axis)) / max(y_axis.high - y_axis.low, 1e-12)
    return round(float(np.clip(share, 0, 1)) * max(rows - 1, 0))


def apart(wanted: Sequence[int], rows: int) -> list[int]:
    """Distinct rows near the wanted ones (which do not decrease), in the same order.

    At most ``rows`` of them are placed.
    """
    placed: list[int] = []
    for row in wanted[:rows]:
        placed.append(max(row, placed[-1] + 1) if placed else row)
    last = rows
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], last - 1)
        last = placed[index]
    return placed


def _pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the setting of a label beside the curves."""
    if scene.cohort.step == 0:
        return None
    row = draw(scene, width, height, Palette()).row_text(y)
    for setting in [scene.focus.setting, *_settings_without_focus(scene)]:
        label = _label(scene.config, scene.config.settings[setting], setting == scene.focus.setting)
        start = width - _label_width(scene, width)
        if start <= x and row[start:].rstrip() == label.rstrip():
            return SelectSetting(setting)
    return None


def _title(scene: Scene) -> str:
    scale = "log scale" if scene.options.of(LiveState).log_loss else "linear scale"
    turned = f" · ┊ {scene.cohort.marks[-1].text}" if scene.cohort.marks else ""
    return f"loss, {scale}{turned}"


PANEL = Panel(
    name="loss",
    needs=frozenset({TRAINING}),
    title=_title,
    readings=(
        "mean over batch and features · faint: raw · dashed: the best that a linear model can do",
        "mean loss, one curve per sparsity · dashed: linear optimum",
        "mean loss · dashed: linear optimum",
    ),
    draw=draw,
    story=(
        "Each curve is the smoothed loss of the current model at one sparsity; faint behind the "
        "focused one are its raw losses. The dashed level is the closed-form optimum of a linear "
        "model on the same data: below it, the model represents more features than it has "
        "dimensions. Losses at different sparsities are different tasks. Vertical dashes mark "
        "where a dial was turned."
    ),
    pick=_pick,
    seconds_between_draws=0.5,
)
