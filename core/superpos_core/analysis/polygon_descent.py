"""How training on 1-sparse data descends from polygon to polygon (Chen et al. 2023).

On the way there are plateaus: the loss stays at a closed-form level while the features form the
polygon with this level.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.geometry.measures import REPRESENTED_NORM, feature_norms, gram
from superpos_core.record.timeline import Timeline
from superpos_core.theory import PolygonLevel, best_polygon, level_of, levels_near, one_sparse_loss

MIN_GROWTH = 1.5
"""Minimum growth factor of the step during a plateau.

There are 24 kept moments per decade, and a fall between levels takes two to four of them.
"""
STEEPER = 3.0
"""Minimum ratio of the loss's slope per ln(step) around a plateau to the slope within it.

A loss that passes a level at a constant pace is near it for a while, but has no plateau there.
"""

POLYGON_RADIUS_TOLERANCE = 0.1
"""Relative tolerance for the radii of a trained polygon's corners."""
POLYGON_ANGLE_TOLERANCE = 0.2
"""Relative tolerance for the angles between neighbouring corners.

Trained squares on a plateau deviate by up to 0.18: one side opens where a fifth corner is about to
appear.
"""
MAX_FREE_CORNERS = 3
"""Maximum number of corners that need not be regular if they are at least 90° apart.

All their dot products are then at most 0 and cut off by the ReLU: nothing is lost, regular or not.
"""
SAME_CORNER = 0.9
"""Features share a corner if the cosine between them is above this."""


@dataclass(frozen=True)
class Plateau:
    """A stretch of training at one level: the indices of its first and last moment."""

    level: PolygonLevel
    first: int
    last: int

    @property
    def middle(self) -> int:
        """The index of the middle moment."""
        return (self.first + self.last) // 2


def exact_losses_over(timeline: Timeline) -> FloatArray:
    """The exact total loss of every lane with a ReLU output at each moment, (moments, lanes).

    Shape (0, 0) if there are no moments.
    """
    moments = [moment.parameters for moment in timeline.moments]
    if not moments:
        return np.empty((0, 0))
    return np.stack([one_sparse_loss(gram(each), each.bias) for each in moments])


def polygon_plateaus(timeline: Timeline, losses: FloatArray, lane: int) -> tuple[Plateau, ...]:
    """The plateaus of one lane: closed-form levels held while its features form the polygon.

    ``losses`` come from ``exact_losses_over``. A loss at a level by chance, while the features form
    something else, is not a plateau.
    """
    if not timeline.moments:
        return ()
    features = timeline.moments[0].parameters.bias.shape[-1]
    found = []
    for plateau in plateaus(timeline.steps, losses[:, lane], features):
        encoder = timeline.moments[plateau.middle].parameters.take(lane).encoder
        level = polygon_level(encoder, float(losses[plateau.middle, lane]))
        if level is not None:
            found.append(replace(plateau, level=level))
    return tuple(found)


def polygon_level(encoder: FloatArray, loss: float) -> PolygonLevel | None:
    """The level of the polygon that ``encoder``, (n, 2), forms at a total ``loss``.

    ``None`` between levels, and if the features do not form a polygon with this level. With eight
    features, levels of different polygons are too close to distinguish by the loss alone.
    """
    near = levels_near(loss, len(encoder))
    return next((level for level in near if is_polygon(encoder, level.corners)), None)


def corner_sequence(plateaus_of_lane: Sequence[Plateau]) -> tuple[int, ...]:
    """The number of corners at each plateau, without repeats: (2, 4, 5) for 2⁺, 2²⁺, 4, 5."""
    return tuple(corners for corners, _ in groupby(each.level.corners for each in plateaus_of_lane))


def plateaus(
    steps: IntArray, losses: Sequence[float] | FloatArray, features: int
) -> tuple[Plateau, ...]:
    """The plateaus in the total losses of one run, at ascending ``steps``, in order.

    On a plateau the step grows by at least ``MIN_GROWTH``, and the loss is ``STEEPER`` on both
    sides, except after the last one. A level at the very start does not count.
    """
    values = np.asarray(losses, dtype=np.float64)
    levels = [level_of(float(loss), features) for loss in values]
    times = np.log(np.maximum(steps, 1))
    with np.errstate(all="ignore"):
        slopes = np.abs(np.diff(values)) / np.diff(times)
    found: list[Plateau] = []
    for level, members in groupby(range(len(levels)), key=lambda index: levels[index]):
        indices = list(members)
        first, last = indices[0], indices[-1]
        if level is None or first == 0 or steps[last] < MIN_GROWTH * steps[first]:
            continue
        within = abs(values[last] - values[first]) / (times[last] - times[first])
        since = found[-1].last if found else 0
        has_fallen = _is_steeper(slopes[since:first], within)
        if has_fallen and (last + 1 == len(levels) or _is_steeper(slopes[last:], within)):
            found.append(Plateau(level, first, last))
    return tuple(found)


def _is_steeper(slopes: FloatArray, within: float) -> bool:
    """Whether any of these slopes is steeper than a plateau's slope ``within``."""
    known = slopes[np.isfinite(slopes)]
    return bool(np.any(known > STEEPER * within))


def is_polygon(encoder: FloatArray, corners: int) -> bool:
    """Whether the represented features of ``encoder``, shape (n, 2), form the best polygon.

    This is the regular one; with two or three corners, any polygon with corners at least 90° apart
    is as good. Features that point the same way share a corner, and their squared norms add up: x̂
    is then right for their sum. This is not a level of its own, but training has plateaus near it.
    Raises ``InvalidValue`` for fewer than two corners.
    """
    weights = encoder.astype(np.float64)
    norms = feature_norms(weights)
    if not np.isfinite(norms).all():
        return False
    found = _corners(weights[norms > REPRESENTED_NORM])
    best = best_polygon(corners)
    if len(found) != corners:
        return False
    radii = np.linalg.norm(found, axis=1)
    angles = np.sort(np.arctan2(found[:, 1], found[:, 0]))
    between = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    regular = 2 * np.pi / corners
    is_free = corners <= MAX_FREE_CORNERS
    least = (1 - POLYGON_ANGLE_TOLERANCE) * (np.pi / 2 if is_free else regular)
    most = np.inf if is_free else (1 + POLYGON_ANGLE_TOLERANCE) * regular
    has_radius = np.abs(radii - best.radius) <= POLYGON_RADIUS_TOLERANCE * best.radius
    return bool(np.all(has_radius) and np.all((least <= between) & (between <= most)))


def _corners(features: FloatArray) -> FloatArray:
    """The vectors to the corners, (corners, 2); features that share one are combined."""
    corners: list[FloatArray] = []
    left = features
    while len(left):
        cosines = left @ left[0] / (np.linalg.norm(left, axis=1) * np.linalg.norm(left[0]))
        sharing = left[cosines > SAME_CORNER]
        direction = sharing.sum(axis=0) / np.linalg.norm(sharing.sum(axis=0))
        corners.append(direction * np.linalg.norm(sharing))
        left = left[cosines <= SAME_CORNER]
    return np.reshape(corners, (-1, features.shape[1]))
