"""Features correlated with feature 0: frequencies, correlations, children, and noisy values."""

import numpy as np
import pytest
from scipy import stats
from tests.core.task.draws import IMPROBABLE

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import DISTRIBUTIONS, moments_of, sample
from superpos_core.task.leader import LEADER, quantiles, together
from superpos_core.task.structured import Structure

ROWS = 1 << 16
PROBABILITY = np.array([0.25, 0.05, 0.4, 0.1])
CORRELATION = (0.7, -0.3, 0.0)
STRUCTURE = Structure(correlation=CORRELATION)
CHILD = Structure(correlation=(1.0, 0.0, 0.0))


def drawn(structure: Structure = STRUCTURE) -> FloatArray:
    random = np.random.default_rng(3)
    return sample(DISTRIBUTIONS["leader"], random, ROWS, PROBABILITY, structure=structure)


def test_features_are_active_as_often_and_together_as_asked_for() -> None:
    data = drawn()
    assert set(np.unique(data)) == {0.0, 1.0}
    for feature, probability in enumerate(PROBABILITY):
        count = int(data[:, feature].sum())
        assert stats.binomtest(count, ROWS, probability).pvalue > IMPROBABLE
    for other, rho in enumerate(CORRELATION, start=1):
        covariance = [[1, rho], [rho, 1]]
        rate = stats.multivariate_normal.cdf(quantiles(PROBABILITY[[0, other]]), cov=covariance)
        both = int((data[:, 0] * data[:, other]).sum())
        assert stats.binomtest(both, ROWS, rate).pvalue > IMPROBABLE
        assert abs(together(0.25, PROBABILITY[other], rho) - rate) < 1e-5


def test_a_correlation_of_1_makes_a_child_and_minus_1_a_rival() -> None:
    data = drawn(CHILD)
    assert data[:, 1].sum() > 0
    assert not data[data[:, 0] == 0, 1].any()
    rival = drawn(Structure(correlation=(-1.0, 0.0, 0.0)))
    assert not rival[rival[:, 0] == 1, 1].any()


def test_the_others_are_independent_of_one_another() -> None:
    data = drawn(Structure(correlation=(0.4,)))
    table, _, _ = np.histogram2d(data[:, 2], data[:, 3], bins=2)
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


@pytest.mark.parametrize(("correlation", "possible"), [((1.0, 0, 0), 12), ((0, 0, -0.6), 16)])
def test_patterns_have_the_probabilities_of_rows(
    correlation: tuple[float, ...], possible: int
) -> None:
    structure = Structure(correlation=correlation)
    assert LEADER.patterns is not None
    found = LEADER.patterns(4, structure, PROBABILITY)
    assert found is not None
    patterns, probabilities = found
    assert len(patterns) == possible  # never a child without its parent
    data, weights = drawn(structure), 1 << np.arange(4)
    counts = np.bincount((data @ weights).astype(int), minlength=16)
    expected = np.zeros(16)
    expected[(patterns @ weights).astype(int)] = probabilities * ROWS
    at = expected > 0
    assert counts[~at].sum() == 0
    assert stats.chisquare(counts[at], expected[at]).pvalue > IMPROBABLE


def test_rows_of_more_partners_and_noisy_ones_are_not_counted() -> None:
    assert LEADER.patterns is not None
    for structure in (STRUCTURE, Structure(correlation=(0.5, 0, 0), value_noise=0.1)):
        assert LEADER.patterns(4, structure, PROBABILITY) is None


@pytest.mark.parametrize("leader", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("rho", [-1.0, -0.5, 0.0, 0.9, 1.0])
def test_pairs_stay_within_bounds(leader: float, rho: float) -> None:
    for other in (0.0, 0.2, 1.0):
        both = together(leader, other, rho)
        assert max(leader + other - 1, 0) - 1e-9 <= both <= min(leader, other) + 1e-9


def test_a_wrong_number_of_correlations_is_refused() -> None:
    with pytest.raises(InvalidValue, match="3 features have 2 correlations with feature 0"):
        ExperimentConfig("x", features=3, distribution="leader", correlation=(0.1, 0.1, 0.1))
    with pytest.raises(InvalidValue, match=r"squares sum to 1\.28"):
        ExperimentConfig("x", features=3, distribution="leader", correlation=(0.8,))
    with pytest.raises(InvalidValue, match="correlation 2"):
        ExperimentConfig("x", features=3, correlation=(2.0,))
    ExperimentConfig(
        "x", features=3, distribution="leader", correlation=(0.1, 0.9), frequency=(0.1, 0.2, 0.3)
    )
