"""The stages of learning: the plateaus of a loss, the falls between them, and when features settle.

The paper's "Superposition and Learning Dynamics" describes a run as a sequence of such stages.
"""

from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

import numpy as np

from superpos_core.analysis.evaluation import squared_error_sums
from superpos_core.arrays import FloatArray, IntArray
from superpos_core.geometry.components import geometry_of
from superpos_core.geometry.measures import REPRESENTED_NORM, feature_norms
from superpos_core.record.timeline import Timeline
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dataset import fresh_rows
from superpos_core.task.lanes import Lane

FRESH_ENTRIES, MIN_ROWS, MAX_ROWS = 1 << 17, 1 << 9, 1 << 13
"""Data for the loss over training: rows × features, and the minimum and maximum rows."""

STEEP = 0.25
"""Where the loss falls with this power of the steps or faster, there is no plateau."""

MIN_STAGE_FALL = 0.15
"""Minimum share of the loss that a fall removes."""

MIN_PLATEAU = 0.5
"""Minimum length of a plateau in units of ln(1 + step): the step grows by two thirds."""

ONE_LINE_COSINE = 0.85
"""Features of a set share a direction if the cosines between them are above this."""

COLLAPSED_NORM = 0.2
"""Below this norm the direction of a feature is due to chance."""

StageKind = Literal["start", "fall", "plateau", "end"]


@dataclass(frozen=True)
class Stage:
    """The moment that represents a stage, by index, and what the loss does there."""

    index: int
    kind: StageKind


def loss_over(config: ExperimentConfig, lane: Lane, timeline: Timeline, index: int) -> FloatArray:
    """The total loss of ``lane``, at ``index`` in its cohort, at every moment, shape (moments,).

    It is measured on rows that training never saw, the same at all moments: then only the model
    changes from moment to moment, and small falls show that batch noise would hide.
    """
    importance = config.importance_of(lane)
    rows = int(np.clip(FRESH_ENTRIES // config.features, MIN_ROWS, MAX_ROWS))
    x = fresh_rows(config, lane, lane.random("evaluation"), rows)
    errors = [
        squared_error_sums(lane, moment.parameters.take(index), x) for moment in timeline.moments
    ]
    with np.errstate(all="ignore"):
        losses: FloatArray = np.reshape(errors, (-1, config.features)) @ importance / rows
    return losses


def stages_of(steps: IntArray, losses: FloatArray, most: int = 5) -> tuple[Stage, ...]:
    """The moments that summarise a run: its start, alternating falls and plateaus, and its end.

    ``losses``, shape (moments,), belong to ascending ``steps``; a non-finite loss ends the run.
    A fall is represented by its halfway moment and a plateau by its middle, on logarithmic axes.
    If there are more than ``most`` stages, the smallest falls are dropped first, then the last
    plateaus. Empty without moments.
    """
    usable = np.isfinite(losses) & (losses > 0)
    end = len(losses) if usable.all() else int(np.argmin(usable))
    if end < 2:
        return tuple(Stage(index, "start") for index in range(end))
    times, heights = np.log1p(steps[:end]), np.log(losses[:end])
    falls = _falls(times, heights)
    weighed = [
        (float(heights[first] - heights[last]), Stage(_halfway(heights, first, last), "fall"))
        for first, last in falls
    ]
    for (_, before), (after, _) in pairwise(falls):
        middle = int(np.argmin(np.abs(times - (times[before] + times[after]) / 2)))
        weighed.append((np.inf, Stage(middle, "plateau")))
    ends = {0, end - 1}
    between = [pair for pair in weighed if pair[1].index not in ends]
    between.sort(key=lambda pair: -pair[0])
    chosen = [stage for _, stage in between[: max(most - 2, 0)]]
    stages = [Stage(0, "start"), *chosen, Stage(end - 1, "end")]
    return tuple(sorted(stages, key=lambda stage: stage.index))


def shape_in_words(encoder: FloatArray, set_size: int = 1) -> str:
    """A description of what the features of ``encoder``, shape (n, m), form at a stage.

    With sets of ``set_size`` neighbours that are active together, a direction shared by a whole set
    is the principal component of its data. Leftover features form one more, smaller set.
    """
    geometry = geometry_of(encoder).text
    has_none = bool((feature_norms(encoder) <= REPRESENTED_NORM).all())
    if set_size > 1 and _sets_are_collapsed(encoder, set_size):
        return "each set grows in one direction" if has_none else "one principal component per set"
    if has_none:
        return "no feature represented"
    if encoder.shape[1] == 3 and geometry == "3 digons":
        return "an octahedron: 3 digons"
    return geometry


def settling_steps(steps: IntArray, values: FloatArray) -> FloatArray:
    """The step from which each feature's value stays above half its final value, shape (n,).

    ``values`` has shape (moments, n). NaN for a feature whose final value is 0 or not finite.
    """
    settled = np.full(values.shape[1], np.nan)
    if not len(values):
        return settled
    with np.errstate(all="ignore"):
        below = ~(values > values[-1] / 2)
    first = np.where(below.any(axis=0), len(values) - np.argmax(below[::-1], axis=0), 0)
    rising = np.isfinite(values[-1]) & (values[-1] > 0)
    settled[rising] = steps[first[rising]]
    return settled


def _falls(times: FloatArray, heights: FloatArray) -> list[tuple[int, int]]:
    """The first and last index of each fall; between two falls lies a plateau."""
    slopes = -np.diff(heights) / np.diff(times)
    steep = [
        (indices[0], indices[-1] + 1)
        for is_steep, members in groupby(range(len(slopes)), key=lambda at: slopes[at] >= STEEP)
        if is_steep and (indices := list(members))
    ]
    falls: list[tuple[int, int]] = []
    for first, last in steep:
        if falls and times[first] - times[falls[-1][1]] < MIN_PLATEAU:
            first = falls.pop()[0]
        falls.append((first, last))
    least = -np.log1p(-MIN_STAGE_FALL)
    return [(first, last) for first, last in falls if heights[first] - heights[last] >= least]


def _halfway(heights: FloatArray, first: int, last: int) -> int:
    """The index between ``first`` and ``last`` at which half of the fall has happened."""
    middle = (heights[first] + heights[last]) / 2
    return first + int(np.argmin(np.abs(heights[first : last + 1] - middle)))


def _sets_are_collapsed(encoder: FloatArray, set_size: int) -> bool:
    """Whether the members of every set share one direction."""
    weights = encoder.astype(np.float64)
    norms = feature_norms(weights)
    if not np.isfinite(norms).all() or norms.min() < COLLAPSED_NORM:
        return False
    directions = weights / norms[:, None]
    sets = [directions[first : first + set_size] for first in range(0, len(weights), set_size)]
    return all(bool(np.all(members @ members.T > ONE_LINE_COSINE)) for members in sets)
