"""Pictures of one shape in many orientations become one picture."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.polytopes import random_orthogonal, regular_polygon, spokes

from superpos_core.arrays import FloatArray
from superpos_core.geometry.alignment import aligned, aligned_one_by_one, pointing_up

seeds = st.integers(0, 2**32 - 1)
ALONE = np.arange(6)
PAIRS = ALONE // 2


def scattered(seed: int) -> FloatArray:
    """Six features at least 15° apart, of different lengths."""
    random = np.random.default_rng(seed)
    angles = 60 * np.arange(6) + random.uniform(-22, 22, 6)
    return spokes(*random.permutation(angles)) * random.uniform(0.8, 1.3, (6, 1))


@given(seeds)
def test_a_rotated_or_mirrored_picture_is_aligned_exactly(seed: int) -> None:
    points = scattered(seed)
    turned = points @ random_orthogonal(seed, 2)
    np.testing.assert_allclose(aligned(turned, points, ALONE), points, atol=1e-9)


@given(seeds)
def test_exchangeable_features_return_to_the_positions_of_their_set(seed: int) -> None:
    points = scattered(seed)
    exchanged = points[[1, 0, 2, 3, 5, 4]]
    turned = aligned(exchanged @ random_orthogonal(seed, 2), points, PAIRS)
    np.testing.assert_allclose(turned, exchanged, atol=1e-9)


def test_features_of_different_sets_are_not_exchanged() -> None:
    """A cross of two pairs, side by side in one and opposite in the other: no turn makes these one.

    The four were one picture, if features of different sets could change places.
    """
    sets = np.array([0, 0, 1, 1])
    side_by_side, opposite = spokes(0, 90, 180, 270), spokes(0, 180, 90, 270)
    turned = aligned(opposite, side_by_side, sets)
    same_set = sets[:, None] == sets
    distances = np.linalg.norm(turned[:, None] - side_by_side, axis=-1)
    assert np.where(same_set, distances, np.inf).min(axis=1).max() > 0.5


@settings(deadline=None)
@given(seeds)
def test_no_other_rotation_brings_features_closer_to_their_partners(seed: int) -> None:
    points, reference = scattered(seed), scattered(seed + 1)
    least = np.linalg.norm(aligned(points, reference, ALONE) - reference)
    angles = np.linspace(0, 2 * np.pi, 721)
    cosines, sines = np.cos(angles), np.sin(angles)
    turns = np.stack([np.stack([cosines, sines], -1), np.stack([-sines, cosines], -1)], axis=1)
    for every in (points @ turns, (points * [-1, 1]) @ turns):
        assert least <= np.linalg.norm(every - reference, axis=(1, 2)).min() + 1e-9


@given(seeds)
def test_alignment_only_rotates_and_mirrors(seed: int) -> None:
    points, reference = scattered(seed), scattered(seed + 1)
    turned = aligned(points, reference, PAIRS)
    np.testing.assert_allclose(turned @ turned.T, points @ points.T, atol=1e-9)
    upright = pointing_up(points, 3)
    np.testing.assert_allclose(upright @ upright.T, points @ points.T, atol=1e-9)


@given(seeds)
def test_of_two_shapes_each_is_found_in_one_orientation(seed: int) -> None:
    shapes = [scattered(seed), scattered(seed + 1)]
    turned = [shapes[k % 2] @ random_orthogonal(seed + k, 2) for k in range(6)]
    pictures = aligned_one_by_one(turned, ALONE)
    np.testing.assert_array_equal(pictures[0], turned[0])
    for k in range(2, 6):
        np.testing.assert_allclose(pictures[k], pictures[k % 2], atol=1e-9)


def test_non_finite_pictures_are_not_used_as_references() -> None:
    broken, whole = np.full((6, 2), np.nan), scattered(0)
    pictures = aligned_one_by_one([broken, whole, broken, -whole], ALONE)
    assert np.isnan(pictures[0]).all()
    assert np.isnan(pictures[2]).all()
    np.testing.assert_array_equal(pictures[1], whole)
    np.testing.assert_allclose(pictures[3], whole, atol=1e-9)


@given(seeds)
def test_all_orientations_of_a_shape_with_a_feature_up_are_one(seed: int) -> None:
    points = scattered(seed)
    upright = pointing_up(points @ random_orthogonal(seed, 2), 2)
    assert upright[2] == pytest.approx((0, np.linalg.norm(points[2])), abs=1e-9)
    assert upright[:, 0].sum() >= 0
    np.testing.assert_allclose(upright, pointing_up(points, 2), atol=1e-9)


@given(seeds)
def test_the_gap_around_an_ignored_feature_is_up(seed: int) -> None:
    ignored = np.array([0.1, 0.2])
    neighbours = regular_polygon(5)[1:]
    points = np.vstack([ignored, neighbours @ random_orthogonal(seed, 2)])
    right = np.sin(np.radians([-144, -72, 72, 144]))
    np.testing.assert_allclose(np.sort(pointing_up(points, 0)[1:, 0]), np.sort(right), atol=1e-9)
    assert pointing_up(points, 0)[1:, 1].sum() == pytest.approx(-1)


def test_a_cross_around_an_ignored_feature_is_oriented_like_a_pentagon_without_its_first() -> None:
    cross = np.vstack([[0.0, 0.0], spokes(10, 100, 190, 280)])
    across = np.abs(pointing_up(cross, 0)[1:])
    np.testing.assert_allclose(across, math.sqrt(0.5), atol=1e-9)


def test_empty_and_non_finite_pictures_raise_no_error() -> None:
    nothing, broken = np.zeros((3, 2)), np.full((3, 2), np.nan)
    sets = np.arange(3)
    np.testing.assert_array_equal(pointing_up(nothing, 0), nothing)
    np.testing.assert_array_equal(aligned(nothing, nothing, sets), nothing)
    assert np.isnan(pointing_up(broken, 0)).all()
    assert np.isnan(aligned(broken, nothing, sets)).all()
    assert np.isnan(aligned(nothing, broken, sets)).all()
