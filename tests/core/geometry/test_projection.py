"""Looking at a picture of the hidden space: sides are where they should be, nothing is bent."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from superpos_core.arrays import FloatArray
from superpos_core.geometry.projection import EDGE, MIN_RADIUS, circle_radius, seen_from

RIGHT, DEPTH, UP = np.eye(3)
turns, tilts = st.floats(-360, 360), st.floats(-90, 90)
clouds = arrays(np.float64, (4, 3), elements=st.floats(-3, 3))


def seen(point: FloatArray, turn: float, tilt: float) -> list[float]:
    """One point as [right, up, near]."""
    return [float(each[0]) for each in seen_from(point[None], turn, tilt)]


def test_the_default_view_is_from_the_front() -> None:
    assert seen(RIGHT, 0, 0) == pytest.approx([1, 0, 0])
    assert seen(UP, 0, 0) == pytest.approx([0, 1, 0])
    assert seen(DEPTH, 0, 0) == pytest.approx([0, 0, -1])


def test_a_quarter_turn_moves_what_is_in_front_to_the_right() -> None:
    assert seen(-DEPTH, 90, 0) == pytest.approx([1, 0, 0])
    assert seen(RIGHT, 90, 0) == pytest.approx([0, 0, -1])
    assert seen(UP, 90, 0) == pytest.approx([0, 1, 0])


def test_from_above_the_upright_points_at_the_viewer_and_what_was_far_is_up() -> None:
    assert seen(UP, 0, 90) == pytest.approx([0, 0, 1])
    assert seen(DEPTH, 0, 90) == pytest.approx([0, 1, 0])


@given(clouds, turns, tilts)
def test_lengths_and_angles_are_preserved(points: FloatArray, turn: float, tilt: float) -> None:
    turned = np.stack(seen_from(points, turn, tilt), axis=1)
    np.testing.assert_allclose(turned @ turned.T, points @ points.T, atol=1e-9)


@given(turns, tilts)
def test_the_view_is_not_mirrored(turn: float, tilt: float) -> None:
    """Right, up and near are a right-handed system, as right, up and minus the depth are."""
    right, up, near = np.stack(seen_from(np.stack([RIGHT, UP, -DEPTH]), turn, tilt), axis=1)
    np.testing.assert_allclose(np.cross(right, up), near, atol=1e-9)


@given(arrays(np.float64, (4, 2), elements=st.floats(-3, 3)), turns, tilts)
def test_a_plane_is_always_seen_from_the_front(
    points: FloatArray, turn: float, tilt: float
) -> None:
    right, up, near = seen_from(points, turn, tilt)
    np.testing.assert_array_equal(np.stack([right, up], axis=1), points)
    assert not near.any()


@given(st.floats(1e-12, 1e30), st.integers(1, 8))
def test_the_circle_is_the_smallest_power_of_two_that_keeps_everything_inside(
    length: float, hidden: int
) -> None:
    points = np.array([[length, 0.0], [0.0, 1e-13]])
    radius = circle_radius(points, hidden)
    least = MIN_RADIUS if hidden > 3 else 1
    assert math.log2(radius) == round(math.log2(radius))
    assert length <= EDGE * radius * (1 + 1e-9)
    assert radius == least or length > EDGE * radius / 2 * (1 - 1e-9)


def test_non_finite_points_do_not_count() -> None:
    assert circle_radius(np.array([[np.nan, 1.0], [np.inf, 0.0], [3.2, 0.0]]), 2) == 4
    assert circle_radius(np.full((2, 2), np.nan), 2) == 1
