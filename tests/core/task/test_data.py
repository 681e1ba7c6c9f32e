"""Every distribution of the data, by every sampler: numpy, the torch engine and the kernel."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from tests.core.task.draws import CPU, DRAWN_BY_ENTRY, IMPROBABLE

from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.engine.fused.engine import new_cohort
from superpos_core.engine.torch.rows import FreshRows
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import DISTRIBUTIONS, distribution_named, sample


def test_an_unknown_distribution_lists_the_known_ones() -> None:
    with pytest.raises(InvalidValue, match=r"there is no such distribution.*choose uniform"):
        distribution_named("normal")


FEATURES = 6
SET_SIZE = 2
SETS = FEATURES // SET_SIZE
SOME_ROWS = 1 << 16


def config_of(distribution: str, sparsity: float = 0.7) -> ExperimentConfig:
    """Six features, in sets of two; feature 0 (or its set) is half as likely as the others."""
    return ExperimentConfig(
        "data", features=FEATURES, hidden=2, models=("tied",), sparsities=(sparsity,),
        distribution=distribution, set_size=SET_SIZE, batch=SOME_ROWS,
        sweep="first-density", sweep_values=(0.5,),
    )  # fmt: skip


def by_numpy(config: ExperimentConfig) -> FloatArray:
    (lane,) = config.lanes
    return sample(
        distribution_named(config.distribution),
        np.random.default_rng(3),
        SOME_ROWS,
        config.feature_probability(lane),
        config.set_size,
    )


def by_torch(config: ExperimentConfig) -> FloatArray:
    rows: FloatArray = FreshRows(config, config.lanes, CPU).now(torch.tensor(0))[0].numpy()
    return rows


def by_kernel(config: ExperimentConfig) -> FloatArray:
    """Its empty rows come last."""
    rows = new_cohort(config, "tied").batch(0, SOME_ROWS)
    return np.random.default_rng(0).permutation(rows)


Sampler = Callable[[ExperimentConfig], FloatArray]
SAMPLERS = [
    by_numpy,
    by_torch,
    pytest.param(by_kernel, marks=pytest.mark.sampled(2)),  # kernels take long to compile
]
every_sampler = pytest.mark.parametrize("sampler", SAMPLERS)
every_distribution = pytest.mark.parametrize("distribution", DRAWN_BY_ENTRY)


def expected_rates(config: ExperimentConfig) -> FloatArray:
    """How often each feature is active, from the words of the registry's summaries."""
    distribution = DISTRIBUTIONS[config.distribution]
    alone = np.full(FEATURES, 0.3)
    alone[0] = 0.15
    if distribution.one_hot:
        return np.full(FEATURES, 1 / FEATURES)
    if distribution.grouping == "independent":
        return alone
    of_set = np.repeat(alone[::SET_SIZE], SET_SIZE)
    return of_set / SET_SIZE if distribution.grouping == "anticorrelated" else of_set


def assert_independent(one: BoolArray, other: BoolArray) -> None:
    table, _, _ = np.histogram2d(one, other, bins=2)
    assert stats.chi2_contingency(table).pvalue > IMPROBABLE


