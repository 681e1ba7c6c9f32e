"""Regular polygons in two hidden dimensions: the plateaus of training on 1-sparse data.

Chen et al. 2023, "Dynamical versus Bayesian phase transitions in a toy model of superposition".
Exactly one of c features is active, x = μ·e_i with i uniform and μ ~ U[0, 1], and the loss is the
total loss of x̂ = ReLU(x·W·Wᵀ + b). k features are the corners of a regular k-gon with circumradius
l and bias b; the others are dead, W_i = 0 and b_i ≤ 0, or have a positive bias ("+").
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.theory.minimise import minimise
from superpos_core.theory.one_sparse import one_sparse_loss, squared_error_integral

LEVEL_TOLERANCE = 0.015
"""Maximum relative distance of a loss from the level that it is on."""
MAX_DISTINCT = 6
"""Maximum number of features at which a loss is never on two levels at once."""
_DIFFERENCE = 1e-5
"""Step of central differences."""
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Polygon:
    """The best regular k-gon: its circumradius l*, its bias b* and its remaining loss.

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


@cache
def best_polygon(corners: int) -> Polygon:
    """The regular polygon with the lowest exact loss.

    Raises ``InvalidValue`` for fewer than two corners.
    """
    if corners < 2:
        raise InvalidValue("corners", corners, "too few for a polygon", "a whole number from 2")
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
    """L(k, c) = (h_k + c − k)/(3c) − σ/(4c²) with σ dead features whose bias is 1/(2c).

    Raises ``InvalidValue`` if there are more corners than features, or more positive biases than
    dead features.
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
def largest_slope_at_polygon(corners: int, features: int) -> float:
    """The largest |∂L/∂W_ia| or |∂L/∂b_i| of the exact loss at the best k-gon of c features.

    It is 0 up to the error of central differences, about 1e-9: the k-gon is a critical point. With
    up to four corners the bias is 0, where the second derivative jumps, and the error is 1e-6. Dead
    features have their best bias, 1/(2c). Raises ``InvalidValue`` as ``polygon_loss`` does.
    """
    polygon_loss(corners, features)
    polygon = best_polygon(corners)
    turns = 2 * np.pi * np.arange(corners) / corners
    point = np.zeros((features, 3))
    point[:, 2] = 1 / (2 * features)
    point[:corners] = np.stack(
        [
            polygon.radius * np.cos(turns),
            polygon.radius * np.sin(turns),
            np.full(corners, polygon.bias),
        ],
        axis=1,
    )
    steps = _DIFFERENCE * np.eye(point.size).reshape(-1, *point.shape)
    above, below = (_loss_at(point + sign * steps) for sign in (1, -1))
    return float(np.max(np.abs(above - below))) / (2 * _DIFFERENCE)


def _loss_at(points: FloatArray) -> FloatArray:
    """The exact loss of [W b], shape (points, n, 3)."""
    encoder, bias = points[..., :2], points[..., 2]
    return one_sparse_loss(encoder @ np.swapaxes(encoder, -1, -2), bias)


@cache
def polygon_levels(features: int) -> tuple[PolygonLevel, ...]:
    """All levels of ``features`` features with at least two corners, from high to low."""
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
    """The level that a total loss is on; ``None`` between levels or if it is not finite."""
    return next(iter(levels_near(loss, features)), None)


def levels_near(loss: float, features: int) -> tuple[PolygonLevel, ...]:
    """All levels that a total loss could be on, the nearest first.

    At most one with up to ``MAX_DISTINCT`` features, and none if the loss is not finite.
    """
    if not np.isfinite(loss):
        return ()
    # The n-gon of up to four features has loss 0: compare with the gain of a positive bias instead.
    least = 1 / (4 * features**2)
    away = [(abs(level.loss - loss), level) for level in polygon_levels(features)]
    near = [
        (distance, level)
        for distance, level in away
        if distance <= LEVEL_TOLERANCE * max(level.loss, least)
    ]
    return tuple(level for _, level in sorted(near, key=lambda pair: pair[0]))


def _level_name(corners: int, positive_biases: int) -> str:
    if positive_biases == 0:
        return str(corners)
    count = "" if positive_biases == 1 else str(positive_biases).translate(_SUPERSCRIPTS)
    return f"{corners}{count}⁺"
