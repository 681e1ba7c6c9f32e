"""Small pictures of shapes: alike for alike shapes, and at rest while the weights tremble."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.polytopes import (
    DIGON,
    direct_sum,
    random_orthogonal,
    regular_polygon,
    regular_simplex,
    spokes,
)

from superpos_core.arrays import FloatArray
from superpos_core.geometry.components import JOINED_OVERLAP, geometry_of
from superpos_core.geometry.shape_pictures import (
    MAX_EDGES,
    ShapePicture,
    outline,
    shape_picture,
)
from superpos_core.strips import strips

seeds = st.integers(0, 2**32 - 1)


def pictures_of(vectors: FloatArray) -> list[ShapePicture]:
    return [shape_picture(shape, vectors) for shape in geometry_of(vectors).shapes]


def clockwise(corners: int) -> FloatArray:
    """The corners of a regular polygon, shape (k, 2), from the top."""
    angles = 2 * np.pi * np.arange(corners) / corners
    return np.stack([np.sin(angles), np.cos(angles)], axis=1)


@given(seeds)
def test_every_digon_stands_upright_and_its_edge_is_the_product(seed: int) -> None:
    digons = direct_sum(*[DIGON] * 5) @ random_orthogonal(seed, 5)
    pictures = pictures_of(digons)
    assert [picture.shape.features for picture in pictures] == [
        (2 * k, 2 * k + 1) for k in range(5)
    ]
    for picture in pictures:
        np.testing.assert_allclose(picture.points, [[0, 1], [0, -1]], atol=1e-6)
        assert picture.edges.tolist() == [[0, 1]]
        assert picture.products == pytest.approx([-1])


@given(seeds, st.sampled_from([3, 5, 6, 8]))
def test_a_polygon_is_seen_as_it_is_with_its_first_corner_on_top(seed: int, corners: int) -> None:
    polygon = np.pad(regular_polygon(corners), ((0, 0), (0, 3))) @ random_orthogonal(seed, 5)
    (picture,) = pictures_of(polygon)
    np.testing.assert_allclose(picture.points, clockwise(corners), atol=1e-6)


@given(seeds, st.sampled_from([regular_polygon(5), regular_simplex(4), regular_simplex(5)]))
def test_weights_that_tremble_hardly_move_a_regular_shape(seed: int, vectors: FloatArray) -> None:
    tremble = 0.003 * np.random.default_rng(seed).standard_normal(vectors.shape)
    (still,), (trembling,) = pictures_of(vectors), pictures_of(vectors + tremble)
    np.testing.assert_allclose(trembling.points, still.points, atol=0.05)


@given(seeds)
def test_an_irregular_shape_is_a_ring_in_the_order_of_its_features(seed: int) -> None:
    vectors = np.random.default_rng(seed).standard_normal((9, 3))
    irregular = [picture for picture in pictures_of(vectors) if not picture.shape.known]
    for picture in irregular:
        expected = clockwise(len(picture.shape.features))
        np.testing.assert_allclose(picture.points, expected, atol=1e-6)


def test_a_feature_alone_is_in_the_middle() -> None:
    (picture,) = pictures_of(np.array([[1.0, 0, 0]]))
    np.testing.assert_allclose(picture.points, [[0, 0]], atol=1e-12)
    assert picture.edges.shape == (0, 2)


def test_the_outline_of_a_polygon_joins_neighbours_and_those_of_others_nothing() -> None:
    pentagon = np.vstack([regular_polygon(5), np.zeros((1, 2))])
    (shape,) = geometry_of(pentagon).shapes
    assert outline(shape, pentagon) == [(0, 1), (0, 4), (1, 2), (2, 3), (3, 4)]
    simplex = regular_simplex(4)
    (shape,) = geometry_of(simplex).shapes
    assert len(outline(shape, simplex)) == 6
    for vectors in (DIGON, np.array([[1.0, 0], [0.5, 0.9], [0, 1]])):
        (shape,) = geometry_of(vectors).shapes
        assert outline(shape, vectors) == []


def test_both_features_at_a_collapsed_corner_have_its_edges() -> None:
    collapsed = spokes(0, 0, 120, 240) * 0.9
    (shape,) = geometry_of(collapsed).shapes
    assert shape.known
    assert outline(shape, collapsed) == [(0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]


def test_of_very_many_edges_the_strongest_are_kept_however_the_rows_are_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(90, 3)) * random.uniform(0.6, 1.4, (90, 1))
    shape = max(geometry_of(vectors).shapes, key=lambda each: len(each.features))
    whole = shape_picture(shape, vectors)
    weights = vectors[list(shape.features)]
    products = weights @ weights.T
    np.testing.assert_allclose(whole.products, products[tuple(whole.edges.T)])
    assert len(whole.edges) == MAX_EDGES < 90 * 89 / 2
    left_out = np.abs(np.triu(products, 1))
    left_out[tuple(whole.edges.T)] = 0
    cosines = left_out / np.outer(*[np.linalg.norm(weights, axis=1)] * 2)
    left_out[cosines <= JOINED_OVERLAP] = 0
    assert left_out.max() <= np.abs(whole.products).min() + 1e-12
    monkeypatch.setattr(strips, "__defaults__", (7 * len(weights),))
    cut = shape_picture(shape, vectors)
    np.testing.assert_array_equal(cut.edges, whole.edges)
