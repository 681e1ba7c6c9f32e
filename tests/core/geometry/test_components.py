"""Geometries: polytopes put together, turned and blurred are found again, and nothing else is."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.core.polytopes import (
    DEDICATED,
    DIGON,
    IGNORED,
    cube,
    direct_sum,
    random_orthogonal,
    regular_polygon,
    regular_simplex,
    spokes,
    square_antiprism,
)

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.geometry.components import (
    JOINED_OVERLAP,
    Geometry,
    angle_between,
    angles_to,
    geometry_of,
    geometry_shares,
    strongest_interferers,
)
from superpos_core.geometry.measures import REPRESENTED_NORM, feature_dimensionality

COLLAPSED_PAIR = np.array([[1.0], [1.0]]) / math.sqrt(2)

# What training makes, by name: corners, and the dimensionality of each.
SHAPES: dict[str, tuple[FloatArray, float]] = {
    "dedicated": (DEDICATED, 1),
    "4-simplex": (regular_simplex(5), 4 / 5),
    "tetrahedron": (regular_simplex(4), 3 / 4),
    "triangle": (regular_polygon(3), 2 / 3),
    "collapsed pair": (COLLAPSED_PAIR, 1 / 2),
    "digon": (DIGON, 1 / 2),
    "pentagon": (1.17 * regular_polygon(5), 2 / 5),
    "square antiprism": (square_antiprism(), 3 / 8),
    "hexagon": (1.3 * regular_polygon(6), 1 / 3),
}
each_shape = pytest.mark.parametrize("name", SHAPES)

seeds = st.integers(0, 2**32 - 1)
any_weights = st.tuples(st.integers(1, 12), st.integers(1, 6)).flatmap(
    lambda size: hnp.arrays(np.float32, size, elements=st.floats(width=32))
)


def normal_weights(seed: int, features: int, hidden: int) -> FloatArray:
    return np.random.default_rng(seed).standard_normal((features, hidden))


def text_of(*blocks: FloatArray) -> str:
    return geometry_of(direct_sum(*blocks)).text


def found(geometry: Geometry) -> list[tuple[str, tuple[int, ...]]]:
    return [(shape.name, shape.features) for shape in geometry.shapes]


@each_shape
def test_each_shape_is_found_with_its_rank_and_dimensionality(name: str) -> None:
    corners, share = SHAPES[name]
    geometry = geometry_of(corners)
    [shape] = geometry.shapes
    assert shape.known
    assert (shape.name, shape.rank) == (name, corners.shape[1])
    assert shape.features == tuple(range(len(corners)))
    assert shape.dimensionality == pytest.approx(share)
    assert geometry.text == f"1 {name}"


@given(st.lists(st.sampled_from(sorted(SHAPES)), min_size=1, max_size=5), st.integers(0, 3), seeds)
def test_shapes_side_by_side_are_found_again_when_scaled_turned_shuffled_and_blurred(
    names: list[str], spare: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    corners = [random.uniform(0.8, 1.2) * SHAPES[name][0] for name in names]
    weights = direct_sum(*corners, np.zeros((spare, spare)))
    weights = weights @ random_orthogonal(seed, weights.shape[1])
    order = random.permutation(len(weights))
    blur = 0.02 * random.standard_normal(weights.shape)
    geometry = geometry_of((weights * (1 + blur) + 0.2 * blur)[order])
    places = np.split(np.argsort(order), np.cumsum([len(block) for block in corners]))
    expected = [
        (name, tuple(sorted(place.tolist())))
        for name, place in zip(names, places[:-1], strict=True)
    ]
    assert sorted(found(geometry)) == sorted(expected)
    assert geometry.ignored == tuple(sorted(places[-1].tolist()))
    for shape in geometry.shapes:
        assert shape.dimensionality == pytest.approx(SHAPES[shape.name][1], abs=0.03)


def test_bipyramids_and_the_octahedron_are_sums_as_the_paper_says() -> None:
    assert text_of(DIGON, DIGON, DIGON) == "3 digons"
    assert text_of(regular_polygon(3), DIGON) == "1 triangle · 1 digon"
    assert text_of(regular_polygon(5), DIGON) == "1 digon · 1 pentagon"


def test_the_text_starts_with_the_highest_dimensionality_and_ends_with_ignored_features() -> None:
    blocks = [np.zeros((12, 1)), regular_polygon(5), DIGON, DEDICATED, DIGON, cube(), DIGON]
    assert text_of(*blocks) == (
        "1 dedicated · 3 digons · 1 pentagon · 8 features in 3-D · 12 ignored"
    )


def test_a_feature_of_norm_one_half_is_ignored() -> None:
    geometry = geometry_of(np.diag([REPRESENTED_NORM, 0.51]))
    assert found(geometry) == [("dedicated", (1,))]
    assert geometry.ignored == (0,)


def test_unknown_shapes_are_counted() -> None:
    two_cubes = direct_sum(cube(), cube())
    assert geometry_of(two_cubes).text == "2 × 8 features in 3-D"
    assert not any(shape.known for shape in geometry_of(two_cubes).shapes)
    assert text_of(spokes(0, 40)) == "2 features in 2-D"


def test_a_feature_that_many_overlap_a_little_is_not_dedicated() -> None:
    crowd = direct_sum(DEDICATED, np.eye(12))
    crowd[1:, 0] = 0.15
    assert feature_dimensionality(crowd)[0] == pytest.approx(1 / (1 + 12 * 0.15**2))
    assert geometry_of(crowd).shapes[-1].features == (0,)
    assert geometry_of(crowd).text == "12 dedicated · 1 feature in 1-D"


def test_a_feature_stays_dedicated_when_an_ignored_one_overlaps_it() -> None:
    assert geometry_of(np.array([[1, 0], [0, 1], [0, -0.35]])).text == "2 dedicated · 1 ignored"


def test_collapsed_pairs_make_the_corners_of_larger_shapes() -> None:
    pairs = np.repeat(regular_polygon(5), 2, axis=0) / math.sqrt(2)
    [shape] = geometry_of(pairs).shapes
    assert (shape.name, shape.rank) == ("pentagon of collapsed pairs", 2)
    assert shape.dimensionality == pytest.approx(1 / 5)
    assert text_of(pairs, COLLAPSED_PAIR) == "1 collapsed pair · 1 pentagon of collapsed pairs"


@given(seeds, st.integers(15, 40))
def test_random_weights_form_no_known_shape(seed: int, features: int) -> None:
    weights = normal_weights(seed, features, 5)
    assert not any(shape.known for shape in geometry_of(weights).shapes)


@given(seeds, st.integers(1, 12), st.integers(1, 8))
def test_the_hidden_space_may_be_turned_and_features_reordered(
    seed: int, features: int, hidden: int
) -> None:
    weights = normal_weights(seed, features, hidden)
    turned = weights @ random_orthogonal(seed, hidden)
    assert found(geometry_of(turned)) == found(geometry_of(weights))
    assert sorted(geometry_of(weights[::-1]).ignored) == sorted(
        features - 1 - i for i in geometry_of(weights).ignored
    )


@given(seeds, st.integers(1, 12), st.integers(1, 30))
def test_shapes_are_the_connected_parts_of_the_graph_of_overlaps(
    seed: int, features: int, hidden: int
) -> None:
    weights = normal_weights(seed, features, hidden) / math.sqrt(hidden)
    unit = [row / math.sqrt(sum(row**2)) for row in weights]
    parts = {i: {i} for i in range(features) if sum(weights[i] ** 2) > REPRESENTED_NORM**2}
    for i in parts:
        for j in parts:
            if abs(sum(unit[i] * unit[j])) > JOINED_OVERLAP and parts[i] is not parts[j]:
                parts[i] |= parts[j]
                for k in parts[j]:
                    parts[k] = parts[i]
    expected = {tuple(sorted(part)) for part in parts.values()}
    assert {shape.features for shape in geometry_of(weights).shapes} == expected


@given(any_weights)
def test_every_feature_is_counted_exactly_once(weights: FloatArray) -> None:
    geometry = geometry_of(weights)  # and no warning, which would be an error here
    places = [i for shape in geometry.shapes for i in shape.features]
    places += [*geometry.ignored, *geometry.not_finite]
    assert sorted(places) == list(range(len(weights)))
    assert set(geometry.not_finite) == set(np.flatnonzero(~np.isfinite(weights).all(axis=1)))


def test_non_finite_features_are_listed_and_do_not_hide_others() -> None:
    weights = direct_sum(DIGON, DEDICATED, IGNORED)
    weights[2, 0] = math.nan
    assert geometry_of(weights).text == "1 digon · 1 ignored · 1 not finite"
    assert geometry_of(np.full((3, 2), math.inf)).text == "3 not finite"


def test_a_norm_that_overflows_is_not_finite() -> None:
    assert geometry_of(np.full((2, 2), 1e200)).not_finite == (0, 1)
    assert geometry_of(np.full((2, 2), 1e30, np.float32)).text == "1 collapsed pair"


def test_zero_weights_are_all_ignored() -> None:
    assert geometry_of(np.zeros((4, 2))) == Geometry(shapes=(), ignored=(0, 1, 2, 3))
    assert geometry_of(np.zeros((4, 2))).text == "4 ignored"


@pytest.mark.parametrize(
    ("weights", "text"),
    [
        ([1.0], "1 dedicated"),
        ([0.1], "1 ignored"),
        ([1.0, -1.0], "1 digon"),
        ([0.7, 0.7], "1 collapsed pair"),
        ([1.0, -0.7, -0.7], "1 digon with 1 collapsed corner"),
    ],
)
def test_one_hidden_dimension_is_enough(weights: list[float], text: str) -> None:
    assert geometry_of(np.array(weights)[:, None]).text == text


def test_geometry_does_not_change_the_weights() -> None:
    weights = np.array([[math.nan], [1.0]])
    geometry_of(weights)
    np.testing.assert_array_equal(weights, [[math.nan], [1.0]])


def test_shares_count_equal_geometries_whichever_features_form_them() -> None:
    pentagon = regular_polygon(5)
    two_digons = direct_sum(DIGON, DIGON, np.zeros((1, 0)))
    seeds_of_five = [two_digons, pentagon, two_digons[::-1], pentagon, pentagon @ [[0, 1], [1, 0]]]
    shares = geometry_shares(np.array(seeds_of_five))
    assert shares == [("1 pentagon", 3), ("2 digons · 1 ignored", 2)]


class TestAngles:
    @given(st.floats(-180, 180), st.floats(0, 180), st.floats(1e-6, 1e6))
    def test_the_angle_is_the_one_that_was_built_in(
        self, start: float, angle: float, length: float
    ) -> None:
        weights = spokes(start, start + angle) * [[length], [1.0]]
        assert angle_between(weights, 0, 1) == pytest.approx(angle, abs=1e-9)
        assert angle_between(weights, 1, 0) == pytest.approx(angle, abs=1e-9)

    def test_an_angle_with_a_feature_of_no_direction_is_not_a_number(self) -> None:
        weights = np.array([[1.0, 0.0], [0.0, 0.0], [math.nan, 0.0], [math.inf, 0.0]])
        for other in (1, 2, 3):
            assert math.isnan(angle_between(weights, 0, other))
            assert math.isnan(angle_between(weights, other, other))

    @pytest.mark.parametrize("feature", [-1, 3])
    def test_a_feature_that_is_not_there_is_an_error(self, feature: int) -> None:
        with pytest.raises(InvalidValue, match=f"^feature {feature}: .* from 0 to 2"):
            angle_between(np.eye(3), 0, feature)
        with pytest.raises(InvalidValue, match=f"^feature {feature}: "):
            angle_between(np.eye(3), feature, 0)


class TestInterferers:
    @given(seeds, st.integers(1, 9), st.integers(0, 12))
    def test_no_feature_that_is_left_out_interferes_more(
        self, seed: int, features: int, count: int
    ) -> None:
        gram = normal_weights(seed, features, features)
        feature = seed % features
        pairs = strongest_interferers(gram[:, feature], feature, count)
        listed = [other for other, _ in pairs]
        assert len(set(listed)) == len(listed) == min(count, features - 1)
        assert feature not in listed
        assert all(value == gram[other, feature] for other, value in pairs)
        sizes = [abs(value) for _, value in pairs]
        assert sizes == sorted(sizes, reverse=True)
        left_out = set(range(features)) - set(listed) - {feature}
        assert all(abs(gram[other, feature]) <= min(sizes, default=math.inf) for other in left_out)

    def test_equals_come_in_the_order_of_the_features_and_nan_comes_last(self) -> None:
        gram = np.array([[9, 1, 1], [math.nan, 9, 1], [-0.5, -1, 9], [0.5, 0, 1]])
        gram = np.pad(gram, ((0, 0), (0, 1)))
        pairs = strongest_interferers(gram[:, 0], 0, 3)
        assert [other for other, _ in pairs] == [2, 3, 1]
        assert math.isnan(pairs[-1][1])

    def test_a_feature_that_is_not_there_or_a_negative_count_is_an_error(self) -> None:
        with pytest.raises(InvalidValue, match=r"^feature 3: .* from 0 to 2"):
            strongest_interferers(np.eye(3)[0], 3, 1)
        with pytest.raises(InvalidValue, match=r"^count -1: "):
            strongest_interferers(np.eye(3)[0], 0, -1)


def test_angles_to_a_vector() -> None:
    vectors = np.array([[2, 0], [0, 3], [-1, 0], [1, 1], [0, 0], [np.inf, 0]], dtype=float)
    angles = angles_to(np.array([0.5, 0.0]), vectors)
    np.testing.assert_allclose(angles, [0, 90, 180, 45, np.nan, np.nan], atol=1e-6)
    assert np.isnan(angles_to(np.zeros(2), vectors)).all()
