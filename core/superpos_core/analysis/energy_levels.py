"""Jumps between energy levels: feature dimensionality changes while the loss falls a level.

The paper's "Superposition and Learning Dynamics": between jumps D_i and the loss stay on plateaus.
"""

from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.stages import loss_over
from superpos_core.arrays import FloatArray, IntArray
from superpos_core.geometry.measures import REPRESENTED_NORM, feature_dimensionality, feature_norms
from superpos_core.record.lanes import Cohort
from superpos_core.record.timeline import feature_vectors_over
from superpos_core.task.config import ExperimentConfig

LEVELS_FROM = 500
"""Before this step the features are still growing; levels come later."""
MIN_JUMP_FALL = 0.004
"""Minimum share of the loss that a jump takes."""
MAX_SLOPE = 1 / 3
"""Maximum slope of the plateaus beside a jump, as a share of its fall."""
MIN_MOVE = 0.05
"""Minimum change of a represented feature's D_i in a jump."""
FALL_MOMENTS, PLATEAU_MOMENTS = 4, 4
"""Kept moments, 24 per decade of steps, in a fall and in the plateau on either side."""


@dataclass(frozen=True)
class Jump:
    """A fall of the loss between two plateaus during which features change their D_i.

    ``before`` and ``after`` are the steps where the fall starts and ends, and ``fall`` is the share
    of the loss that it removes. ``changes``, shape (features, 2), holds D_i at both steps for the
    features that are represented at both and change.
    """

    before: int
    after: int
    fall: float
    changes: FloatArray


def jumps_of_lane(cohort: Cohort, config: ExperimentConfig, lane: int) -> tuple[Jump, ...]:
    """The jumps of one lane, in order.

    The loss is measured on the same fresh rows at every moment: a fall of half a percent would be
    lost in batch noise.
    """
    timeline = cohort.timeline
    losses = loss_over(config, cohort.lanes[lane], timeline, lane)
    return jumps(timeline.steps, losses, feature_vectors_over(timeline, cohort.model, lane))


def jumps(steps: IntArray, losses: FloatArray, vectors: FloatArray) -> tuple[Jump, ...]:
    """The jumps of one run with these losses, (moments,), and feature vectors, (moments, n, m).

    Among moments within the same fall, the one with the largest fall represents it. Empty if any
    loss is not finite.
    """
    if not np.isfinite(losses).all() or np.any(losses <= 0):
        return ()
    logs = np.log(losses)
    half, reach = FALL_MOMENTS // 2, FALL_MOMENTS // 2 + 1 + PLATEAU_MOMENTS
    found: list[tuple[int, Jump]] = []
    for moment in range(reach, len(logs) - reach):
        before, after = moment - half, moment + half
        fall = float(logs[before] - logs[after])
        slopes = (
            logs[before - 1 - PLATEAU_MOMENTS] - logs[before - 1],
            logs[after + 1] - logs[after + 1 + PLATEAU_MOMENTS],
        )
        is_between_plateaus = max(abs(slope) for slope in slopes) < MAX_SLOPE * fall
        if steps[moment] < LEVELS_FROM or fall < MIN_JUMP_FALL or not is_between_plateaus:
            continue
        changes = _changes(vectors[before], vectors[after])
        if len(changes):
            share = float(-np.expm1(-fall))
            found.append((moment, Jump(int(steps[before]), int(steps[after]), share, changes)))
    return _one_per_fall(found)


def _changes(before: FloatArray, after: FloatArray) -> FloatArray:
    """D_i before and after, for features that are represented in both and change."""
    kept = (feature_norms(before) > REPRESENTED_NORM) & (feature_norms(after) > REPRESENTED_NORM)
    both = np.stack([feature_dimensionality(before), feature_dimensionality(after)], axis=1)
    changing = kept & (np.abs(both[:, 1] - both[:, 0]) > MIN_MOVE)
    changes: FloatArray = both[changing]
    return changes


def _one_per_fall(found: list[tuple[int, Jump]]) -> tuple[Jump, ...]:
    """Consecutive moments belong to the same fall."""
    falls: list[list[Jump]] = []
    last = -np.inf
    for moment, jump in found:
        if moment > last + 1:
            falls.append([])
        falls[-1].append(jump)
        last = moment
    return tuple(max(fall, key=lambda jump: jump.fall) for fall in falls)
