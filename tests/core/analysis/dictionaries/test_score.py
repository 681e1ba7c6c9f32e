"""Measures of perfect, permuted, random and broken dictionaries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.analysis.dictionaries.made import (
    dictionary,
    of_truth,
    orthonormal,
    score,
    sparse_rows,
)

from superpos_core.task.dictionaries.kinds import KINDS

seeds = st.integers(0, 2**32 - 1)
N, D = 4, 6


@pytest.mark.parametrize("name", KINDS)
def test_the_truth_is_perfect_in_every_kind(name: str) -> None:
    v = orthonormal(N, D)
    found = score(of_truth(v, KINDS[name]), v, sparse_rows(v), KINDS[name], active_latents=N)
    np.testing.assert_allclose(found.cosines_in_order, np.eye(N), atol=1e-12)
    for perfect in (found.precision, found.recall, found.f1):
        np.testing.assert_allclose(perfect, 1)
    whole = (
        found.mcc, found.uniqueness, found.mean_max_cosine_of_features,
        found.mean_max_cosine_of_latents, found.detection.f1, found.detection.accuracy,
        found.reconstruction.explained_variance, found.reconstruction.shrinkage,
    )  # fmt: skip
    assert whole == pytest.approx([1] * 8)
    assert found.is_recovered.all()
    assert found.activity.l0 == pytest.approx(found.activity.true_l0)
    assert found.reconstruction.error == pytest.approx(0, abs=1e-12)
    assert found.reconstruction.error_of_truth == pytest.approx(0, abs=1e-12)
    assert found.absorption.own_latents.tolist() == [1] * N
    assert not found.absorption.rates.any()


@given(seed=seeds, more=st.integers(0, 3))
def test_the_order_and_the_lengths_of_latents_do_not_matter(seed: int, more: int) -> None:
    random = np.random.default_rng(seed)
    v, rows = orthonormal(N, D, seed), sparse_rows(orthonormal(N, D, seed))
    further = random.standard_normal((more, D))
    encoder, decoder = np.hstack([v.T, further.T / 9]), np.vstack([v, further])
    places, lengths = random.permutation(N + more), random.uniform(0.5, 2, N + more)
    plain = score(dictionary(encoder, decoder), v, rows)
    changed = (encoder / lengths)[:, places], (decoder * lengths[:, None])[places]
    other = score(dictionary(*changed), v, rows)
    np.testing.assert_allclose(other.cosines, plain.cosines[:, places], atol=1e-9)
    assert places[other.matching.latent_of].tolist() == plain.matching.latent_of.tolist()
    np.testing.assert_allclose(other.f1, plain.f1)
    np.testing.assert_allclose(other.absorption.rates, plain.absorption.rates)
    for name in ("mcc", "uniqueness", "l1"):
        assert getattr(other, name) == pytest.approx(getattr(plain, name))
    assert vars(other.detection) == pytest.approx(vars(plain.detection))
    assert vars(other.reconstruction) == pytest.approx(vars(plain.reconstruction), abs=1e-9)


@given(seed=seeds)
def test_a_random_dictionary_recovers_nothing(seed: int) -> None:
    v, random = orthonormal(N, 20), np.random.default_rng(seed)
    decoder = random.standard_normal((8, 20))
    found = score(dictionary(decoder.T, decoder), v, sparse_rows(v))
    assert not found.is_recovered.any()
    assert found.mcc < 0.98
    assert found.detection.f1 < 1
    assert found.reconstruction.explained_variance < 1


def test_a_silent_dictionary_is_dead_and_explains_nothing() -> None:
    v = orthonormal(N, D)
    rows = sparse_rows(v)
    closed = dictionary(v.T, v, encoder_bias=np.full(N, -9.0), bias=rows.mean(rows.hidden))
    found = score(closed, v, rows)
    assert found.activity.is_dead.all()
    assert found.activity.l0 == found.l1 == 0
    assert found.reconstruction.explained_variance == pytest.approx(0)
    assert found.mcc == pytest.approx(1)  # of directions alone
    assert found.detection.precision == found.detection.recall == found.detection.f1 == 0
    assert not found.absorption.own_latents.any()


def test_a_penalty_shrinks() -> None:
    v = orthonormal(N, D)
    found = score(dictionary(v.T * 0.8, v), v, sparse_rows(v))
    assert found.reconstruction.shrinkage == pytest.approx(0.8)
    assert found.reconstruction.error == pytest.approx(
        0.04 * np.square(sparse_rows(v).x).sum(axis=1).mean()
    )


def test_a_diverged_dictionary_recovers_nothing() -> None:
    v = orthonormal(N, D)
    found = score(dictionary(v.T * np.nan, v * np.nan), v, sparse_rows(v))
    assert not found.is_recovered.any()
    assert np.isnan(found.mcc)
    assert np.isnan(found.reconstruction.error)


def test_fewer_latents_than_features_leave_some_without() -> None:
    v = orthonormal(N, D)
    found = score(dictionary(v[:2].T, v[:2]), v, sparse_rows(v))
    assert found.is_recovered.tolist() == [True, True, False, False]
    assert found.f1.tolist() == [1, 1, 0, 0]
    assert found.mcc == pytest.approx(1)
    assert found.mean_max_cosine_of_features == pytest.approx(0.5)
