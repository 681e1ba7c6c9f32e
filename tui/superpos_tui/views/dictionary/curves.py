"""The curves of dictionaries while they train: the reconstruction error and L0 over steps."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.record.dictionaries import DictionaryCohort, DictionaryRecord
from superpos_core.record.history import LossCurve, moving_average
from superpos_core.ticks import power_of_ten, round_up
from superpos_tui.drawing.axes import Axis, linear_axis, log_axis, log_step_axis
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import fixed, grouped, setting_name, short_loss
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette, lane_ink
from superpos_tui.drawing.plot import ROWS_BELOW, Curve, Plot, PlotArea, label_width
from superpos_tui.drawing.text_lines import longest_within
from superpos_tui.measures.dictionaries import score
from superpos_tui.scene import TRAINING, Scene, measure_of_scene
from superpos_tui.selection import Change, SelectStep
from superpos_tui.views.dictionary import numbers
from superpos_tui.views.dictionary.none_yet import where_to_find
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colour_meanings import OF_DICTIONARY_CURVES
from superpos_tui.views.shared.viewpoint import turned_by_keys

SMOOTHED_BACK = 1.12
"""Values are averaged back to the step divided by this."""
FEWEST_STEPS = 10.0
DECADES = 3.4
"""Steps begin at the power of ten within so many decades of the last one."""
GAP = 2
MAX_CURVES = 12
IN_FOCUS = "◀"
LOWEST, HIGHEST = 1e-9, 1e9
"""Losses outside this range leave the chart."""
LABEL = 4
"""Columns of the labels of a vertical axis, so that curves do not move as the range grows."""
L0_WIDTH = len("9999.99")


@dataclass(frozen=True)
class Chart:
    """One of the two charts: its ``name``, its curve, and its place from column ``left`` on."""

    name: str
    curve: Callable[[DictionaryCohort], LossCurve]
    is_log: bool
    left: int
    plot: Plot
    scene: Scene

    def draw(self, palette: Palette) -> Cells:
        """One curve per setting, the one in focus on top; behind it raw values and levels."""
        lines = [self._line(setting) for setting in _settings(self.scene)]
        cells = self.plot.draw(lines, [*self._behind()])
        if len(lines) > 1 and not palette.has_scales:
            self._mark(cells, lines[-1])
        return cells

    def _mark(self, cells: Cells, line: Curve) -> None:
        """Mark the end of the curve in focus, where no colour tells it from the others."""
        end = self.plot.end_of(line)
        if end is not None:
            cells.write(min(end[0] + 1, cells.width - 1), end[1], IN_FOCUS, Ink.ACCENT)

    def value_at(self, step: int) -> float:
        """The smoothed value of the lane in focus at a step; NaN before the first."""
        steps, values = self.scene.of(_smoothed, self.curve, self.scene.focus.setting)
        if not steps.size:
            return math.nan
        return float(values[min(int(np.searchsorted(steps, step)), steps.size - 1)])

    def _line(self, setting: int) -> Curve:
        focus, count = self.scene.focus.setting, len(self.scene.config.settings)
        steps, values = self.scene.of(_smoothed, self.curve, setting)
        ink = lane_ink(setting, count, setting == focus)
        return Curve(
            _across(np.append(steps[:1] * 0 + 1, steps), self.plot),
            self._up(np.append(values[:1], values)),
            ink,
        )

    def _up(self, values: FloatArray) -> FloatArray:
        if not self.is_log:
            return values
        with np.errstate(all="ignore"):
            logs: FloatArray = np.log10(values)
        return logs

    def _behind(self) -> list[Curve]:
        """Where dials were turned, the step that is looked at, and the true L0."""
        scene, axis = self.scene, self.plot.y_axis
        ends = np.array([axis.low, axis.high])
        lines = [(mark.step, Ink.WARNING, True) for mark in scene.group.marks]
        lines += [(scene.step, Ink.ACCENT, False)] if scene.focus.step is not None else []
        drawn = [
            Curve(_across(np.full(2, float(step)), self.plot), ends, ink, dashed)
            for step, ink, dashed in lines
        ]
        if not self.is_log:
            across = np.array([self.plot.x_axis.low, self.plot.x_axis.high])
            drawn.append(Curve(across, np.full(2, _true_l0(scene)), Ink.TEXT, dashed=True))
        return drawn


def charts_of(scene: Scene, width: int, height: int) -> list[Chart]:
    """The two charts side by side, or the first alone; none without room."""
    half = (width - GAP) // 2
    kinds: list[tuple[str, Callable[[DictionaryCohort], LossCurve], bool]] = [
        ("error", _losses, True),
        ("L0", _active, False),
    ]
    found = []
    for index, (name, curve, is_log) in enumerate(kinds):
        rows = max(height - 1 - ROWS_BELOW, 1)
        y_axis = _error_axis(scene, rows) if is_log else _l0_axis(scene, rows)
        area = PlotArea.within(half, height - 1, label_width(y_axis))
        if area is not None:
            plot = Plot(area, _step_axis(scene, area.columns), y_axis)
            found.append(Chart(name, curve, is_log, index * (half + GAP), plot, scene))
    return found


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """The charts under their names."""
    cells = Cells.blank(width, height)
    for chart in charts_of(scene, width, height):
        cells.paste(chart.left, 1, chart.draw(palette))
        cells.write(chart.left, 0, _head(chart), Ink.TEXT)
    if not scene.group.step:
        cells.write_centred(
            height // 2, f" {scene.snapshot.record.preparing or 'no step taken yet'} ", Ink.MUTED
        )
    return cells


def _value(chart: Chart, step: int) -> str:
    """The value of the lane in focus, written as everywhere on the screen."""
    value = chart.value_at(step)
    return short_loss(value).strip() if chart.is_log else fixed(value, L0_WIDTH, 2).strip()


def _head(chart: Chart) -> str:
    """The name of a chart, with its newest value."""
    value = _value(chart, chart.scene.step)
    width = chart.plot.area.left + chart.plot.area.columns
    if chart.is_log:
        return longest_within(width, f"error E‖h − ĥ‖² {value}", f"error {value}")
    true_l0 = f"{_true_l0(chart.scene):.2f}"
    return longest_within(
        width, f"smoothed L0 {value} · ┄ true {true_l0}", f"L0 {value} ┄ {true_l0}"
    )


def _losses(group: DictionaryCohort) -> LossCurve:
    return group.losses


def _active(group: DictionaryCohort) -> LossCurve:
    return group.active


def _true_l0(scene: Scene) -> float:
    return scene.of(score).activity.true_l0


def _settings(scene: Scene) -> tuple[int, ...]:
    """The settings with a curve, the one in focus last."""
    count, focus = len(scene.config.settings), scene.focus.setting
    others = range(0, count, -(-count // MAX_CURVES))
    return (*(setting for setting in others if setting != focus), focus)


@measure_of_scene
def _smoothed(
    scene: Scene, curve: Callable[[DictionaryCohort], LossCurve], setting: int
) -> tuple[FloatArray, FloatArray]:
    """The steps and the values of a setting's curve, averaged over the steps before."""
    group = scene.snapshot.record_as(DictionaryRecord).cohorts[scene.focus.model]
    kept = curve(group)
    steps = kept.steps.astype(np.float64)
    values = kept.mean[scene.lane_at_setting(setting)]
    return steps, moving_average(kept.steps, values, steps / SMOOTHED_BACK, steps)


