"""The neurons panel: what each hidden unit represents, as a stack of its weights.

If hidden units are not neurons, it shows why: the same model with its hidden space rotated.
"""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from superpos_core.analysis.neurons import NeuronKind, has_privileged_basis
from superpos_core.arrays import IntArray
from superpos_core.ticks import round_up, with_minus
from superpos_tui.drawing.cells import Cells, InkArray
from superpos_tui.drawing.glyphs import SELECTED
from superpos_tui.drawing.palette import FULL_COLOURS, Ink, Palette
from superpos_tui.drawing.text_lines import longest_within
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, MoveCursor
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colour_meanings import OF_FEATURES
from superpos_tui.views.shared.feature_colours import colour_legend, feature_inks
from superpos_tui.views.weights import numbers
from superpos_tui.views.weights.measures import aligned_directions, hidden_units
from superpos_tui.views.weights.stack_glyphs import glyphs_above, glyphs_below
from superpos_tui.views.weights.stacks import (
    AXIS_WIDTH,
    MIN_FOR_MARKS,
    MIN_FOR_SUMMARY,
    MIN_FOR_UNITS,
    NOTHING,
    Chart,
)

MARKS: dict[NeuronKind, str] = {
    "monosemantic": "●",
    "polysemantic": "◐",
    "dead": "○",
    "unknown": "?",
}
NO_NEURONS = (
    "Not neurons: without an activation on the hidden layer any rotation of it gives the same "
    "model, as shown here:",
    "No neurons: any rotation of the hidden layer gives the same model.",
    "no neurons: no privileged basis",
)
AS_TRAINED = "as trained"
TURNED, TURNED_IN_SHORT = "turned along features", "turned"
CHARTS_APART = 2
MIN_CHART_WIDTH = AXIS_WIDTH + 4
MIN_FOR_LEGEND = 14
"""Minimum width of a chart, and minimum rows of the panel for a legend."""
LEAST_STEP = 0.01
ROWS_PER_TICK = 2


def draw(scene: Scene, width: int, height: int, palette: Palette) -> Cells:
    """One chart of the neurons; or two of the same hidden space, below a sentence that says so."""
    cells = Cells.blank(width, height)
    inks = feature_inks(scene)
    layout = _Layout.of(scene, width, height)
    for y, line in enumerate(layout.sentence):
        cells.write(0, y, line, Ink.TEXT)
    for placed in layout.charts:
        cells.write(placed.left, placed.top - 1, placed.title, Ink.MUTED)
        chart = placed.chart
        cells.paste(placed.left, placed.top, _draw_chart(chart, inks, scene, palette))
    if height >= MIN_FOR_LEGEND and palette.depth != "none":
        cells.paste(0, height - 1, colour_legend(scene, width, palette))
    return cells


