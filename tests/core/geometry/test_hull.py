"""The edges of solids and of polygons, against known ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.polytopes import (
    DIGON,
    cube,
    direct_sum,
    random_orthogonal,
    regular_polygon,
    regular_simplex,
    square_antiprism,
)

from superpos_core.arrays import FloatArray
from superpos_core.geometry.hull import hull_edges

OCTAHEDRON = direct_sum(DIGON, DIGON, DIGON)


@pytest.mark.parametrize(
    ("corners", "edges"),
    [
        (OCTAHEDRON, 12),
        (cube(), 12),
        (regular_simplex(4), 6),
        (square_antiprism(), 16),
        (direct_sum(regular_polygon(5), DIGON), 15),
        (regular_polygon(6), 6),
        (direct_sum(DIGON, DIGON), 4),
    ],
)
@given(seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=5)
def test_the_edges_of_a_solid_do_not_depend_on_its_rotation(
    corners: FloatArray, edges: int, seed: int
) -> None:
    turned = corners @ random_orthogonal(seed, corners.shape[1])
    noise = 0.01 * np.random.default_rng(seed).standard_normal(turned.shape)
    found = hull_edges(turned + noise)
    assert len(found) == edges
    lengths = [np.linalg.norm(turned[first] - turned[second]) for first, second in found]
    assert min(lengths) > 0.5


def test_interior_collinear_or_non_finite_points_have_no_edges() -> None:
    with_middle = np.vstack([OCTAHEDRON, np.zeros((1, 3))])
    assert all(6 not in edge for edge in hull_edges(with_middle))
    assert hull_edges(np.outer(np.arange(5.0), np.ones(3))) == []
    assert hull_edges(np.zeros((4, 3))) == []
    assert hull_edges(np.full((4, 2), np.nan)) == []
    assert hull_edges(np.eye(2)) == []
