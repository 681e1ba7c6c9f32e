"""Cosines of features and latents, and which latent is matched with which feature."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from superpos_core.analysis.dictionaries.matching import UNMATCHED, cosines_between, match
from superpos_core.arrays import FloatArray

seeds = st.integers(0, 2**32 - 1)


def directions(seed: int, count: int, hidden: int = 4) -> FloatArray:
    return np.random.default_rng(seed).standard_normal((count, hidden))


@given(seed=seeds, more=st.integers(0, 3))
def test_a_permuted_rescaled_dictionary_of_either_sign_is_matched(seed: int, more: int) -> None:
    random = np.random.default_rng(seed)
    features = directions(seed, 5)
    latents = np.concatenate([features, directions(seed + 1, more)])
    factors = random.uniform(0.5, 2, len(latents)) * random.choice([-1, 1], len(latents))
    places = random.permutation(len(latents))
    found = match(cosines_between(features, (latents * factors[:, None])[places]))
    assert places[found.latent_of].tolist() == list(range(5))
    np.testing.assert_allclose(found.cosines, np.sign(factors[:5]), atol=1e-12)


@given(seed=seeds)
def test_the_order_has_every_latent_once_and_matched_ones_first(seed: int) -> None:
    cosines = cosines_between(directions(seed, 3), directions(seed + 1, 7))
    found = match(cosines)
    order = found.order(7)
    assert sorted(order.tolist()) == list(range(7))
    assert order[:3].tolist() == found.latent_of.tolist()
    np.testing.assert_array_equal(np.diag(cosines[:, order]), found.cosines)


def test_of_more_features_than_latents_some_have_none() -> None:
    found = match(np.array([[0.1], [-0.9], [0.5]]))
    assert found.latent_of.tolist() == [UNMATCHED, 0, UNMATCHED]
    assert found.cosines.tolist() == [0, -0.9, 0]
    assert found.order(1).tolist() == [0]


def test_the_sum_decides_not_the_largest_cosine() -> None:
    found = match(np.array([[0.9, 0.8], [0.8, 0.1]]))
    assert found.latent_of.tolist() == [1, 0]


def test_vectors_without_a_direction_have_cosine_0() -> None:
    cosines = cosines_between(np.array([[3.0, 4.0], [0.0, 0.0]]), np.array([[0.0, 2.0]]))
    assert cosines.tolist() == [[pytest.approx(0.8)], [0]]
