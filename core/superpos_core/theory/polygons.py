"""Regular polygons in two hidden dimensions: the plateaus of training on 1-sparse data.

Chen et al. 2023, "Dynamical versus Bayesian phase transitions in a toy model of superposition".
Of c features exactly one is active, x = μ·e_i with i uniform and μ ~ U[0, 1], and the loss is the
total one of x̂ = ReLU(x·W·Wᵀ + b). k features are the corners of a regular k-gon with circumradius
l and bias b; the others are dead, W_i = 0 and b_i ≤ 0, or have a positive bias ("+").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.errors import InvalidValue
from superpos_core.measures import REPRESENTED_NORM, feature_norms
from superpos_core.theory.minimise import minimise
from superpos_core.theory.one_sparse import squared_error_integral

LEVEL_TOLERANCE = 0.015
"""A loss within this share of a level is on it."""
MOST_DISTINCT = 6
"""Of more features than this, levels are so near that a loss could be on two at once."""
LEAST_REST = 2.0
"""Training rests on a level that it stays on while its steps double."""

RADIUS_TOLERANCE = 0.1
"""By what share corners of a trained polygon may be longer or shorter than the best one's."""
ANGLE_TOLERANCE = 0.12
"""By what share the angles between its neighbours may differ from those of the regular one."""
SAME_CORNER = 0.9
"""Features share a corner where the cosine between them is above this."""

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Polygon:
    """The best regular k-gon: its circumradius l*, its bias b* and what is left to lose.

    ``excess`` is h_k = 3·Σ_ij ∫₀¹ (δ_ij·μ − x̂_j)² dμ over the corners.
    """

    corners: int
    radius: float
    bias: float
    excess: float


@dataclass(frozen=True)
class PolygonLevel:
    """A critical level of the loss, named as in Chen et al.: 4, 4⁺, 5 or, for σ = 2, 4²⁺."""

    name: str
    corners: int
    positive_biases: int
    loss: float


@dataclass(frozen=True)
class Rest:
    """A stay of training on a level: the places of its first and of its last moment."""

    level: PolygonLevel
    first: int
    last: int

    @property
    def middle(self) -> int:
        """The place of the moment halfway."""
        return (self.first + self.last) // 2


@cache
def best_polygon(corners: int) -> Polygon:
    """The regular polygon that loses least, found by minimising its exact loss.

    Raises ``InvalidValue`` for fewer than two corners.
    """
    if corners < 2:
        raise InvalidValue("corners", corners, "no polygon has so few", "a whole number from 2")
    cosines = np.cos(2 * np.pi * np.arange(corners) / corners)
    target = np.eye(1, corners)[0]

    def excess(points: FloatArray) -> FloatArray:
        radius, bias = points[..., 0, None], points[..., 1, None]
        errors = squared_error_integral(radius**2 * cosines, bias, target)
        total: FloatArray = 3 * corners * np.sum(errors, axis=-1)
        return total

    points, values = minimise(excess, np.array([[1.0, 0.0], [1.3, -0.6]]))
    best = int(np.argmin(values))
    radius, bias = points[best].tolist()
    return Polygon(corners, radius, bias, float(values[best]))


def polygon_loss(corners: int, features: int, positive_biases: int = 0) -> float:
    """L(k, c) = (h_k + c − k)/(3c), less σ/(4c²) for σ dead features whose bias is 1/(2c).

    Raises ``InvalidValue`` if the polygon has more corners than there are features, or more
    biases are to be positive than features are dead.
    """
    dead = features - corners
    if dead < 0:
        raise InvalidValue(
            "corners", corners, "every corner is a feature", f"a whole number from 2 to {features}"
        )
    if not 0 <= positive_biases <= dead:
        raise InvalidValue(
            "positive-biases", positive_biases, f"{dead} features are dead", f"from 0 to {dead}"
        )
    excess = best_polygon(corners).excess
    return (excess + dead) / (3 * features) - positive_biases / (4 * features**2)


@cache
def polygon_levels(features: int) -> tuple[PolygonLevel, ...]:
    """All levels of ``features`` features with two corners or more, from high to low."""
    levels = [
        PolygonLevel(
            _level_name(corners, positive),
            corners,
            positive,
            polygon_loss(corners, features, positive),
        )
        for corners in range(2, features + 1)
        for positive in range(features - corners + 1)
    ]
    return tuple(sorted(levels, key=lambda level: -level.loss))


def level_of(loss: float, features: int) -> PolygonLevel | None:
    """The level that a total loss is on; ``None`` between levels, and where it is not finite."""
    levels = polygon_levels(features)
    if not levels or not np.isfinite(loss):
        return None
    nearest = min(levels, key=lambda level: abs(level.loss - loss))
    # The n-gon of up to four features loses nothing: what a positive bias is worth stands in.
    scale = max(nearest.loss, 1 / (4 * features**2))
    return nearest if abs(nearest.loss - loss) <= LEVEL_TOLERANCE * scale else None


def rests(steps: IntArray, losses: Sequence[float] | FloatArray, features: int) -> tuple[Rest, ...]:
    """Where the total losses of one run, at ascending ``steps``, stay on a level, in order.

    It rests while the steps so far grow by ``LEAST_REST`` or more; where it begins is no rest.
    """
    levels = [level_of(float(loss), features) for loss in losses]
    stays = []
    for level, members in groupby(range(len(levels)), key=lambda place: levels[place]):
        places = list(members)
        first, last = places[0], places[-1]
        if level is not None and first > 0 and steps[last] >= LEAST_REST * steps[first]:
            stays.append(Rest(level, first, last))
    return tuple(stays)


def is_polygon(encoder: FloatArray, corners: int) -> bool:
    """Whether the represented features of ``encoder``, shape (n, 2), form the best regular polygon.

    A loss may be that of a level by chance, on the way. Features that point the same way share a
    corner, and their squared lengths add up: x̂ is then right for their sum. That is no level of its
    own, but a place near which training rests.
    """
    weights = encoder.astype(np.float64)
    norms = feature_norms(weights)
    if not np.isfinite(norms).all():
        return False
    found = _corners(weights[norms > REPRESENTED_NORM])
    if len(found) != corners:
        return False
    radii = np.linalg.norm(found, axis=1)
    angles = np.sort(np.arctan2(found[:, 1], found[:, 0]))
    between = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    radius, regular = best_polygon(corners).radius, 2 * np.pi / corners
    return bool(
        np.all(np.abs(radii - radius) <= RADIUS_TOLERANCE * radius)
        and np.all(np.abs(between - regular) <= ANGLE_TOLERANCE * regular)
    )


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


def _level_name(corners: int, positive_biases: int) -> str:
    if positive_biases == 0:
        return str(corners)
    count = "" if positive_biases == 1 else str(positive_biases).translate(_SUPERSCRIPTS)
    return f"{corners}{count}⁺"
