"""What the sampler draws, in distribution. Seeds are fixed; thresholds are about five sigmas.

Values, and sets of one size, are in tests/core/task/test_data.py, with those of the other samplers.
"""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit
from scipy import stats

from superpos_core.engine.fused.cohort import FusedCohort
from superpos_core.engine.fused.random import STATE_WORDS, binomial, seeded_states
from superpos_core.engine.fused.sampling_tables import SamplingTables
from superpos_core.engine.fused.specialisation import Formula, Sampling

ROWS = 200_000


def rows_of(probabilities, sampling=None, set_sizes=None, collapse=True, seed=7, rows=ROWS):
    probabilities = np.atleast_2d(probabilities)
    cohort = FusedCohort.new(
        formula=Formula(),
        tied=True,
        hidden=2,
        probabilities=probabilities,
        importance=np.ones_like(probabilities),
        seeds=[seed],
        sampling=sampling,
        set_sizes=set_sizes,
    )
    if not collapse:
        tables = SamplingTables.of(np.asarray(probabilities, float), set_sizes, collapse=False)
        cohort = FusedCohort(**{**cohort.__dict__, "rows": tables})
    return cohort.batch(0, rows)


def assert_rate(successes, trials, probability):
    deviation = np.sqrt(trials * probability * (1 - probability))
    assert np.all(np.abs(successes - trials * probability) <= 5 * deviation + 1e-9)


@pytest.mark.parametrize("collapse", [True, False])
@pytest.mark.parametrize("density", [1.0, 0.7, 0.3, 0.05, 0.01, 0.001])
def test_features_are_active_at_their_rate_with_uniform_values(density, collapse):
    x = rows_of(np.full(6, density), collapse=collapse)
    active = x != 0
    assert_rate(active.sum(0), ROWS, density)
    assert x.min() >= 0
    assert x.max() <= 1
    for feature in range(6):
        values = x[active[:, feature], feature]
        assert stats.kstest(values, "uniform").pvalue > 1e-4


def test_every_feature_has_its_own_probability():
    probabilities = np.array([1.0, 0.0, 0.3, 1e-3, 0.9, 0.02])
    active = rows_of(probabilities) != 0
    assert_rate(active.sum(0), ROWS, probabilities)


@pytest.mark.parametrize("collapse", [True, False])
def test_features_are_independent(collapse):
    """All 2^4 patterns at their frequency, values uncorrelated where active together."""
    probabilities = np.array([0.3, 0.2, 0.5, 0.1])
    x = rows_of(probabilities, collapse=collapse)
    patterns = (x != 0) @ (1 << np.arange(4))
    bits = (np.arange(16)[:, None] >> np.arange(4)) & 1
    expected = np.prod(np.where(bits, probabilities, 1 - probabilities), axis=1) * ROWS
    assert stats.chisquare(np.bincount(patterns, minlength=16), expected).pvalue > 1e-4
    both = (x[:, 0] != 0) & (x[:, 2] != 0)
    assert stats.pearsonr(x[both, 0], x[both, 2]).pvalue > 1e-4


def test_rows_are_independent():
    """No correlation of activity or values at any lag up to 64 (streams, vectors, panels)."""
    x = rows_of(np.full(3, 0.5), collapse=False)
    centred = x[:, 0] - x[:, 0].mean()
    variance = (centred**2).mean()
    for lag in range(1, 65):
        correlation = (centred[:-lag] * centred[lag:]).mean() / variance
        assert abs(correlation) < 5 / np.sqrt(ROWS)


@pytest.mark.parametrize("density", [0.3, 0.01, 0.0005])
def test_number_of_non_empty_rows(density):
    batches, batch, features = 4000, 256, 6
    cohort = FusedCohort.new(
        formula=Formula(),
        tied=True,
        hidden=2,
        probabilities=np.full((1, features), density),
        importance=np.ones((1, features)),
        seeds=[3],
    )
    occupied = [int((cohort.batch(0, batch) != 0).any(1).sum()) for _ in range(batches)]
    law = stats.binom(batch, 1 - (1 - density) ** features)
    assert np.mean(occupied) == pytest.approx(law.mean(), abs=5 * law.std() / np.sqrt(batches))
    assert np.var(occupied) == pytest.approx(law.var(), rel=5 * np.sqrt(2 / batches) + 0.02)


