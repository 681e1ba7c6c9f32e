"""Absorption of a parent by its child, and features split among latents, in made dictionaries."""

import numpy as np
import pytest
from tests.core.analysis.dictionaries.made import dictionary, of_truth, orthonormal, score

from superpos_core.analysis.dictionaries.rows import TrueRows
from superpos_core.theory.dictionaries import absorbed_activity, separate_activity

V = orthonormal(3, 5)
PARENT_ALONE, BOTH, OTHER = 0.2, 0.05, 0.1
X = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 1]], dtype=float)
SHARES = np.array([1 - PARENT_ALONE - BOTH - OTHER, PARENT_ALONE, BOTH, OTHER])
FAMILY = TrueRows(X, X @ V, SHARES)
SUM = (V[0] + V[1]) / np.sqrt(2)
ABSORBING = dictionary(
    np.stack([V[0] - V[1], np.sqrt(2) * V[1], V[2]], axis=1), np.stack([V[0], SUM, V[2]])
)


def test_the_childs_latent_absorbs_the_parent() -> None:
    found = score(ABSORBING, V, FAMILY)
    expected = np.zeros((3, 3))
    expected[0, 1] = 1
    np.testing.assert_allclose(found.absorption.rates, expected)
    np.testing.assert_allclose(found.absorption.absorbed, [BOTH / (BOTH + PARENT_ALONE), 0, 0])
    assert found.cosines_in_order[0, 1] == pytest.approx(np.sqrt(0.5))
    assert found.l1 == pytest.approx(float(absorbed_activity(PARENT_ALONE, BOTH)) + OTHER)
    assert found.reconstruction.error == pytest.approx(0, abs=1e-12)  # no worse than the truth
    assert found.recall[0] == pytest.approx(PARENT_ALONE / (PARENT_ALONE + BOTH))


def test_the_truth_absorbs_nothing() -> None:
    found = score(of_truth(V), V, FAMILY)
    assert not found.absorption.rates.any()
    assert not found.absorption.absorbed.any()
    assert found.l1 == pytest.approx(float(separate_activity(PARENT_ALONE, BOTH)) + OTHER)


def test_a_parent_that_stays_active_is_not_absorbed() -> None:
    encoder = ABSORBING.encoder.copy()
    encoder[:, 0] = V[0]
    found = score(ABSORBING.with_arrays(encoder=encoder), V, FAMILY)
    assert not found.absorption.rates.any()


def test_a_silent_parent_whose_child_does_not_contain_it_is_missed_not_absorbed() -> None:
    decoder = ABSORBING.decoder.copy()
    decoder[1] = V[1]
    found = score(ABSORBING.with_arrays(decoder=decoder), V, FAMILY)
    assert found.recall[0] < 1
    assert not found.absorption.rates.any()


def test_a_parent_without_a_latent_is_missing_not_absorbed() -> None:
    decoder = np.stack([0.6 * V[0] + 0.8 * V[1], V[2]])
    found = score(dictionary(np.stack([V[1], V[2]], axis=1), decoder), V, FAMILY)
    assert found.matching.latent_of.tolist() == [-1, 0, 1]
    assert not found.absorption.rates.any()
    assert not found.absorption.absorbed.any()


def test_a_child_without_a_latent_absorbs_nothing() -> None:
    decoder = np.stack([V[0], 0.6 * V[0] + 0.8 * V[2]])
    found = score(dictionary(np.stack([V[0] - V[1], V[1] + V[2]], axis=1), decoder), V, FAMILY)
    assert found.matching.latent_of.tolist() == [0, -1, 1]
    assert not found.absorption.rates.any()


def test_directions_that_overlap_are_no_absorption() -> None:
    """In superposition, a child's own direction has a cosine with the parent's."""
    overlapping = np.stack([V[0], SUM, V[2]])
    encoder = ABSORBING.encoder.copy()
    encoder[:, 0] = V[0] - 2.5 * V[1]
    found = score(
        ABSORBING.with_arrays(encoder=encoder), overlapping, TrueRows(X, X @ overlapping, SHARES)
    )
    assert found.recall[0] < 1
    assert not found.absorption.rates.any()


def test_a_feature_is_split_among_several_latents() -> None:
    tilted = V[0] + 0.2 * V[1]
    twice = np.stack([V[0], V[1], V[2], tilted])
    found = score(dictionary(twice.T, twice), V, FAMILY)
    assert found.absorption.own_latents.tolist() == [2, 1, 1]
    dead = dictionary(twice.T, twice, encoder_bias=np.array([0, 0, 0, -9.0]))
    assert score(dead, V, FAMILY).absorption.own_latents.tolist() == [1, 1, 1]
