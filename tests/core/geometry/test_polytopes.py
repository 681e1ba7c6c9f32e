"""Polytopes whose numbers are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.geometry.weights import seeds
from tests.core.polytopes import (
    DEDICATED,
    DIGON,
    IGNORED,
    cube,
    direct_sum,
    random_orthogonal,
    regular_polygon,
    regular_simplex,
    square_antiprism,
)

from superpos_core.arrays import FloatArray
from superpos_core.geometry.measures import feature_dimensionality

# Corners and the dimensionality of each.
POLYTOPES: dict[str, tuple[FloatArray, float]] = {
    "dedicated": (DEDICATED, 1),
    "ignored": (IGNORED, 0),
    "digon": (DIGON, 1 / 2),
    **{f"{k}-gon": (regular_polygon(k), 2 / k) for k in range(3, 10)},
    **{f"{k}-simplex": (regular_simplex(k), (k - 1) / k) for k in range(2, 8)},
    "cube": (cube(), 3 / 8),
    "square antiprism": (square_antiprism(), 3 / 8),
    "octahedron": (direct_sum(DIGON, DIGON, DIGON), 1 / 2),
}
each_polytope = pytest.mark.parametrize(
    ("corners", "share"), POLYTOPES.values(), ids=POLYTOPES.keys()
)


@each_polytope
def test_every_corner_of_a_polytope_has_the_known_dimensionality(
    corners: FloatArray, share: float
) -> None:
    np.testing.assert_allclose(feature_dimensionality(corners), share, atol=1e-12)


@each_polytope
def test_float32_weights_show_the_same_polytope(corners: FloatArray, share: float) -> None:
    shown = feature_dimensionality(corners.astype(np.float32))
    np.testing.assert_allclose(shown, share, atol=1e-6)


@given(st.lists(st.sampled_from(sorted(POLYTOPES)), min_size=1, max_size=4), seeds)
def test_polytopes_in_orthogonal_subspaces_keep_their_dimensionality(
    names: list[str], seed: int
) -> None:
    blocks = [POLYTOPES[name] for name in names]
    weights = direct_sum(*(scale * corners for scale, (corners, _) in enumerate(blocks, start=1)))
    rotated = weights @ random_orthogonal(seed, weights.shape[1])
    expected = np.concatenate([np.full(len(corners), share) for corners, share in blocks])
    np.testing.assert_allclose(feature_dimensionality(rotated), expected, atol=1e-9)


@pytest.mark.parametrize("corners", [2, 3, 5, 12])
@given(turn=st.floats(-3, 3), size=st.floats(1e-6, 1e6))
@settings(max_examples=10)
def test_rotation_and_scale_do_not_change_a_polygon(corners: int, turn: float, size: float) -> None:
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    share = 2 / corners if corners > 2 else 1 / 2  # two of them lie in one dimension
    rows = size * regular_polygon(corners) @ rotation
    np.testing.assert_allclose(feature_dimensionality(rows), share)
