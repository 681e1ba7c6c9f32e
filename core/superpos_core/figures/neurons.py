"""What each neuron represents: a stack of its weights, as in the paper's privileged-basis plots."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from superpos_core.analysis.neurons import (
    NeuronKind,
    Neurons,
    has_privileged_basis,
    neurons_of_lane,
)
from superpos_core.arrays import FloatArray
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.geometry import measures
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import model_named
from superpos_core.ticks import with_minus

GAP = 0.24
HEIGHT, LOW_HEIGHT = 1.7, 1.05
"""Height in inches: with ``MANY_ROWS`` rows or more, stacks are lower so that all can be seen."""
MANY_ROWS = 3
MAX_WIDTH = 2.4
NEURON_PITCH, MIN_PITCH = 0.1, 0.075
"""Preferred width of a neuron in inches, and the minimum if not all settings would fit otherwise;
fewer settings share a row to provide it."""
MAX_NEURONS = 200
"""Maximum number of neurons drawn: the first ones."""
MANY_FEATURES = 200
MIN_HEIGHT = 0.01
"""Minimum height in inches: in stacks of many features, lower rectangles are merged."""
BAR_SHARE = 0.82
MIN_LIMIT = 1.0
MAX_LIMIT = 100.0
"""Higher stacks, from diverged weights, are cut: they would make the others invisible."""
SQUASHED = 0.12
"""With stacks lower than this share of the common scale, each setting has its own scale."""
MIN_NUMBERED = 0.09
"""Minimum height in inches of a rectangle with its feature's number."""
EDGE = 0.4
"""White border of a rectangle in points; none if it is lower than ``MIN_EDGED`` inches."""
MIN_EDGED = 0.02
MIN_MARKED_PITCH = 0.06
NUMBER_SIZE = 4.5
MIN_LUMINANCE = 0.45
"""On rectangles darker than this, numbers are white."""
MARKS: dict[NeuronKind, str] = {
    "monosemantic": "●",
    "polysemantic": "◐",
    "dead": "○",
    "unknown": "?",
}


@dataclass(frozen=True)
class Rectangle:
    """One weight in a stack: the neuron's position, the feature, and the vertical range."""

    position: float
    feature: int
    low: float
    high: float


def applies(record: LanesRecord, model: str) -> bool:
    """Whether the model has a privileged basis, and so neurons."""
    return has_privileged_basis(model_named(model))


def draw(record: LanesRecord, model: str) -> Figure:
    """One column per neuron for every setting, from the restart with the lowest loss."""
    config, cohort = record.config, record.cohorts[model]
    (width, height), shown = _size_and_settings(config)
    lanes = [cohort.lane_at(setting) for setting in shown]
    neurons = [
        neurons_of_lane(config, cohort.lanes[lane], cohort.parameters.take(lane)).first(MAX_NEURONS)
        for lane in lanes
    ]
    limits, own_scales = _limits(neurons)
    reading = _reading(record, model, neurons, own_scales=own_scales)
    header = pages.Header(notes.model_title("Neurons", model), reading)
    page, blocks = pages.lane_page(record, header, (width, height), GAP, count=len(shown))
    for lane, stacks, ends, block in zip(lanes, neurons, limits, blocks, strict=True):
        pages.lane_title(page, block, width, cohort.lanes[lane])
        pages.column_title(page, block.left + width / 2, block.top, _count(stacks))
        axes = page.axes(block.left, block.top, width, height)
        _draw_stacks(axes, stacks, _superposition(cohort, lane), ends, (width, height))
        _label(axes, stacks, ends, width, is_named=own_scales or block.is_first_in_row)
        if block.is_first_in_row:
            axes.set_ylabel("weights", labelpad=1)
    marks.superposition_scale_bar(page)
    return page.figure


