"""Pictures of the hidden space: the same for the same model, however its hidden space lies."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.core.polytopes import (
    DIGON,
    direct_sum,
    random_orthogonal,
    regular_polygon,
    regular_simplex,
    spokes,
)

from superpos_core.arrays import FloatArray
from superpos_core.geometry.hidden_space import PRECEDENCE, hidden_picture, picture_axes

seeds = st.integers(0, 2**32 - 1)
any_weights = st.tuples(st.integers(1, 9), st.integers(1, 6)).flatmap(
    lambda size: hnp.arrays(np.float32, size, elements=st.floats(width=32))
)


def normal_weights(seed: int, features: int, hidden: int) -> FloatArray:
    return np.random.default_rng(seed).standard_normal((features, hidden))


@given(seeds, st.integers(1, 9), st.integers(1, 7))
def test_rotating_or_mirroring_the_hidden_space_does_not_change_the_picture(
    seed: int, features: int, hidden: int
) -> None:
    weights = normal_weights(seed, features, hidden)
    turned = weights @ random_orthogonal(seed + 1, hidden)
    np.testing.assert_allclose(
        hidden_picture(turned).points, hidden_picture(weights).points, atol=1e-6
    )


@given(seeds, st.integers(2, 7))
def test_the_picture_is_unique_even_if_many_planes_show_the_same(seed: int, hidden: int) -> None:
    for weights in (np.eye(hidden), direct_sum(*[DIGON] * hidden), regular_simplex(hidden + 1)):
        turned = weights @ random_orthogonal(seed, hidden)
        points = hidden_picture(weights).points
        np.testing.assert_allclose(hidden_picture(turned).points, points, atol=1e-6)


@given(seeds)
def test_the_picture_is_stable_under_small_changes_of_the_weights(seed: int) -> None:
    tremble = 0.001 * normal_weights(seed, 5, 5)
    still, trembling = hidden_picture(np.eye(5)), hidden_picture(np.eye(5) + tremble)
    np.testing.assert_allclose(trembling.points, still.points, atol=0.3)
    assert still.points[0] == pytest.approx((0, 1))
    assert still.points[1] == pytest.approx((1, 0))


@given(seeds, st.integers(3, 30))
def test_a_polygon_stands_on_its_first_corner_and_runs_clockwise(seed: int, sides: int) -> None:
    polygon = regular_polygon(sides)
    points = hidden_picture(1.17 * polygon @ random_orthogonal(seed, 2)).points
    assert points[0] == pytest.approx((0, 1.17))
    angles = np.radians(360 / sides * np.arange(sides))
    right = np.abs(points[:, 0])
    np.testing.assert_allclose(right, 1.17 * np.abs(np.sin(angles)), atol=1e-9)
    np.testing.assert_allclose(points[:, 1], 1.17 * np.cos(angles), atol=1e-9)
    assert points[np.argmax(right > 0.4), 0] > 0


@given(seeds)
def test_rounding_does_not_decide_which_corner_of_a_dodecagon_leads(seed: int) -> None:
    one_side_then_the_other = spokes(0, 30, -60, 90, -90, 180)
    turned = one_side_then_the_other @ random_orthogonal(seed, 2)
    assert hidden_picture(turned).points[1] == pytest.approx((1 / 2, math.sqrt(3 / 4)))


@given(seeds)
def test_three_dimensions_are_fixed_by_the_first_three_features(seed: int) -> None:
    weights = regular_simplex(4) @ random_orthogonal(seed, 3)
    first, second, third, _ = hidden_picture(weights).points
    assert first == pytest.approx((0, 0, 1))
    assert second == pytest.approx((math.sqrt(8 / 9), 0, -1 / 3))
    assert third == pytest.approx((-math.sqrt(2 / 9), math.sqrt(2 / 3), -1 / 3))


def test_ignored_and_parallel_features_fix_nothing() -> None:
    ignored_first = spokes(77, 30, 210, 120) * [[0.1], [1.0], [1.0], [1.0]]
    _, up, down, right = hidden_picture(ignored_first).points
    assert up == pytest.approx((0, 1))
    assert down == pytest.approx((0, -1))
    assert right == pytest.approx((1, 0))


def test_one_dimension_stands_upright() -> None:
    picture = hidden_picture(np.array([[-0.9], [0.8], [0.1]]))
    np.testing.assert_allclose(picture.points, [[0, 0.9], [0, -0.8], [0, -0.1]])
    assert (picture.hidden, picture.share) == (1, 1)


@given(seeds, st.integers(1, 9), st.integers(1, 3))
def test_up_to_three_dimensions_are_shown_completely(seed: int, features: int, hidden: int) -> None:
    weights = normal_weights(seed, features, hidden)
    picture = hidden_picture(weights)
    np.testing.assert_allclose(picture.points @ picture.points.T, weights @ weights.T, atol=1e-8)
    assert picture.share == pytest.approx(1)
    assert picture.points.shape == (features, 3 if hidden == 3 else 2)


@given(seeds, st.integers(1, 20), st.integers(4, 9))
def test_of_more_dimensions_the_picture_shows_nearly_as_much_as_any_plane_can(
    seed: int, features: int, hidden: int
) -> None:
    weights = normal_weights(seed, features, hidden)
    squares = np.linalg.svd(weights, compute_uv=False) ** 2
    best = squares[:2].sum() / squares.sum()
    picture = hidden_picture(weights)
    shown = np.sum(picture.points**2) / np.sum(weights**2)
    assert picture.share == pytest.approx(shown)
    assert best / (1 + PRECEDENCE) <= picture.share <= best + 1e-12


def test_features_in_a_plane_of_many_dimensions_are_shown_completely() -> None:
    weights = np.pad(regular_polygon(5), ((0, 2), (0, 5))) @ random_orthogonal(4, 7)
    picture = hidden_picture(weights)
    assert picture.share == pytest.approx(1)
    assert (picture.hidden, picture.points.shape) == (7, (7, 2))
    np.testing.assert_allclose(np.linalg.norm(picture.points[:5], axis=1), 1)


def test_the_plane_is_through_the_origin_and_not_through_the_mean() -> None:
    far_from_centred = np.array([[9.0, 0, 0, 0], [9, 1, 0, 0], [9, 0, 0.1, 0], [9, 0, 0, 0.1]])
    assert hidden_picture(far_from_centred).points[0] == pytest.approx((0, 9), abs=0.3)


@given(seeds, st.integers(1, 9), st.integers(2, 7))
def test_axes_are_orthonormal_and_draw_hidden_vectors_among_the_features(
    seed: int, features: int, hidden: int
) -> None:
    weights = normal_weights(seed, features, hidden)
    picture = hidden_picture(weights)
    axes = picture_axes(weights)
    np.testing.assert_allclose(axes.T @ axes, np.eye(axes.shape[1]), atol=1e-8)
    np.testing.assert_array_equal(picture.axes, axes)
    data = np.random.default_rng(seed).random((4, features))
    np.testing.assert_allclose((data @ weights) @ axes, data @ picture.points, atol=1e-9)


@pytest.mark.parametrize("hidden", range(1, 6))
def test_zero_weights_are_at_the_origin(hidden: int) -> None:
    picture = hidden_picture(np.zeros((4, hidden), np.float32))
    np.testing.assert_array_equal(picture.points, 0)
    assert np.isfinite(picture.axes).all()
    assert picture.share == 1


@pytest.mark.parametrize("hidden", range(1, 6))
def test_features_on_one_line_leave_the_other_axes_free_but_orthonormal(hidden: int) -> None:
    line = np.outer([1.0, -2.0, 0.5], np.ones(hidden))
    picture = hidden_picture(line)
    lengths = math.sqrt(hidden) * np.array([1.0, -2.0, 0.5])
    np.testing.assert_allclose(picture.points[:, -1], lengths, rtol=1e-12)
    np.testing.assert_allclose(picture.points[:, :-1], 0, atol=1e-9)
    if hidden > 1:
        np.testing.assert_allclose(
            picture.axes.T @ picture.axes, np.eye(picture.axes.shape[1]), atol=1e-8
        )


@pytest.mark.parametrize("hidden", range(1, 6))
@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_a_non_finite_weight_gives_an_empty_picture(hidden: int, broken: float) -> None:
    weights = np.ones((3, hidden))
    weights[1, 0] = broken
    picture = hidden_picture(weights)
    assert np.isnan(picture.points).all()
    assert picture.points.shape == (3, 3 if hidden == 3 else 2)
    assert math.isnan(picture.share)


@given(any_weights)
def test_no_float32_weight_raises_or_warns(weights: FloatArray) -> None:
    picture = hidden_picture(weights)
    assert np.isfinite(picture.points).all() == np.isfinite(weights).all()


def test_a_picture_is_read_only() -> None:
    picture = hidden_picture(np.eye(2))
    for array in (picture.points, picture.axes):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 2
