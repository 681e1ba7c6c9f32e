"""Regular polygons, against the levels that Chen et al. publish and the full loss."""

import numpy as np
import pytest
from tests.core.polygons import polygon_weights

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.theory import (
    MAX_DISTINCT,
    best_polygon,
    largest_slope_at_polygon,
    level_of,
    levels_near,
    one_sparse_errors,
    polygon_levels,
    polygon_loss,
)
from superpos_core.theory.polygons import LEVEL_TOLERANCE

# Corners, radius and bias.
PUBLISHED_POLYGONS = [(4, 1, 0), (5, 1.17046, -0.28230), (6, 1.32053, -0.61814)]
# Corners, features, positive biases and loss.
PUBLISHED_LOSSES = [
    (2, 6, 0, 0.22222),
    (3, 6, 0, 0.16667),
    (4, 6, 0, 0.11111),
    (4, 6, 1, 0.10417),
    (5, 6, 0, 0.06874),
    (4, 5, 0, 0.06667),
    (4, 5, 1, 0.05667),
    (5, 5, 0, 0.01583),
    (4, 4, 0, 0),
]


def one_sparse_loss(encoder: FloatArray, bias: FloatArray) -> float:
    """The mean over features of the total loss while that one is active."""
    return float(one_sparse_errors(encoder @ encoder.T, bias).sum()) / bias.size


@pytest.mark.parametrize(("corners", "radius", "bias"), PUBLISHED_POLYGONS)
def test_the_best_polygon_matches_the_published_one(
    corners: int, radius: float, bias: float
) -> None:
    polygon = best_polygon(corners)
    assert polygon.corners == corners
    assert polygon.radius == pytest.approx(radius, abs=1e-5)
    assert polygon.bias == pytest.approx(bias, abs=1e-5)


@pytest.mark.parametrize(("corners", "excess"), [(4, 0), (5, 0.23738), (6, 0.86746)])
def test_the_remaining_loss_of_a_polygon_matches_the_published_value(
    corners: int, excess: float
) -> None:
    assert best_polygon(corners).excess == pytest.approx(excess, abs=1e-5)


@pytest.mark.parametrize(("corners", "features", "positive_biases", "loss"), PUBLISHED_LOSSES)
def test_levels_match_the_published_ones(
    corners: int, features: int, positive_biases: int, loss: float
) -> None:
    assert polygon_loss(corners, features, positive_biases) == pytest.approx(loss, abs=1e-5)


@pytest.mark.parametrize(
    ("corners", "features", "positive_biases"),
    [(2, 3, 0), (3, 6, 2), (4, 6, 1), (5, 5, 0), (6, 8, 2), (7, 7, 0)],
)
def test_a_level_is_the_loss_of_its_weights(
    corners: int, features: int, positive_biases: int
) -> None:
    encoder, bias = polygon_weights(corners, features, positive_biases)
    expected = polygon_loss(corners, features, positive_biases)
    assert one_sparse_loss(encoder, bias) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("corners", [5, 6, 7])
def test_a_polygon_is_a_critical_point_among_all_weights(corners: int) -> None:
    encoder, bias = polygon_weights(corners, corners, 0)
    width = 1e-5
    for array in (encoder, bias):
        for place in np.ndindex(array.shape):
            sides = []
            for shift in (width, -width):
                array[place] += shift
                sides.append(one_sparse_loss(encoder, bias))
                array[place] -= shift
            assert abs(sides[0] - sides[1]) / (2 * width) < 1e-6


@pytest.mark.parametrize("corners", [2, 3, 4, 5, 6, 8])
def test_no_polygon_of_another_size_or_bias_is_better(corners: int) -> None:
    best = best_polygon(corners)
    angles = 2 * np.pi * np.arange(corners) / corners
    gram = np.cos(angles[:, None] - angles)
    losses = [
        3 * one_sparse_errors(radius**2 * gram, np.full(corners, bias)).sum()
        for radius in np.linspace(0.5, 2.5, 21)
        for bias in np.linspace(-3, 0.5, 21)
    ]
    assert min(losses) >= best.excess - 1e-12


def test_a_positive_bias_of_a_dead_feature_lowers_the_loss_by_a_known_amount() -> None:
    encoder, bias = polygon_weights(4, 6, 0)
    without = one_sparse_loss(encoder, bias)
    losses = []
    for value in (1 / 20, 1 / 12, 1 / 8):
        bias[4] = value
        losses.append(one_sparse_loss(encoder, bias))
    assert without - losses[1] == pytest.approx(1 / 144, abs=1e-12)
    assert min(losses) == losses[1]


def test_levels_are_named_and_sorted() -> None:
    levels = polygon_levels(6)
    losses = {level.name: level.loss for level in levels}
    assert {"2", "3", "4", "4⁺", "4²⁺", "5", "5⁺", "6"} <= losses.keys()
    assert losses["4⁺"] == polygon_loss(4, 6, 1)
    assert losses["4²⁺"] == pytest.approx(losses["4"] - 2 / 144)
    assert [level.loss for level in levels] == sorted(losses.values(), reverse=True)
    assert levels[-1].name == "6"


def test_the_polygon_of_every_level_is_on_it() -> None:
    for expected in polygon_levels(6):
        weights = polygon_weights(expected.corners, 6, expected.positive_biases)
        assert level_of(one_sparse_loss(*weights), 6) == expected


def test_a_loss_between_levels_is_on_none() -> None:
    assert level_of((polygon_loss(4, 6) + polygon_loss(3, 6, 3)) / 2, 6) is None
    assert level_of(float("nan"), 6) is None
    assert level_of(0.1, 1) is None
    assert level_of(0.0, 4) == polygon_levels(4)[-1]


def test_levels_are_distinct_up_to_six_features() -> None:
    for features in range(2, 12):
        losses = np.array([level.loss for level in polygon_levels(features)])
        nearest_upper = (1 - LEVEL_TOLERANCE) * losses[:-1]
        are_distinct = bool(np.all(nearest_upper > (1 + LEVEL_TOLERANCE) * losses[1:]))
        assert are_distinct == (features <= MAX_DISTINCT)


def test_levels_near_a_loss_start_with_the_nearest() -> None:
    near = levels_near(polygon_loss(8, 8), 8)
    assert {level.name for level in near} >= {"8", "6⁺"}
    away = [abs(level.loss - polygon_loss(8, 8)) for level in near]
    assert away == sorted(away)
    assert levels_near(float("inf"), 8) == ()


@pytest.mark.parametrize("corners", range(2, 9))
def test_regular_polygons_are_critical_points(corners: int) -> None:
    assert largest_slope_at_polygon(corners, 8) < (1e-5 if corners <= 4 else 1e-8)
    with pytest.raises(InvalidValue, match="corners 9"):
        largest_slope_at_polygon(9, 8)


def test_invalid_polygons_are_rejected() -> None:
    with pytest.raises(InvalidValue, match="corners 1"):
        best_polygon(1)
    with pytest.raises(InvalidValue, match="corners 7"):
        polygon_loss(7, 6)
    with pytest.raises(InvalidValue, match="positive-biases 3"):
        polygon_loss(4, 6, 3)
