"""How training on 1-sparse data comes down from polygon to polygon (Chen et al. 2023).

On its way it has plateaus: the loss stays on a closed-form level, while the features form the
polygon that has this level.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.geometry.measures import REPRESENTED_NORM, feature_norms, gram
from superpos_core.record.timeline import Timeline
from superpos_core.theory import PolygonLevel, best_polygon, level_of, levels_near, one_sparse_loss

LEAST_GROWTH = 1.5
"""A plateau lasts while the steps so far grow by this factor, at least.

24 kept moments make a factor of ten, and a fall between levels takes two to four of them.
"""
STEEPER = 3.0
"""Before and after a plateau the loss falls this many times as fast per ln(step), at least.

What comes down past a level at one pace is near it for a while, and has no plateau there.
"""

RADIUS_TOLERANCE = 0.1
"""By what share corners of a trained polygon may be longer or shorter than the best one's."""
ANGLE_SHARE_OFF = 0.2
"""By what share the angles between its neighbours may differ from those of the regular one.

Trained squares that stay on their level differ by up to 0.18: one side is open, where a fifth
corner is about to come.
"""
MOST_FREE_CORNERS = 3
"""So many corners may stand anywhere, if they are right angles apart or more.

Then all products are negative, and the ReLU cuts them off: nothing is lost, regular or not.
"""
SAME_CORNER = 0.9
"""Features share a corner where the cosine between them is above this."""


@dataclass(frozen=True)
class Plateau:
    """A stay of training on a level: the places of its first and of its last moment."""

    level: PolygonLevel
    first: int
    last: int

    @property
    def middle(self) -> int:
        """The place of the moment halfway."""
        return (self.first + self.last) // 2


def exact_losses_over(timeline: Timeline) -> FloatArray:
    """The exact total loss of every lane with a ReLU output at each moment, (moments, lanes).

    Shape (0, 0) where there is no moment.
    """
    moments = [moment.parameters for moment in timeline.moments]
    if not moments:
        return np.empty((0, 0))
    return np.stack([one_sparse_loss(gram(each), each.bias) for each in moments])


def polygon_plateaus(timeline: Timeline, losses: FloatArray, lane: int) -> tuple[Plateau, ...]:
    """Where one lane stays on a closed-form level as the polygon that has it.

    ``losses`` are those of ``exact_losses_over``. A loss that is on a level by chance, while the
    features form something else, makes no plateau.
    """
    if not timeline.moments:
        return ()
    features = timeline.moments[0].parameters.bias.shape[-1]
    found = []
    for plateau in plateaus(timeline.steps, losses[:, lane], features):
        encoder = timeline.moments[plateau.middle].parameters.encoder[lane]
        level = polygon_level(encoder, float(losses[plateau.middle, lane]))
        if level is not None:
            found.append(replace(plateau, level=level))
    return tuple(found)


def polygon_level(encoder: FloatArray, loss: float) -> PolygonLevel | None:
    """The level that a total ``loss`` is on as the polygon that ``encoder``, (n, 2), forms.

    ``None`` between levels, and where the features form no polygon with this level. Of eight
    features, levels of different polygons are so near that the loss alone does not tell them apart.
    """
    near = levels_near(loss, len(encoder))
    return next((level for level in near if is_polygon(encoder, level.corners)), None)


def corners_passed(plateaus_of_lane: Sequence[Plateau]) -> tuple[int, ...]:
    """How many corners its polygons have, plateau after plateau: (2, 4, 5) for 2⁺, 2²⁺, 4, 5."""
    return tuple(corners for corners, _ in groupby(each.level.corners for each in plateaus_of_lane))


def plateaus(
    steps: IntArray, losses: Sequence[float] | FloatArray, features: int
) -> tuple[Plateau, ...]:
    """Where the total losses of one run, at ascending ``steps``, stay on a level, in order.

    They stay while the steps so far grow by ``LEAST_GROWTH`` or more, and are ``STEEPER`` on either
    side, but for a plateau that training ends on; the beginning does not count.
    """
    values = np.asarray(losses, dtype=np.float64)
    levels = [level_of(float(loss), features) for loss in values]
    times = np.log(np.maximum(steps, 1))
    with np.errstate(all="ignore"):
        slopes = np.abs(np.diff(values)) / np.diff(times)
    found: list[Plateau] = []
    for level, members in groupby(range(len(levels)), key=lambda place: levels[place]):
        places = list(members)
        first, last = places[0], places[-1]
        if level is None or first == 0 or steps[last] < LEAST_GROWTH * steps[first]:
            continue
        within = abs(values[last] - values[first]) / (times[last] - times[first])
        begins = found[-1].last if found else 0
        has_fallen = _is_steeper(slopes[begins:first], within)
        if has_fallen and (last + 1 == len(levels) or _is_steeper(slopes[last:], within)):
            found.append(Plateau(level, first, last))
    return tuple(found)


def _is_steeper(slopes: FloatArray, within: float) -> bool:
    """Whether the steepest of these is, compared with the slope of a plateau."""
    known = slopes[np.isfinite(slopes)]
    return bool(np.any(known > STEEPER * within))


def is_polygon(encoder: FloatArray, corners: int) -> bool:
    """Whether the represented features of ``encoder``, shape (n, 2), form the best polygon.

    It is the regular one; of two or three corners any whose neighbours are right angles apart or
    more is as good. Features that point the same way share a corner, and their squared lengths add
    up: x̂ is then right for their sum. That is no level of its own, but a place near which training
    has plateaus. Raises ``InvalidValue`` for fewer than two corners.
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
    is_free = corners <= MOST_FREE_CORNERS
    least = (1 - ANGLE_SHARE_OFF) * (np.pi / 2 if is_free else regular)
    most = np.inf if is_free else (1 + ANGLE_SHARE_OFF) * regular
    has_radius = np.abs(radii - best.radius) <= RADIUS_TOLERANCE * best.radius
    return bool(np.all(has_radius) and np.all((least <= between) & (between <= most)))


def _corners(features: FloatArray) -> FloatArray:
    """The vectors to the corners, (corners, 2): of those who share one, as long as all together."""
    corners: list[FloatArray] = []
    left = features
    while len(left):
        cosines = left @ left[0] / (np.linalg.norm(left, axis=1) * np.linalg.norm(left[0]))
        sharing = left[cosines > SAME_CORNER]
        direction = sharing.sum(axis=0) / np.linalg.norm(sharing.sum(axis=0))
        corners.append(direction * np.linalg.norm(sharing))
        left = left[cosines <= SAME_CORNER]
    return np.reshape(corners, (-1, features.shape[1]))