@every_sampler
class TestEveryDistribution:
    @every_distribution
    def test_features_are_active_as_often_as_the_distribution_says(
        self, sampler: Sampler, distribution: str
    ) -> None:
        config = config_of(distribution)
        data = sampler(config)
        assert data.shape == (SOME_ROWS, FEATURES)
        assert data.dtype == np.float32
        for column, rate in zip((data != 0).T, expected_rates(config), strict=True):
            assert stats.binomtest(int(column.sum()), SOME_ROWS, rate).pvalue > IMPROBABLE

    @pytest.mark.parametrize(
        ("distribution", "law"),
        [
            ("uniform", stats.uniform()),
            ("signed", stats.uniform(-1, 2)),
            ("exponential", stats.expon()),
            ("uniform-2", stats.uniform(0, 2)),
            ("correlated", stats.uniform()),
            ("anticorrelated", stats.uniform()),
            ("one-hot", stats.uniform()),
        ],
    )
    def test_active_values_follow_their_law(
        self, sampler: Sampler, distribution: str, law: Any
    ) -> None:
        data = sampler(config_of(distribution))
        for column in data.T:
            assert stats.kstest(column[column != 0], law.cdf).pvalue > IMPROBABLE

    def test_binary_values_are_1(self, sampler: Sampler) -> None:
        assert set(np.unique(sampler(config_of("binary")))) == {0.0, 1.0}

    @every_distribution
    def test_sets_are_independent(self, sampler: Sampler, distribution: str) -> None:
        data = sampler(config_of(distribution))
        if DISTRIBUTIONS[distribution].one_hot:
            assert set(np.count_nonzero(data, axis=1)) == {1}
            return
        for one, other in ((0, 2), (1, 3), (2, 5)):
            assert_independent(data[:, one] != 0, data[:, other] != 0)

    def test_members_of_a_correlated_set_are_active_together_with_values_of_their_own(
        self, sampler: Sampler
    ) -> None:
        data = sampler(config_of("correlated"))
        for first in range(0, FEATURES, SET_SIZE):
            on = data[:, first] != 0
            # A value may be 0 itself, once in 2²⁴ draws.
            assert np.mean(on == (data[:, first + 1] != 0)) > 0.9999
            members = data[on, first : first + SET_SIZE]
            assert stats.pearsonr(members[:, 0], members[:, 1]).pvalue > IMPROBABLE

    def test_an_anticorrelated_set_has_one_active_member_at_most(self, sampler: Sampler) -> None:
        active = sampler(config_of("anticorrelated")).reshape(-1, SETS, SET_SIZE) != 0
        assert active.sum(axis=2).max() == 1

    def test_one_hot_rows_do_not_depend_on_sparsity(self, sampler: Sampler) -> None:
        dense, sparse = (sampler(config_of("one-hot", sparsity)) for sparsity in (0.0, 0.999))
        for data in (dense, sparse):
            assert (np.count_nonzero(data, axis=1) == 1).all()

    def test_unit_norm_rows_are_uniform_rows_scaled(self, sampler: Sampler) -> None:
        data = sampler(config_of("unit-norm"))
        occupied = data[data.any(axis=1)]
        np.testing.assert_allclose(np.linalg.norm(occupied, axis=1), 1, rtol=1e-6)
        uniform = by_numpy(config_of("uniform"))
        norm = np.linalg.norm(uniform, axis=1, keepdims=True)
        scaled = np.divide(uniform, norm, out=np.zeros_like(uniform), where=norm > 0)
        several = np.count_nonzero(data, axis=1) > 1, np.count_nonzero(scaled, axis=1) > 1
        for feature in range(FEATURES):
            ours, theirs = data[several[0], feature], scaled[several[1], feature]
            assert stats.ks_2samp(ours[ours > 0], theirs[theirs > 0]).pvalue > IMPROBABLE

    @every_distribution
    def test_rows_are_as_full_as_those_of_numpy(self, sampler: Sampler, distribution: str) -> None:
        config = config_of(distribution)
        ours, theirs = (
            np.bincount(np.count_nonzero(draw(config), axis=1), minlength=FEATURES + 1)
            for draw in (sampler, by_numpy)
        )
        often = ours + theirs > 20
        if often.sum() > 1:
            table = np.stack([ours[often], theirs[often]])
            assert stats.chi2_contingency(table).pvalue > IMPROBABLE


@pytest.mark.parametrize("distribution", ["correlated", "anticorrelated"])
def test_sets_of_one_are_independent_features(distribution: str) -> None:
    random = [np.random.default_rng(5) for _ in range(2)]
    probability = np.full(4, 0.4)
    alone = sample(distribution_named(distribution), random[0], 1000, probability, 1)
    np.testing.assert_array_equal(alone, sample(DISTRIBUTIONS["uniform"], random[1], 1000,
                                                probability))  # fmt: skip


def test_a_zero_row_stays_zero_with_unit_norm() -> None:
    data = sample(DISTRIBUTIONS["unit-norm"], np.random.default_rng(0), 100, np.full(4, 1e-9))
    assert not data.any()
