"""The measures of feature vectors: theorems that hold for every W, and definitions."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.geometry.weights import (
    MEASURES,
    any_finite_weights,
    moderate_weights,
    normal_weights,
    seeds,
)
from tests.core.polytopes import (
    DEDICATED,
    DIGON,
    cube,
    direct_sum,
    random_orthogonal,
    regular_polygon,
)

from superpos_core.arrays import FloatArray
from superpos_core.geometry.measures import (
    FEW_ROWS,
    REPRESENTED_NORM,
    dimensions_per_feature,
    feature_dimensionality,
    feature_norms,
    gram,
    represented,
    superposition,
)
from superpos_core.task.parameters import Parameters


@given(any_finite_weights)
def test_dimensionality_is_a_share_for_every_weight(weights: FloatArray) -> None:
    shares = feature_dimensionality(weights)
    assert np.all(shares >= 0)
    assert np.all(shares <= 1 + 1e-12)


@given(any_finite_weights)
def test_dimensionalities_add_up_to_no_more_than_the_hidden_dimensions(weights: FloatArray) -> None:
    assert feature_dimensionality(weights).sum() <= weights.shape[1] + 1e-9


@given(seeds, st.integers(1, 15), st.integers(1, 6), st.integers(1, 6))
def test_dimensionalities_add_up_to_no_more_than_the_rank(
    seed: int, features: int, hidden: int, inner: int
) -> None:
    weights = normal_weights(seed, features, inner) @ normal_weights(seed + 1, inner, hidden)
    rank = min(features, hidden, inner)
    assert np.linalg.matrix_rank(weights) == rank
    assert feature_dimensionality(weights).sum() <= rank + 1e-9


@given(seeds, st.integers(2, 15), st.integers(1, 6))
def test_measures_do_not_change_when_the_hidden_space_is_rotated(
    seed: int, features: int, hidden: int
) -> None:
    weights = normal_weights(seed, features, hidden)
    rotated = weights @ random_orthogonal(seed + 1, hidden)
    bias = np.zeros(features)
    for measure in MEASURES:
        np.testing.assert_allclose(measure(rotated), measure(weights), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        gram(Parameters(encoder=rotated, bias=bias)),
        gram(Parameters(encoder=weights, bias=bias)),
        atol=1e-12,
    )


@given(seeds, st.floats(1e-30, 1e30), st.booleans())
def test_dimensionality_does_not_change_with_the_scale(
    seed: int, scale: float, negative: bool
) -> None:
    weights = normal_weights(seed, 9, 4)
    scaled = weights * (-scale if negative else scale)
    np.testing.assert_allclose(
        feature_dimensionality(scaled), feature_dimensionality(weights), rtol=1e-9
    )


@given(moderate_weights)
def test_superposition_follows_from_norm_and_dimensionality(weights: FloatArray) -> None:
    exact = weights.astype(np.float64)
    squares = np.sum(exact**2, axis=1)
    learned = squares > 1e-6
    shares = feature_dimensionality(weights)
    np.testing.assert_allclose(
        superposition(weights)[learned],
        squares[learned] * (1 / shares[learned] - 1),
        rtol=1e-9,
        atol=1e-9,
    )


@given(moderate_weights)
def test_superposition_agrees_with_its_definition(weights: FloatArray) -> None:
    rows = weights.astype(np.float64)
    expected = []
    for i, row in enumerate(rows):
        norm = math.sqrt(sum(w * w for w in row))
        others = (other for j, other in enumerate(rows) if j != i)
        overlaps = (sum(row * other) / norm if norm else 0.0 for other in others)
        expected.append(sum(overlap**2 for overlap in overlaps))
    np.testing.assert_allclose(superposition(weights), expected, rtol=1e-9, atol=1e-12)


@given(
    seed=seeds,
    lanes=st.sampled_from([(), (1,), (2, 3)]),
    features=st.integers(FEW_ROWS - 1, FEW_ROWS + 60),
    hidden=st.sampled_from([1, 2, 7, FEW_ROWS + 3]),
)
@settings(max_examples=8)
def test_measures_of_many_rows_match_the_full_product(
    seed: int, lanes: tuple[int, ...], features: int, hidden: int
) -> None:
    random = np.random.default_rng(seed)
    shape = (*lanes, features)
    weights = random.standard_normal((*shape, hidden)) * 10.0 ** random.uniform(-6, 3, (*shape, 1))
    weights[random.random(shape) < 0.2] = 0
    norms = np.sqrt(np.sum(weights**2, axis=-1))
    squares = np.square(weights @ np.swapaxes(weights, -1, -2))
    with np.errstate(invalid="ignore"):
        sums = np.sum(squares / norms[..., None] ** 2, axis=-1)
        shares = np.where(norms > 0, norms**2 / sums, 0)
        others = np.where(norms > 0, sums - norms**2, 0)
    np.testing.assert_allclose(feature_dimensionality(weights), shares, rtol=1e-9)
    np.testing.assert_allclose(superposition(weights), others, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_many_rows_with_non_finite_ones_are_measured_like_few(wrong: float) -> None:
    few = regular_polygon(5)
    few[2, 0] = wrong
    many = np.vstack([few, np.zeros((FEW_ROWS, 2))])
    for measure in (feature_dimensionality, superposition):
        np.testing.assert_array_equal(measure(many)[:5], measure(few))
        np.testing.assert_array_equal(measure(many)[5:], 0)
    assert not np.isfinite(feature_dimensionality(many)[2])


def test_millions_of_rows_need_little_extra_memory() -> None:
    rows = np.tile(regular_polygon(4), (200_000, 1))
    np.testing.assert_allclose(feature_dimensionality(rows), 2 / 800_000)


def test_a_tight_packing_uses_every_hidden_dimension() -> None:
    weights = direct_sum(regular_polygon(5), DIGON, cube(), DEDICATED)
    assert feature_dimensionality(weights).sum() == pytest.approx(2 + 1 + 3 + 1)


def test_dimensions_per_feature_is_one_for_a_dedicated_basis_and_half_for_pairs() -> None:
    basis = np.eye(8, 5)
    pairs = np.concatenate([np.eye(5), -np.eye(5)])
    assert dimensions_per_feature(basis) == pytest.approx(1)
    assert dimensions_per_feature(pairs) == pytest.approx(1 / 2)


@given(seeds, st.integers(1, 9), st.integers(1, 5))
def test_dimensions_per_feature_is_m_over_the_sum_of_squares(
    seed: int, features: int, hidden: int
) -> None:
    weights = normal_weights(seed, features, hidden)
    expected = hidden / sum(float(w) ** 2 for w in weights.flat)
    assert dimensions_per_feature(weights) == pytest.approx(expected, rel=1e-12)


def test_dimensions_per_feature_of_nothing_learned_is_infinite() -> None:
    assert dimensions_per_feature(np.zeros((4, 2), np.float32)) == math.inf


def test_represented_counts_norms_above_one_half_and_not_at_it() -> None:
    weights = np.array([[1.0, 0.0], [0.0, 0.51], [0.5, 0.0], [0.3, 0.3], [0.36, 0.36]])
    assert REPRESENTED_NORM == 0.5
    assert represented(weights) == 3


@given(moderate_weights)
def test_norms_agree_with_their_definition(weights: FloatArray) -> None:
    expected = [math.hypot(*map(float, row)) for row in weights]
    np.testing.assert_allclose(feature_norms(weights), expected, rtol=1e-5, atol=1e-18)


def test_gram_of_a_tied_model_is_symmetric_and_has_the_squared_norms_on_its_diagonal() -> None:
    weights = normal_weights(3, 7, 3)
    picture = gram(Parameters(encoder=weights, bias=np.zeros(7)))
    np.testing.assert_allclose(picture, picture.T)
    np.testing.assert_allclose(np.diag(picture), feature_norms(weights) ** 2)
    assert picture[2, 5] == pytest.approx(sum(weights[2] * weights[5]))


def test_gram_of_an_untied_model_is_encoder_times_decoder() -> None:
    encoder, decoder = normal_weights(1, 6, 2), normal_weights(2, 2, 6)
    picture = gram(Parameters(encoder=encoder, decoder=decoder, bias=np.zeros(6)))
    for i, j in itertools.product(range(6), repeat=2):
        assert picture[i, j] == pytest.approx(sum(encoder[i] * decoder[:, j]))


@given(seeds)
def test_batched_lanes_match_single_lanes(seed: int) -> None:
    random = np.random.default_rng(seed)
    lanes = random.standard_normal((2, 3, 8, 4)).astype(np.float32)
    for measure in MEASURES:
        together = measure(lanes)
        assert together.shape[:2] == (2, 3)
        for index in np.ndindex(2, 3):
            np.testing.assert_allclose(together[index], measure(lanes[index]), rtol=1e-6)


@given(seeds, st.booleans())
def test_the_gram_of_many_lanes_matches_single_lanes(seed: int, tied: bool) -> None:
    random = np.random.default_rng(seed)
    encoder = random.standard_normal((3, 6, 2))
    decoder = None if tied else random.standard_normal((3, 2, 6))
    parameters = Parameters(encoder=encoder, decoder=decoder, bias=np.zeros((3, 6)))
    for lane in range(3):
        np.testing.assert_allclose(gram(parameters)[lane], gram(parameters.take(lane)), rtol=1e-9)