def _reading(record: LanesRecord, model: str, neurons: list[Neurons], *, own_scales: bool) -> str:
    tied, hidden = model_named(model).tied, record.config.hidden
    kinds = {kind for stacks in neurons for kind in stacks.kinds}
    return (
        "One column per neuron, one rectangle per weight, negative ones below the axis. ● one "
        "feature, ◐ several"
        + (", ○ none" if "dead" in kinds else "")
        + "."
        + ("" if tied else " Each neuron is rescaled to a largest weight of 1.")
        + (" Each panel has its own scale." if own_scales else "")
        + notes.importance_note(record)
        + notes.best_note(record.config)
        + notes.some_note(len(neurons), len(record.config.settings))
        + notes.some_note(min(hidden, MAX_NEURONS), hidden, "neurons")
        + marks.not_finite_note([stacks.weights for stacks in neurons])
    )


def _size_and_settings(config: ExperimentConfig) -> tuple[tuple[float, float], list[int]]:
    """The width and height of a setting's stacks, and the settings to draw.

    As wide as a row of all settings allows, and wide enough to show all neurons.
    """
    settings, alone = len(config.settings), pages.widest_block(1, GAP)
    in_a_row_of_all = min(MAX_WIDTH, pages.widest_block(settings, GAP))
    for pitch in (NEURON_PITCH, MIN_PITCH):
        needed = pitch * min(config.hidden, MAX_NEURONS)
        width = min(max(in_a_row_of_all, needed), alone)
        rows = math.ceil(settings / pages.columns_that_fit(settings, width, GAP))
        size = width, LOW_HEIGHT if rows >= MANY_ROWS else HEIGHT
        shown = pages.settings_that_fit(config, size, GAP)
        if len(shown) == settings:
            break
    return size, shown


def _limits(neurons: list[Neurons]) -> tuple[list[tuple[float, float]], bool]:
    """The limits of each setting, common or, if some would be squashed, its own; whether own."""
    low, high = common_limits(np.concatenate([stacks.weights for stacks in neurons]))
    own = [common_limits(stacks.weights) for stacks in neurons]
    if any(above - below < SQUASHED * (high - low) for below, above in own):
        return own, True
    return [(low, high)] * len(own), False


def _superposition(cohort: Cohort, lane: int) -> FloatArray:
    return measures.superposition(cohort.vectors_of(lane).astype(np.float64))


def common_limits(weights: FloatArray) -> tuple[float, float]:
    """The common limits of all stacks below and above zero, so that heights are comparable.

    ``weights`` has shape (stacks, n). Higher stacks than ``MAX_LIMIT`` are cut.
    """
    stacks = _finite(weights)
    with np.errstate(all="ignore"):
        above = float(np.maximum(stacks, 0).sum(axis=1).max())
        below = float(np.maximum(-stacks, 0).sum(axis=1).max())
    return (
        -float(np.clip(1.04 * below, 0, MAX_LIMIT)),
        float(np.clip(1.04 * above, MIN_LIMIT, MAX_LIMIT)),
    )


def _finite(weights: FloatArray) -> FloatArray:
    """The weights, with 0 for all of a neuron that has a non-finite weight: it has no stack."""
    return np.where(np.isfinite(weights).all(axis=1, keepdims=True), weights, 0)


def _draw_stacks(
    axes: Axes,
    neurons: Neurons,
    shared: FloatArray,
    limits: tuple[float, float],
    size: tuple[float, float],
) -> None:
    """All stacks of a setting, coloured by superposition; ``size`` is (width, height) in inches."""
    (width, height), (low, high) = size, limits
    unit = height / (high - low)
    is_crowded = neurons.weights.shape[1] > MANY_FEATURES
    rectangles = list(stacked(neurons.weights, limits, MIN_HEIGHT / unit if is_crowded else 0))
    colours = style.superposition_colours(shared[[each.feature for each in rectangles]])
    draw_rectangles(axes, rectangles, colours, unit)
    for index in np.flatnonzero(~np.isfinite(neurons.weights).all(axis=1)):
        marks.add_hatching(axes, (index - BAR_SHARE / 2, low), BAR_SHARE, high - low)
    axes.axhline(0, color=style.INK, linewidth=0.5)
    axes.set(xlim=(-0.6, len(neurons.weights) - 0.4), ylim=limits)
    pitch = width / len(neurons.weights)
    if pitch >= MIN_PITCH:
        font = NUMBER_SIZE * min(pitch / NEURON_PITCH, 1)
        number_rectangles(axes, rectangles, colours, unit, font)


