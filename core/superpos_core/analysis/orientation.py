"""The orientation in which a lane is shown while it trains: its picture turns and never jumps.

``picture_axes`` puts every picture upright, which is right for print. But while training it is
another feature now and then that defines an axis, and then all features would change places at
once. Here the axes are those of weights at a mark, so that between two marks features move only as
training moves them; after a mark the picture turns until it is upright again.
"""

import math

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.geometry.feature_vectors import feature_vectors
from superpos_core.geometry.hidden_space import picture_axes
from superpos_core.record.lanes import Cohort
from superpos_core.record.steady_order import MARKS
from superpos_core.record.timeline import Timeline
from superpos_core.task.parameters import Parameters

GLIDE = 2
"""The picture turns from a mark up to this many times its step."""
NO_PLANE = 1e-6
"""The sine of an angle that is no rotation, but nothing or a mirroring."""


def steady_axes(cohort: Cohort, lane: int, step: int, *, is_trained: bool) -> FloatArray:
    """The matrix from a lane's hidden space to its picture at ``step``, shape as ``picture_axes``.

    For up to three hidden dimensions. Once the lane ``is_trained``, the newest weights are upright,
    and all moments have the same axes. NaN where the weights at a mark are not finite.
    """
    newest = _upright(cohort, lane, cohort.parameters)
    if not cohort.timeline.moments or (is_trained and np.isfinite(newest).all()):
        return newest
    reached = [0, *(mark for mark in MARKS if mark <= step)]
    new = _upright(cohort, lane, _kept_at(reached[-1], cohort.timeline))
    if len(reached) == 1:
        return new
    old = _upright(cohort, lane, _kept_at(reached[-2], cohort.timeline))
    share = min(math.log(step / reached[-1]) / math.log(GLIDE), 1)
    return part_of_turn(new @ old.T, share * share * (3 - 2 * share)) @ old


def part_of_turn(turn: FloatArray, share: float) -> FloatArray:
    """A share, from 0 to 1, of the way from the identity to an orthogonal matrix, shape (d, d).

    A rotation is by this share of its angle. What is mirrored turns over, as a card does, seen from
    the front: halfway it is a line.
    """
    if share >= 1 or not np.isfinite(turn).all():
        return turn
    # On an eigenspace of the symmetric part, cos θ, the turn is cos θ plus the antisymmetric part.
    cosines, planes = np.linalg.eigh((turn + turn.T) / 2)
    angles = np.arccos(np.clip(cosines, -1, 1))
    in_planes = np.sin(angles) > NO_PLANE
    sines = np.sin(share * angles) / np.where(in_planes, np.sin(angles), 1) * in_planes
    across = (turn - turn.T) / 2 @ (planes * sines)
    part: FloatArray = (planes * np.cos(share * angles) + across) @ planes.T
    return part


def _kept_at(mark: int, timeline: Timeline) -> Parameters:
    """The last weights kept up to a mark, which stay the same while training goes on."""
    earlier = timeline.up_to(mark).moments or timeline.moments[:1]
    return next((each for each in reversed(earlier) if each.is_there), earlier[0]).parameters


def _upright(cohort: Cohort, lane: int, parameters: Parameters) -> FloatArray:
    return picture_axes(feature_vectors(cohort.model, parameters.take(lane)))
