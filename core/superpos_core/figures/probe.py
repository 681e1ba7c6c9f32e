"""One input followed through one lane: the input, the pre-activations and the output."""

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from superpos_core.analysis.probe import Probe, probe
from superpos_core.arrays import BoolArray, FloatArray, IntArray
from superpos_core.figures.tools import marks, notes, style
from superpos_core.figures.tools import page as pages
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.models import Model, model_named, target_of
from superpos_core.ticks import with_minus

GAP = 0.25
BAR_PITCH = 0.115
MIN_HEIGHT, MAX_HEIGHT = 0.7, 6.5
BAR_SHARE = 0.76
ROOM = 1.35
"""Length of the axes relative to the longest bar, leaving room for the number at its end."""
MIN_LIMIT = 1.35
MAX_LIMIT = 10.0
"""Longer bars, from diverged weights, are cut: they would make the others invisible."""
MAX_NUMBERED = 40
MIN_NUMBERED = 0.1
"""Smaller values have no number beside their bar."""
MAX_NAMED = 6
POSITIVE, NEGATIVE = style.POSITIVE, style.NEGATIVE
HELD_FACE = "#fbe3d8"
HELD_HATCH = "\\" * 6
"""Slanted the other way than the hatching of non-finite values."""


def draw_probe(record: LanesRecord, model: str, lane_index: int, x: FloatArray) -> Figure:
    """Follow ``x``, shape (n,), through one lane: one bar per feature at each stage.

    The stages are x, the pre-activation h·W₂ + b, hatched where it is negative and an output
    activation follows, and the output x̂ with ticks at the target. Raises ``KeyError`` for a model
    missing from the record, ``IndexError`` for an unknown lane, and ``InvalidValue`` for an ``x``
    that is not one row.
    """
    cohort = record.cohorts[model]
    lane, known = cohort.lanes[lane_index], model_named(model)
    importance = record.config.importance_of(lane)
    probed = probe(known, cohort.parameters.take(lane_index), x, importance)
    with style.house_style():
        return _compose(record, known, lane_index, probed)


@dataclass(frozen=True)
class _Stage:
    """A column of bars: its name, one value per feature, and which of them are hatched."""

    name: str
    values: FloatArray
    is_held: BoolArray
    has_negatives: bool

    @property
    def sides(self) -> int:
        """The number of sides of zero on which there can be bars."""
        return 2 if self.has_negatives else 1


def _compose(record: LanesRecord, model: Model, lane_index: int, probed: Probe) -> Figure:
    features = probed.x.size
    stages = _stages(model, probed)
    height = float(np.clip(BAR_PITCH * features, MIN_HEIGHT, MAX_HEIGHT))
    header = pages.Header(
        notes.model_title("One input followed", model.name),
        _reading(model, probed) + marks.not_finite_note([probed.pre_activation]),
    )
    body = pages.LANE_TITLE + height + pages.COLUMN_LABELS
    page = pages.new_page(record, header, pages.TEXT_WIDTH, body, scales=0)
    left = pages.MARGIN + pages.ROW_LABELS
    width = page.width - left - pages.MARGIN
    block = pages.Block(left, header.height(page.width) + pages.LANE_TITLE, is_first_in_row=True)
    pages.lane_title(page, block, width, record.cohorts[model.name].lanes[lane_index])
    limit = _common_limit(stages)
    unit = (width - GAP * (len(stages) - 1)) / sum(stage.sides for stage in stages)
    for stage in stages:
        axes = page.axes(left, block.top, unit * stage.sides, height)
        _draw_stage(axes, stage, limit)
        pages.column_title(page, left + unit * stage.sides / 2, block.top, stage.name)
        if stage is stages[0]:
            _number_features(axes, features)
        if stage is stages[-1]:
            _draw_targets(axes, target_of(model, probed.x))
        left += unit * stage.sides + GAP
    return page.figure


def _stages(model: Model, probed: Probe) -> tuple[_Stage, ...]:
    nothing = np.zeros(probed.x.size, dtype=bool)
    return (
        _Stage("x", probed.x, nothing, bool(np.any(probed.x < 0))),
        _Stage(model.pre_activation, probed.pre_activation, probed.is_held, True),
        _Stage("x̂", probed.output, nothing, model.output.has_negative_values),
    )