def test_counting_empty_rows_does_not_change_the_distribution():
    dense = rows_of(np.full(4, 0.05), collapse=False, seed=1)
    counted = rows_of(np.full(4, 0.05), collapse=True, seed=2)
    for statistic in (lambda x: x.sum(1)[x.any(1)], lambda x: x[x[:, 3] != 0, 3]):
        assert stats.ks_2samp(statistic(dense), statistic(counted)).pvalue > 1e-4
    assert (
        stats.chi2_contingency(
            [np.bincount((x != 0).sum(1), minlength=5)[:4] for x in (dense, counted)]
        ).pvalue
        > 1e-4
    )


def test_correlated_sets_are_on_together():
    x = rows_of(np.full(5, 0.2), Sampling(grouping="correlated"), set_sizes=[2, 3])
    active = x != 0
    assert (active[:, 0] == active[:, 1]).mean() > 0.9999  # a value may be exactly 0
    assert_rate(active[:, [0, 2]].sum(0), ROWS, 0.2)
    assert_rate((active[:, 0] & active[:, 2]).sum(), ROWS, 0.04)
    assert stats.pearsonr(x[active[:, 0], 0], x[active[:, 0], 1]).pvalue > 1e-4


def test_anticorrelated_sets_have_at_most_one_active_member():
    x = rows_of(np.full(5, 0.6), Sampling(grouping="anticorrelated"), set_sizes=[2, 3])
    active = x != 0
    assert active[:, :2].sum(1).max() == 1
    assert active[:, 2:].sum(1).max() == 1
    assert_rate(active.sum(0), ROWS, np.array([0.3, 0.3, 0.2, 0.2, 0.2]))
    assert_rate((active[:, 0] & active[:, 3]).sum(), ROWS, 0.3 * 0.2)
    assert stats.kstest(x[active[:, 4], 4], "uniform").pvalue > 1e-4


@njit
def _counts(trials, probability, state, out):
    for index in range(out.size):
        out[index] = binomial(trials, probability, state)


@pytest.mark.parametrize("trials", [1, 20, 1024, 5000])
@pytest.mark.parametrize("probability", [0.0, 1e-7, 1e-4, 0.003, 0.02, 0.4, 0.5, 0.83, 0.9999, 1.0])
def test_binomial_counts(trials, probability):
    out = np.empty(100_000, np.int64)
    _counts(trials, probability, seeded_states(np.array([11], np.uint64))[0], out)
    law = stats.binom(trials, probability)
    assert out.min() >= 0
    assert out.max() <= trials
    if law.var() == 0:
        assert np.all(out == law.mean())
        return
    expected, observed = pooled(law.pmf(np.arange(trials + 1)) * out.size, np.bincount(out))
    deviation = np.sqrt(expected * np.maximum(0, 1 - expected / out.size))
    assert np.all(np.abs(observed - expected) <= 5 * deviation + 3)
    if len(expected) > 1:
        assert stats.chisquare(observed, expected * out.size / expected.sum()).pvalue > 1e-4


def pooled(expected, observed, least=20.0):
    """Join neighbouring counts until each pool expects `least` or more."""
    observed = np.pad(observed, (0, len(expected) - len(observed)))
    pools, total = np.zeros(len(expected), np.int64), 0.0
    for value in range(1, len(expected)):
        total += expected[value - 1]
        enough = total >= least and expected[value:].sum() >= least
        pools[value] = pools[value - 1] + enough
        total = 0.0 if enough else total
    return np.bincount(pools, expected), np.bincount(pools, observed)


def test_streams_of_lanes_are_distinct_and_do_not_overlap():
    seeds = np.arange(20_000, dtype=np.uint64)  # the worst seeds: neighbours
    states = seeded_states(seeds)
    assert states.shape == (20_000, STATE_WORDS)
    streams = states[:, :64].reshape(-1, 4, 16).swapaxes(1, 2).reshape(-1, 4)
    assert len(np.unique(streams, axis=0)) == len(streams)
    first, second = rows_of(np.ones(3), seed=1), rows_of(np.ones(3), seed=2)
    assert abs(np.corrcoef(first[:, 0], second[:, 0])[0, 1]) < 5 / np.sqrt(ROWS)
    assert not np.isin(first[:1000, 0], second[:, 0]).mean() > 0.1


def test_bits_of_states_are_fair():
    bits = np.unpackbits(seeded_states(np.arange(5000, dtype=np.uint64)).view(np.uint8))
    assert abs(bits.mean() - 0.5) < 5 * 0.5 / np.sqrt(bits.size)