def pick(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> Change | None:
    """Select the feature whose weight was clicked, keeping the other one."""
    for placed in _Layout.of(scene, width, height).charts:
        feature = placed.chart.feature_at(x - placed.left, y - placed.top)
        if feature is not None:
            return MoveCursor(scene.options.cursor_on(feature))
    return None


def read(
    scene: Scene, width: int, height: int, x: int, y: int, palette: Palette = FULL_COLOURS
) -> str:
    """The unit of a stack, and the feature at a part of it."""
    charts = _Layout.of(scene, width, height).charts
    words = (each.chart.words_at(x - each.left, y - each.top) for each in charts)
    return next(filter(None, words), "")


@dataclass(frozen=True)
class _Placed:
    """A chart at its position in the panel, with a title above it, if it has one."""

    title: str
    left: int
    top: int
    chart: Chart


@dataclass(frozen=True)
class _Layout:
    """A sentence on top, if there is something to say, and the charts below it."""

    sentence: list[str]
    charts: list[_Placed]

    @classmethod
    def of(cls, scene: Scene, width: int, height: int) -> "_Layout":
        height -= height >= MIN_FOR_LEGEND
        if has_privileged_basis(scene.model):
            return cls([], [_Placed("", 0, 0, Chart.of(scene.of(hidden_units), width, height))])
        sentence = _sentence(width, height)
        top = len(sentence) + 1
        rows = height - top
        each = (width - CHARTS_APART) // 2
        if rows < 2:
            return cls(sentence, [])
        if each < max(MIN_CHART_WIDTH, len(AS_TRAINED)):
            chart = Chart.of(scene.of(hidden_units), width, rows)
            return cls(sentence, [_Placed(AS_TRAINED, 0, top, chart)])
        trained = Chart.of(scene.of(hidden_units), each, rows)
        turned = Chart.of(scene.of(aligned_directions), each, rows, row_name="axis")
        placed = [
            _Placed(AS_TRAINED, 0, top, trained),
            _Placed(
                TURNED if each >= len(TURNED) else TURNED_IN_SHORT, each + CHARTS_APART, top, turned
            ),
        ]
        return cls(sentence, placed)


def _sentence(width: int, height: int) -> list[str]:
    """The longest explanation that takes no more than a quarter of the panel."""
    for text in NO_NEURONS:
        lines = textwrap.wrap(text, max(width, 1))
        if len(lines) <= max(1, height // 4):
            return lines
    return lines[:1]


def _draw_chart(chart: Chart, inks: InkArray, scene: Scene, palette: Palette) -> Cells:
    """The axis, the stacks, the indices of their features, and below them what each unit is."""
    cells = Cells.blank(chart.width, chart.height)
    cursor = scene.options.cursor
    selected = NOTHING if cursor is None else cursor.feature
    _write_axis(cells, chart)
    glyphs = glyphs_above(chart, palette)[::-1]
    _paint(cells, chart, 0, chart.above[::-1], glyphs, inks)
    _paint(cells, chart, chart.axis + 1, chart.below, glyphs_below(chart, palette), inks)
    if chart.has_labels:
        _write_labels(cells, chart, selected)
    else:
        _mark_parts(cells, chart, selected)
    _write_units(cells, chart)
    return cells


def _write_axis(cells: Cells, chart: Chart) -> None:
    """Write the zero line and the ticks of the scale."""
    y = chart.axis
    cells.write(AXIS_WIDTH - 1, y, "─" * (cells.width - AXIS_WIDTH + 1), Ink.FAINT)
    cells.write_right(AXIS_WIDTH - 1, y, "0", Ink.MUTED)
    if chart.unit <= 0:
        return
    step = round_up(max(ROWS_PER_TICK * chart.unit, LEAST_STEP))
    for sign, rows in ((1, len(chart.above)), (-1, len(chart.below))):
        for tick in range(1, int(rows * chart.unit / step + 1e-9) + 1):
            label = with_minus(f"{sign * tick * step:g}")
            away = round(tick * step / chart.unit)
            cells.write_right(AXIS_WIDTH - 1, y - sign * away, label, Ink.MUTED)


def _paint(
    cells: Cells,
    chart: Chart,
    top: int,
    features: IntArray,
    glyphs: np.ndarray[tuple[int, ...], np.dtype[np.str_]],
    inks: InkArray,
) -> None:
    """Paint rows of stacks into the chart, each stack ``bar`` columns wide."""
    rows = np.s_[top : top + len(features)]
    for offset in range(chart.bar):
        cells.glyphs[rows, chart.lefts + offset] = glyphs
        cells.inks[rows, chart.lefts + offset] = inks[features]


def _write_labels(cells: Cells, chart: Chart, selected: int) -> None:
    """Write each feature's index at the middle of its part of a stack."""
    for sign, features in ((1, chart.above), (-1, chart.below)):
        for stack in range(chart.shown):
            x = int(chart.lefts[stack]) + chart.bar
            for feature, start, end in _parts(features[:, stack]):
                away = 1 + (start + end - 1) // 2
                ink = Ink.ACCENT if feature == selected else Ink.MUTED
                cells.write(x, chart.axis - sign * away, str(feature), ink)


def _mark_parts(cells: Cells, chart: Chart, selected: int) -> None:
    """Mark each part of the selected feature; the part keeps its colour."""
    for sign, features in ((1, chart.above), (-1, chart.below)):
        for stack in range(chart.shown):
            for feature, start, end in _parts(features[:, stack]):
                if feature == selected:
                    y = chart.axis - sign * (1 + (start + end - 1) // 2)
                    cells.write_on(int(chart.lefts[stack]), y, SELECTED, Ink.ACCENT)


def _parts(stack: IntArray) -> Iterator[tuple[int, int, int]]:
    """The features of one stack, with the rows that each fills."""
    bounds = [0, *(np.flatnonzero(np.diff(stack)) + 1).tolist(), stack.size]
    for start, end in pairwise(bounds):
        if start < end and stack[start] != NOTHING:
            yield int(stack[start]), start, end


def _write_units(cells: Cells, chart: Chart) -> None:
    """Write below each stack its kind and its hidden unit, and in the last row the counts."""
    kinds = chart.neurons.kinds
    y = chart.axis + 1 + len(chart.below)
    if chart.height >= MIN_FOR_MARKS:
        for kind, left in zip(kinds, chart.lefts.tolist(), strict=False):
            cells.write(left + (chart.bar - 1) // 2, y, MARKS[kind], _kind_ink(kind))
    if chart.height >= MIN_FOR_UNITS:
        _write_unit_numbers(cells, chart, y + 1)
    if chart.height >= MIN_FOR_SUMMARY:
        cells.write(0, chart.height - 1, _summary(chart), Ink.MUTED)


def _write_unit_numbers(cells: Cells, chart: Chart, y: int) -> None:
    """Write all unit indices or, if they would touch, none."""
    if chart.pitch <= len(str(len(chart.neurons.units) - 1)):
        return
    cells.write(0, y, chart.row_name, Ink.FAINT)
    for unit, left in zip(chart.neurons.units.tolist(), chart.lefts.tolist(), strict=False):
        cells.write(left + (chart.bar - 1) // 2, y, str(unit), Ink.MUTED)


def _kind_ink(kind: NeuronKind) -> int:
    return {"monosemantic": Ink.TEXT, "polysemantic": Ink.MUTED}.get(kind, Ink.FAINT)


def _summary(chart: Chart) -> str:
    """Such as ``● 3 monosemantic · ◐ 2 polysemantic of 5``, shortened to fit."""
    neurons = chart.neurons
    counts = [
        (MARKS[kind], neurons.count(kind), kind)
        for kind in MARKS
        if neurons.count(kind) or kind in ("monosemantic", "polysemantic")
    ]
    total = len(neurons.kinds)
    ending = f" of {total}" + (f", {chart.shown} shown" if chart.shown < total else "")
    variants = [
        " · ".join(f"{mark} {count} {kind[:letters]}" for mark, count, kind in counts) + ending
        for letters in (None, 4)
    ]
    variants += [
        " ".join(f"{mark} {count}" for mark, count, _ in counts) + end
        for end in (ending, f" of {total}", "")
    ]
    return longest_within(chart.width, *variants)


def _title(scene: Scene) -> str:
    return "neurons" if has_privileged_basis(scene.model) else "hidden directions"


PANEL = Panel(
    name="neurons",
    title=_title,
    readings=(
        "stack: a neuron's input weights · part: a feature · ● one feature, ◐ several",
        "stack: a neuron's weights · ● one feature, ◐ several",
        "● one feature · ◐ several",
    ),
    draw=draw,
    numbers=numbers.units,
    pick=pick,
    read=read,
    story=(
        "An activation on the hidden layer makes its units neurons: each stack shows the features "
        "to which one of them responds. Dense data give monosemantic neurons, sparse data "
        "polysemantic ones (“Superposition in a Privileged Basis”, “Computing in Superposition”). "
        "Without that activation the hidden space can be rotated freely, and what a unit seems to "
        "represent rotates with it."
    ),
    colours=OF_FEATURES,
)