def _reading(model: Model, probed: Probe) -> str:
    cut = (
        "The output has no activation: nothing is cut off. "
        if model.output_activation == "identity"
        else f"Hatched: what {model.output.with_negatives()}. "
    )
    return (
        f"{_what_is_on(np.flatnonzero(probed.x))} The input x, the value of each output "
        f"before the activation, and the output x̂. {cut}Black ticks: the target."
    )


def _what_is_on(on: IntArray) -> str:
    if not on.size:
        return "No feature is on."
    if on.size == 1:
        return f"Feature {on[0]} is on."
    named = [str(feature) for feature in on[: min(MAX_NAMED, on.size - 1)]]
    rest = on.size - len(named)
    last = str(on[-1]) if rest == 1 else f"{rest} more"
    return f"Features {', '.join(named)} and {last} are on."


def _common_limit(stages: Sequence[_Stage]) -> float:
    """The common end of all axes, so that lengths are comparable between stages."""
    values = np.abs(np.concatenate([stage.values for stage in stages]))
    largest = float(values[np.isfinite(values)].max(initial=0))
    return float(np.clip(ROOM * largest, MIN_LIMIT, MAX_LIMIT))


def _draw_stage(axes: Axes, stage: _Stage, limit: float) -> None:
    low = -limit if stage.has_negatives else 0.0
    features = stage.values.size
    usable = np.isfinite(stage.values)
    values = np.clip(np.where(usable, stage.values, 0), low, limit)
    whole = ~stage.is_held
    _add_bars(axes, values, usable & whole & (values > 0), POSITIVE)
    _add_bars(axes, values, usable & whole & (values < 0), NEGATIVE)
    _add_bars(axes, values, usable & stage.is_held, HELD_FACE, is_held=True)
    for index in np.flatnonzero(~usable):
        marks.add_hatching(axes, (low, index - BAR_SHARE / 2), limit - low, BAR_SHARE)
    axes.set(xlim=(low, limit), ylim=(features - 0.5, -0.5))
    if features <= MAX_NUMBERED:
        _number_bars(axes, values, usable, low)
    axes.spines[["top", "right", "bottom", "left"]].set_visible(False)
    axes.axvline(0, color=style.INK, linewidth=0.5)
    ticks = [-1.0, 0.0, 1.0] if stage.has_negatives else [0.0, 1.0]
    axes.set_xticks(ticks, [with_minus(f"{tick:.0f}") for tick in ticks])
    axes.grid(axis="x", color=style.RULE, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.set_yticks([])


def _add_bars(
    axes: Axes, values: FloatArray, which: BoolArray, colour: str, *, is_held: bool = False
) -> None:
    """Draw all bars in one collection: thousands of single patches would take seconds."""
    half = BAR_SHARE / 2 if values.size <= 100 else 0.5
    bars = [
        [(0, index - half), (values[index], index - half),
         (values[index], index + half), (0, index + half)]
        for index in np.flatnonzero(which)
    ]  # fmt: skip
    hatch = HELD_HATCH if is_held else None
    # From matplotlib 3.11 on, hatching takes its colour from the settings, not from the edge.
    with mpl.rc_context({"hatch.color": NEGATIVE}):
        collection = PolyCollection(
            bars, facecolors=colour, edgecolors=NEGATIVE, linewidths=0, hatch=hatch
        )
    axes.add_collection(collection, autolim=False)


def _number_bars(axes: Axes, values: FloatArray, usable: BoolArray, low: float) -> None:
    """Write each value that is large enough at the end of its bar."""
    for index in np.flatnonzero(usable & (np.abs(values) >= MIN_NUMBERED)):
        value = float(values[index])
        axes.annotate(
            with_minus(f"{value:.2f}"),
            (value, float(index)),
            xytext=(-2 if value < 0 else 2, 0),
            textcoords="offset points",
            ha="right" if value < 0 else "left",
            va="center_baseline",
            fontsize=style.SMALL_SIZE - 1,
            color=style.QUIET,
        )


def _draw_targets(axes: Axes, target: FloatArray) -> None:
    wanted = np.flatnonzero(target)
    axes.vlines(target[wanted], wanted - 0.5, wanted + 0.5, color=style.INK, linewidth=1.2)


def _number_features(axes: Axes, features: int) -> None:
    if features <= MAX_NUMBERED:
        axes.set_yticks(range(features), [str(feature) for feature in range(features)])
    else:
        marks.feature_ticks(axes, features)
    axes.set_ylabel("feature i", labelpad=1)