def _last_step(scene: Scene) -> float:
    return math.log10(max(scene.config.steps, scene.group.step, FEWEST_STEPS))


def _step_axis(scene: Scene, cells: int) -> Axis:
    last = _last_step(scene)
    return log_step_axis(float(max(math.ceil(last - DECADES), 0)), last, cells)


def _across(steps: FloatArray, plot: Plot) -> FloatArray:
    """The positions of steps; those before the axis begins are moved to where it does."""
    across: FloatArray = np.maximum(np.log10(np.maximum(steps, 1)), plot.x_axis.low)
    return across


def _finite(scene: Scene, curve: Callable[[DictionaryCohort], LossCurve]) -> FloatArray:
    """The finite values of all curves."""
    values = np.concatenate([scene.of(_smoothed, curve, each)[1] for each in _settings(scene)])
    finite: FloatArray = values[np.isfinite(values)]
    return finite


def _error_axis(scene: Scene, cells: int) -> Axis:
    values = _finite(scene, _losses)
    values = values[(values > LOWEST) & (values < HIGHEST)]
    low, high = (values.min(), values.max()) if values.size else (1e-3, 1.0)
    bottom = math.floor(math.log10(low))
    top = max(math.ceil(math.log10(high) - 1e-9), bottom + 1)
    return log_axis(bottom, top, cells, 1, lambda value: f"{power_of_ten(value):>{LABEL}}")


def _l0_axis(scene: Scene, cells: int) -> Axis:
    highest = max(_finite(scene, _active).max(initial=0), 1.2 * _true_l0(scene), 1e-3)
    tick = round_up(float(highest) / 2.5)
    top = math.ceil(float(highest) / tick) * tick  # so that the upper end has a tick
    return linear_axis(0, top, cells, 2, lambda value: f"{value:>{LABEL}.3g}")


def _chart_at(scene: Scene, width: int, height: int, x: int, y: int) -> tuple[Chart, int] | None:
    """The chart at a cell, and the step there."""
    for chart in charts_of(scene, width, height):
        inside = x - chart.left, y - 1
        if chart.plot.area.contains(*inside):
            return chart, round(10 ** chart.plot.position_at(*inside)[0])
    return None


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Go to the kept moment nearest to the step there."""
    found, timeline = _chart_at(scene, width, height, x, y), scene.group.timeline
    if found is None or not timeline.moments:
        return None
    return SelectStep(timeline.nearest(found[1]).step)


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The error and L0 of the lane in focus at a step."""
    found = _chart_at(scene, width, height, x, y)
    if found is None:
        return ""
    step = found[1]
    if step > scene.group.step:
        return f"step {grouped(step)} · not reached yet"
    values = [f"{chart.name} {_value(chart, step)}" for chart in charts_of(scene, width, height)]
    name = setting_name(scene.config, scene.setting)
    return " · ".join([f"step {grouped(step)}", *([name] if name else []), *values])


PANEL = Panel(
    name="curves",
    title=lambda scene: "reconstruction error and L0",
    readings=(
        "error per row, summed over dimensions · L0: active latents per row · dashed: as many "
        "features are active",
        "error per row · L0: active latents per row · dashed: active features",
        "L0: active latents per row · dashed: features",
    ),
    draw=draw,
    numbers=numbers.curves,
    pick=pick,
    read=read,
    turn=turned_by_keys,
    takes=DictionaryRecord,
    where_to_find=where_to_find,
    needs=frozenset({TRAINING}),
    seconds_between_draws=0.5,
    story=(
        "Left, the reconstruction error of a row of hidden vectors, without the penalty; right, "
        "how many latents are active per row, beside how many features really are. A dictionary "
        "with a smaller L0 than the truth can have a smaller error than the true features, if it "
        "mixes them (Chanin et al. 2025). One curve per setting, the one in focus bright; a click "
        "goes to that step."
    ),
    colours=OF_DICTIONARY_CURVES,
)
