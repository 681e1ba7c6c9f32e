"""Regular shapes: their angles against polytopes built by hand, and what passes for one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.polytopes import (
    DEDICATED,
    DIGON,
    cube,
    regular_polygon,
    regular_simplex,
    spokes,
    square_antiprism,
)

from superpos_core.arrays import FloatArray
from superpos_core.geometry.measures import feature_dimensionality
from superpos_core.geometry.shapes import RegularShape, polygon, recognised, regular_shapes, simplex

EQUAL_EDGES = 1 / (1 + 2 * math.sqrt(2))
"""The squared height of the antiprism whose squares have edges as long as those between them."""


def directions_of(corners: FloatArray) -> FloatArray:
    directions: FloatArray = corners / np.linalg.norm(corners, axis=1, keepdims=True)
    return directions


def angles_from_each(corners: FloatArray) -> FloatArray:
    """Shape (corners, corners): ascending, so that the corner itself comes first."""
    unit = directions_of(corners)
    angles: FloatArray = np.degrees(np.arccos(np.clip(unit @ unit.T, -1, 1)))
    return np.sort(angles, axis=1)


def only_shape(corners: int, rank: int) -> RegularShape:
    [shape] = regular_shapes(corners, rank)
    return shape


def name_of(corners: FloatArray) -> str | None:
    rank = int(np.linalg.matrix_rank(corners, tol=0.2))
    names = recognised(directions_of(corners), rank, feature_dimensionality(corners))
    return names[0] if names else None


@pytest.mark.parametrize(
    ("name", "corners"),
    [
        ("dedicated", DEDICATED),
        ("digon", DIGON),
        ("triangle", regular_polygon(3)),
        ("pentagon", regular_polygon(5)),
        ("hexagon", regular_polygon(6)),
        ("heptagon", regular_polygon(7)),
        ("octagon", regular_polygon(8)),
        ("9-gon", regular_polygon(9)),
        ("tetrahedron", regular_simplex(4)),
        ("4-simplex", regular_simplex(5)),
        ("5-simplex", regular_simplex(6)),
    ],
)
def test_a_shape_has_the_angles_the_size_and_the_rank_of_its_polytope(
    name: str, corners: FloatArray
) -> None:
    shape = only_shape(*corners.shape)
    assert shape.name == name
    assert shape.corners == len(corners)
    assert shape.rank == np.linalg.matrix_rank(corners)
    expected = np.tile((0, *shape.angles), (len(corners), 1))
    np.testing.assert_allclose(angles_from_each(corners), expected, atol=1e-5)
    np.testing.assert_allclose(feature_dimensionality(corners), shape.rank / shape.corners)


@pytest.mark.parametrize("squared_height", [1 / 3, EQUAL_EDGES])
def test_the_square_antiprism_stands_between_the_one_that_fills_space_and_that_of_equal_edges(
    squared_height: float,
) -> None:
    shape = only_shape(8, 3)
    assert shape.name == "square antiprism"
    expected = np.tile((0, *shape.angles), (8, 1))
    np.testing.assert_allclose(angles_from_each(square_antiprism(squared_height)), expected, atol=5)
    assert name_of(square_antiprism(squared_height)) == "square antiprism"


def test_the_antiprism_of_equal_edges_has_equal_edges() -> None:
    nearest = angles_from_each(square_antiprism(EQUAL_EDGES))[:, 1:5]
    np.testing.assert_allclose(nearest, nearest[0, 0])


@given(st.integers(3, 40), st.integers(4, 12))
def test_angles_are_ascending_and_between_0_and_180(sides: int, corners: int) -> None:
    for shape in (polygon(sides), simplex(corners)):
        assert list(shape.angles) == sorted(shape.angles)
        assert 0 < shape.angles[0] <= shape.angles[-1] <= 180


@pytest.mark.parametrize(("corners", "rank"), [(4, 2), (2, 2), (6, 3), (3, 1), (5, 3)])
def test_other_sizes_in_other_ranks_have_no_shape(corners: int, rank: int) -> None:
    assert regular_shapes(corners, rank) == []


def test_a_cube_is_not_an_antiprism_despite_equal_size_rank_and_dimensionality() -> None:
    np.testing.assert_allclose(feature_dimensionality(cube()), 3 / 8)
    assert name_of(cube()) is None


def test_a_triangle_with_a_flipped_corner_is_not_one_despite_equal_dimensionality() -> None:
    corners = regular_polygon(3)
    corners[1] *= -1
    np.testing.assert_allclose(feature_dimensionality(corners), 2 / 3)
    assert name_of(corners) is None


def test_two_features_in_one_dimension_are_a_digon_or_a_collapsed_pair_by_their_sign() -> None:
    assert name_of(spokes(10, 190)) == "digon"
    assert name_of(spokes(10, 10)) == "collapsed pair"


@pytest.mark.parametrize(
    ("bend", "name"), [(0, "digon"), (10, "digon"), (-10, "digon"), (14, None), (30, None)]
)
def test_a_digon_may_bend_as_little_as_training_bends_it(bend: float, name: str | None) -> None:
    assert name_of(spokes(0, 180 + bend)) == name


@pytest.mark.parametrize(
    ("degrees", "name"),
    [
        ((0, 72, 144, 216, 288), "pentagon"),
        ((0, 74, 149, 213, 287), "pentagon"),
        ((0, 60, 120, 216, 288), None),
        ((0, 40, 110, 180, 270), None),
        ((0, 36, 72, 108, 144), None),
    ],
)
def test_a_pentagon_has_nearly_equal_angles(degrees: tuple[float, ...], name: str | None) -> None:
    assert name_of(spokes(*degrees)) == name


def test_unequal_norms_do_not_change_a_digon() -> None:
    assert name_of(DIGON * [[1.05], [0.8]]) == "digon"


def test_a_shape_that_others_interfere_with_has_no_name() -> None:
    assert recognised(DIGON, 1, np.array([0.48, 0.47])) == ("digon", "digons")
    assert recognised(DIGON, 1, np.array([0.46, 0.47])) is None


@pytest.mark.parametrize("sides", [k for k in range(3, 30) if k != 4])
def test_polygons_of_up_to_29_corners_are_known(sides: int) -> None:
    assert name_of(regular_polygon(sides)) == polygon(sides).name


@pytest.mark.parametrize("sides", [30, 36, 60, 200])
def test_corners_too_close_to_distinguish_are_not_mistaken_for_collapsed_ones(sides: int) -> None:
    assert name_of(regular_polygon(sides)) is None


@pytest.mark.parametrize(
    ("degrees", "name"),
    [
        ((5, 6, 7), "collapsed group of 3"),
        ((0, 1, 180), "digon with 1 collapsed corner"),
        ((0, 1, 180, 181), "digon of collapsed pairs"),
        ((0, 120, 240, 1, 121, 241), "triangle of collapsed pairs"),
        ((0, 1, 2, 120, 121, 122, 240, 241, 242), "triangle of collapsed groups of 3"),
        ((0, 1, 120, 240, 241), "triangle with 2 collapsed corners"),
        ((0, 1, 2, 120, 121, 240), "triangle with 2 collapsed corners"),
        ((0, 20, 120, 240), None),
        ((0, 8, 120, 128, 240, 248), "triangle of collapsed pairs"),
    ],
)
def test_features_in_one_direction_are_one_corner(
    degrees: tuple[float, ...], name: str | None
) -> None:
    assert name_of(spokes(*degrees)) == name


def test_plurals_are_correct_english() -> None:
    plurals = {
        shape.name: shape.plural
        for corners, rank in [(1, 1), (2, 1), (3, 2), (9, 2), (4, 3), (5, 4), (8, 3)]
        for shape in regular_shapes(corners, rank)
    }
    assert plurals == {
        "dedicated": "dedicated",
        "digon": "digons",
        "triangle": "triangles",
        "9-gon": "9-gons",
        "tetrahedron": "tetrahedra",
        "4-simplex": "4-simplices",
        "square antiprism": "square antiprisms",
    }
    assert recognised(np.ones((2, 1)), 1, np.full(2, 0.5)) == ("collapsed pair", "collapsed pairs")
