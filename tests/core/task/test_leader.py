"""Features correlated with feature 0: frequencies, correlations, children, and noisy values."""

import numpy as np
import pytest
from scipy import stats
from tests.core.task.draws import IMPROBABLE

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import DISTRIBUTIONS, moments_of, sample
from superpos_core.task.leader import LEADER, conditional_probabilities
from superpos_core.task.structured import Structure

ROWS = 1 << 16
PROBABILITY = np.array([0.25, 0.05, 0.4, 0.1])
CORRELATION = (1.0, -0.3, 0.0)
STRUCTURE = Structure(correlation=CORRELATION)


def drawn(structure: Structure = STRUCTURE) -> FloatArray:
    random = np.random.default_rng(3)
    return sample(DISTRIBUTIONS["leader"], random, ROWS, PROBABILITY, structure=structure)


def test_features_are_active_as_often_and_together_as_asked_for() -> None:
    data = drawn()
    assert set(np.unique(data)) == {0.0, 1.0}
    for feature, probability in enumerate(PROBABILITY):
        count = int(data[:, feature].sum())
        assert stats.binomtest(count, ROWS, probability).pvalue > IMPROBABLE
    found = np.asarray(np.corrcoef(data.T))[0, 1:]
    np.testing.assert_allclose(found[1:], CORRELATION[1:], atol=0.02)
    assert not data[data[:, 0] == 0, 1].any()  # a child: correlated as much as can be


def test_the_others_are_independent_given_the_leader() -> None:
    data = drawn(Structure(correlation=(0.4,)))
    for leads in (0, 1):
        given = data[data[:, 0] == leads]
        table, _, _ = np.histogram2d(given[:, 2], given[:, 3], bins=2)
        assert stats.chi2_contingency(table).pvalue > IMPROBABLE


@pytest.mark.parametrize("noise", [0.0, 0.15])
def test_moments_are_those_of_rows(noise: float) -> None:
    structure = Structure(correlation=CORRELATION, value_noise=noise)
    data = drawn(structure).astype(np.float64)
    mean, second = moments_of(DISTRIBUTIONS["leader"], PROBABILITY, structure)
    np.testing.assert_allclose(data.mean(axis=0), mean, atol=0.01)
    np.testing.assert_allclose(data.T @ data / ROWS, second, atol=0.01)


def test_noisy_values_have_their_spread_and_are_never_negative() -> None:
    data = drawn(Structure(value_noise=0.5))
    values = data[:, 2][data[:, 2] > 0]
    assert data.min() == 0
    assert abs(np.median(values) - 1) < 0.03
    assert abs(np.quantile(values, 0.84) - 1.5) < 0.03


def test_patterns_have_the_probabilities_of_rows() -> None:
    assert LEADER.patterns is not None
    found = LEADER.patterns(4, STRUCTURE, PROBABILITY)
    assert found is not None
    patterns, probabilities = found
    assert len(patterns) == 12  # never the child without its parent
    data, weights = drawn(), 1 << np.arange(4)
    counts = np.bincount((data @ weights).astype(int), minlength=16)
    expected = np.zeros(16)
    expected[(patterns @ weights).astype(int)] = probabilities * ROWS
    possible = expected > 0
    assert counts[~possible].sum() == 0
    assert stats.chisquare(counts[possible], expected[possible]).pvalue > IMPROBABLE
    assert LEADER.patterns(4, Structure(value_noise=0.1), PROBABILITY) is None


def test_conditional_probabilities_stay_within_bounds() -> None:
    for leader in (0.0, 0.3, 1.0):
        for rho in (-1.0, 0.7, 1.0):
            given = conditional_probabilities(np.array([leader, 0.2, 0.9]), (rho,))
            assert np.min(given) >= -1e-12
            assert np.max(given) <= 1 + 1e-12


def test_a_wrong_number_of_correlations_is_refused() -> None:
    with pytest.raises(InvalidValue, match="3 features have 2 correlations with feature 0"):
        ExperimentConfig("x", features=3, distribution="leader", correlation=(0.1, 0.1, 0.1))
    with pytest.raises(InvalidValue, match="correlation 2"):
        ExperimentConfig("x", features=3, correlation=(2.0,))
    ExperimentConfig(
        "x", features=3, distribution="leader", correlation=(0.1, 1), frequency=(0.1, 0.2, 0.3)
    )