def draw_rectangles(
    axes: Axes, rectangles: Sequence[Rectangle], colours: FloatArray, unit: float
) -> None:
    """Draw all in one collection; white edges separate those that are high enough.

    ``colours`` has shape (rectangles, 4); ``unit`` is the height in inches of a weight of 1.
    """
    half = BAR_SHARE / 2
    corners = [
        [(each.position - half, each.low), (each.position + half, each.low),
         (each.position + half, each.high), (each.position - half, each.high)]
        for each in rectangles
    ]  # fmt: skip
    edges = [EDGE if (each.high - each.low) * unit > MIN_EDGED else 0.0 for each in rectangles]
    axes.add_collection(
        PolyCollection(corners, facecolors=colours, edgecolors="white", linewidths=edges),
        autolim=False,
    )


def stacked(
    weights: FloatArray, limits: tuple[float, float], least: float = 0.0
) -> Iterator[Rectangle]:
    """The weights of each neuron, stacked from zero by feature number, cut at the limits.

    Neighbours are merged until they are ``least`` high, and numbered after the highest of them.
    """
    for index, stack in enumerate(_finite(weights)):
        for sign, limit in ((1, limits[1]), (-1, -limits[0])):
            parts = np.maximum(sign * stack, 0)
            ends = np.minimum(np.cumsum(parts), limit)
            starts = np.concatenate([[0.0], ends[:-1]])
            joined = list[int]()
            features = np.flatnonzero(ends > starts).tolist()
            for feature in features:
                joined.append(feature)
                low, high = float(starts[joined[0]]), float(ends[feature])
                if high - low >= least or feature == features[-1]:
                    highest = max(joined, key=lambda each: ends[each] - starts[each])
                    yield Rectangle(index, highest, *sorted((sign * low, sign * high)))
                    joined.clear()


def number_rectangles(
    axes: Axes,
    rectangles: Sequence[Rectangle],
    colours: FloatArray,
    unit: float,
    size: float = NUMBER_SIZE,
) -> None:
    """Write each rectangle's feature number where it fits."""
    luminance = colours[:, :3] @ [0.2126, 0.7152, 0.0722]
    for each, light in zip(rectangles, luminance, strict=True):
        if (each.high - each.low) * unit >= MIN_NUMBERED:
            axes.text(
                each.position,
                (each.low + each.high) / 2,
                str(each.feature),
                ha="center",
                va="center_baseline",
                fontsize=size,
                color="white" if light < MIN_LUMINANCE else style.INK,
            )


def _label(
    axes: Axes, neurons: Neurons, limits: tuple[float, float], width: float, *, is_named: bool
) -> None:
    """Ticks at whole numbers, and below each stack the mark of its kind."""
    weight_ticks(axes, limits, is_named=is_named)
    axes.set_xticks([])
    if width / len(neurons.kinds) >= MIN_MARKED_PITCH:
        axes.set_xticks(range(len(neurons.kinds)), [MARKS[kind] for kind in neurons.kinds])


def weight_ticks(axes: Axes, limits: tuple[float, float], *, is_named: bool = True) -> None:
    """Lines at whole numbers, with or without labels, and no frame."""
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    step = next(
        step * 10.0**power
        for power in range(3)
        for step in (1, 2, 5)
        if (limits[1] - limits[0]) / (step * 10.0**power) <= 6
    )
    ticks = step * np.arange(np.ceil(limits[0] / step), np.floor(limits[1] / step) + 1)
    names = [with_minus(f"{tick:.0f}".replace("-0", "0")) for tick in ticks]
    axes.set_yticks(ticks, names if is_named else [""] * len(names))
    axes.grid(axis="y", color=style.RULE, linewidth=0.4)
    axes.set_axisbelow(True)


def _count(neurons: Neurons) -> str:
    """A count such as ``3 mono · 2 poly``."""
    named: tuple[tuple[NeuronKind, str], ...] = (
        ("monosemantic", "mono"),
        ("polysemantic", "poly"),
        ("dead", "dead"),
        ("unknown", "unknown"),
    )
    return " · ".join(
        f"{neurons.count(kind)} {name}"
        for kind, name in named
        if neurons.count(kind) or name in ("mono", "poly")
    )
