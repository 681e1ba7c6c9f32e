"""The graph of features that overlap: its nodes and edges, and a layout that shows the shapes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.polytopes import (
    DEDICATED,
    DIGON,
    IGNORED,
    direct_sum,
    random_orthogonal,
    regular_polygon,
    regular_simplex,
    square_antiprism,
)

from superpos_core.arrays import FloatArray
from superpos_core.geometry.graph import GAP, FeatureGraph, feature_graph, layout, packed

MANY_SHAPES = direct_sum(
    regular_polygon(5),
    IGNORED,
    DIGON,
    square_antiprism(),
    DIGON,
    regular_simplex(4),
    DEDICATED,
    regular_polygon(3),
)


def turned(encoder: FloatArray, seed: int = 0) -> FloatArray:
    """The same shapes in other directions."""
    rotated: FloatArray = encoder @ random_orthogonal(seed, encoder.shape[1])
    return rotated


def boxes(graph: FeatureGraph) -> list[tuple[FloatArray, FloatArray]]:
    """Lower left and upper right corner of each component."""
    places = layout(graph)
    members = [places[graph.component == each] for each in np.unique(graph.component)]
    return [(points.min(axis=0), points.max(axis=0)) for points in members]


def angles_around_the_middle(points: FloatArray) -> FloatArray:
    """Degrees from each point to the next, as seen from their middle."""
    x, y = (points - points.mean(axis=0)).T
    directions = np.sort(np.degrees(np.arctan2(y, x)))
    turns: FloatArray = np.diff(directions, append=directions[0] + 360)
    return turns


def test_nodes_are_the_represented_features_and_components_the_shapes() -> None:
    graph = feature_graph(turned(MANY_SHAPES))
    assert sorted(graph.features.tolist()) == [f for f in range(len(MANY_SHAPES)) if f != 5]
    sizes = np.bincount(graph.component).tolist()
    assert sizes == [8, 5, 4, 3, 2, 2, 1]
    for each in range(len(sizes)):
        members = tuple(graph.features[graph.component == each].tolist())
        assert members in {shape.features for shape in graph.geometry.shapes}


def test_ignored_and_non_finite_features_are_counted_but_are_not_nodes() -> None:
    encoder = direct_sum(DIGON, IGNORED, IGNORED, DEDICATED)
    encoder[3, 0] = np.nan
    graph = feature_graph(encoder)
    assert graph.features.tolist() == [0, 1, 4]
    assert graph.geometry.text == "1 dedicated · 1 digon · 1 ignored · 1 not finite"


def test_edges_weigh_the_overlap_of_all_pairs_within_a_shape() -> None:
    encoder = 1.2 * regular_polygon(5)
    graph = feature_graph(encoder)
    assert len(graph.edges) == 10
    first, second = graph.features[graph.edges].T
    np.testing.assert_allclose(graph.overlaps, np.abs((encoder @ encoder.T)[first, second]))


def test_features_at_right_angles_are_not_joined() -> None:
    assert feature_graph(turned(np.eye(6))).edges.shape == (0, 2)
    octahedron = direct_sum(DIGON, DIGON, DIGON)
    assert len(feature_graph(turned(octahedron)).edges) == 3


def test_an_antipodal_pair_is_an_upright_segment_of_length_1() -> None:
    (first, second) = layout(feature_graph(turned(DIGON)))
    x, y = np.abs(first - second)
    assert x < 1e-9
    assert y == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("corners", [3, 5])
@pytest.mark.parametrize("seed", range(4))
def test_a_noisy_polygon_is_nearly_regular_and_upright(corners: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    encoder = regular_polygon(corners)[random.permutation(corners)]
    points = layout(feature_graph(encoder + 0.01 * random.standard_normal((corners, 2))))
    np.testing.assert_allclose(angles_around_the_middle(points), 360 / corners, atol=6)
    distances = np.linalg.norm(points - points.mean(axis=0), axis=1)
    assert distances.min() > 0.85 * distances.max()
    highest = points[np.argmax(points[:, 1])] - points.mean(axis=0)
    assert abs(highest[0]) < 1e-9


def test_a_square_antiprism_is_a_ring_of_the_pairs_that_overlap_most() -> None:
    encoder = square_antiprism()
    graph = feature_graph(encoder)
    points = layout(graph)
    distances = np.linalg.norm(points - points.mean(axis=0), axis=1)
    assert distances.min() > 0.8 * distances.max()
    x, y = (points - points.mean(axis=0)).T
    ring = graph.features[np.argsort(np.arctan2(y, x))]
    overlaps = np.abs(encoder @ encoder.T)
    np.testing.assert_allclose(overlaps[ring, np.roll(ring, 1)], overlaps[0, 4:].max())


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_components_do_not_overlap(seed: int) -> None:
    random = np.random.default_rng(seed)
    shapes = [regular_polygon(k) for k in (3, 5, 7)] + [DIGON, DEDICATED, regular_simplex(5)]
    chosen = [shapes[index] for index in random.integers(0, len(shapes), 9)]
    corners = boxes(feature_graph(turned(direct_sum(*chosen), seed)))
    for index, (low, high) in enumerate(corners):
        for other_low, other_high in corners[:index]:
            between = np.maximum(low - other_high, other_low - high)
            assert between.max() >= GAP - 1e-6


def test_large_components_are_at_the_top() -> None:
    corners = boxes(feature_graph(turned(MANY_SHAPES)))
    middles = [(low[1] + high[1]) / 2 for low, high in corners]
    assert middles[0] == max(middles)
    assert middles[-1] == min(middles)


def test_the_same_weights_have_the_same_layout() -> None:
    encoder = np.random.default_rng(3).normal(size=(60, 12)) / np.sqrt(12)
    first, second = (layout(feature_graph(encoder)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("encoder", [np.zeros((4, 2)), np.full((3, 2), np.nan), np.zeros((0, 2))])
def test_the_graph_is_empty_if_nothing_is_represented(encoder: FloatArray) -> None:
    graph = feature_graph(encoder)
    assert (graph.features.size, graph.edges.shape) == (0, (0, 2))
    assert layout(graph).shape == (0, 2)


@given(
    st.integers(1, 12),
    st.integers(1, 6),
    st.sampled_from([1e-30, 0.3, 1.0, 1e38, 1e150]),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=30, deadline=None)
def test_finite_weights_have_finite_positions(
    features: int, hidden: int, size: float, seed: int
) -> None:
    encoder = size * np.random.default_rng(seed).normal(size=(features, hidden))
    graph = feature_graph(encoder)
    places = layout(graph)
    assert places.shape == (len(graph.features), 2)
    assert np.isfinite(places).all()


def test_coinciding_features_are_separated() -> None:
    encoder = np.array([[1.0, 0], [1, 0], [1, 0], [-1, 0]])
    places = layout(feature_graph(encoder))
    distances = np.linalg.norm(places[:, None] - places, axis=-1)[np.triu_indices(4, 1)]
    assert distances.min() > 0.3


@given(st.lists(st.tuples(st.floats(0.1, 9), st.floats(0.1, 9)), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_packed_boxes_do_not_overlap_and_waste_little(sizes: list[tuple[float, float]]) -> None:
    boxes = sorted((np.array(size) for size in sizes), key=lambda size: -float(size[1]))
    corners = packed(boxes)
    ends = corners + boxes
    for index in range(len(boxes)):
        for other in range(index):
            between = np.maximum(corners[index] - ends[other], corners[other] - ends[index])
            assert between.max() >= -1e-9
    # Rows of boxes in order of height fill all but one row of boxes and their ends.
    largest = float(np.max(boxes))
    area = float(sum(size.prod() for size in boxes))
    side = float(np.max(ends.max(axis=0) - corners.min(axis=0)))
    assert side <= 2 * np.sqrt(area) + 2 * largest
