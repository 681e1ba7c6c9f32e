"""The distribution of the data, as numpy draws it and as the torch engine does."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from tests.core.reference import GOLDEN_GAMMA, SplitMix64, as_int64, split_mix

from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.engine.fused.engine import new_cohort
from superpos_core.engine.torch.counter_random import CounterRandom, mix
from superpos_core.engine.torch.devices import available_devices
from superpos_core.engine.torch.rows import FreshRows
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import DISTRIBUTIONS, distribution_named, sample
from superpos_core.task.grid import MAX_SPARSITY
from superpos_core.task.lanes import Lane

CPU = torch.device("cpu")
DENSITIES = np.array([1.0, 0.5, 0.3, 0.1, 0.01])
ROWS = 1 << 17
IMPROBABLE = 1e-5
"""Seeds are fixed, so a right sampler passes for ever; a wrong one misses this by far."""


def drawn_by_numpy(density: FloatArray) -> FloatArray:
    return sample(distribution_named("uniform"), np.random.default_rng(7), ROWS, density)


def drawn_by_counter(density: FloatArray) -> FloatArray:
    """As the torch engine draws: consecutive counters, row by row."""
    counters = torch.arange(ROWS * density.size)
    activity, value = CounterRandom([Lane("tied", 0.5, 7)], CPU).uniform_pairs(counters)
    shape = (ROWS, density.size)
    data: torch.Tensor = distribution_named("uniform").from_draws(
        activity.view(shape), value.view(shape), torch.from_numpy(density.astype(np.float32))
    )
    drawn: FloatArray = data.numpy()
    return drawn


Draw = Callable[[FloatArray], FloatArray]
each_sampler = pytest.mark.parametrize("draw", [drawn_by_numpy, drawn_by_counter])


@each_sampler
class TestUniformFeatures:
    def test_rows_have_the_shape_and_the_type_of_training_data(self, draw: Draw) -> None:
        data = draw(DENSITIES)
        assert data.shape == (ROWS, DENSITIES.size)
        assert data.dtype == np.float32

    def test_each_feature_is_active_as_often_as_its_density_says(self, draw: Draw) -> None:
        active = np.count_nonzero(draw(DENSITIES), axis=0)
        for count, density in zip(active, DENSITIES, strict=True):
            assert stats.binomtest(int(count), ROWS, density).pvalue > IMPROBABLE or density == 1
        # At density 1 an entry is 0 only where the value itself is: once in 2²⁴ draws.
        assert active[0] >= ROWS - 2

    def test_active_values_are_uniform_between_zero_and_one(self, draw: Draw) -> None:
        for column in draw(DENSITIES).T:
            values = column[column != 0]
            assert values.min() > 0
            assert values.max() < 1
            assert stats.kstest(values, "uniform").pvalue > IMPROBABLE

    def test_features_are_independent(self, draw: Draw) -> None:
        data = draw(np.full(4, 0.5))
        for one, other in ((0, 1), (0, 2), (0, 3), (2, 3)):
            both = (data[:, one] != 0) & (data[:, other] != 0)
            assert stats.binomtest(int(both.sum()), ROWS, 0.25).pvalue > IMPROBABLE
            assert stats.pearsonr(data[both, one], data[both, other]).pvalue > IMPROBABLE

    def test_rows_are_independent(self, draw: Draw) -> None:
        data = draw(np.full(4, 0.5))
        for lag in (1, 2, 64):
            both = (data[:-lag] != 0) & (data[lag:] != 0)
            assert stats.pearsonr((data[:-lag] != 0).ravel(), (data[lag:] != 0).ravel()).pvalue > (
                IMPROBABLE
            )
            assert stats.pearsonr(data[:-lag][both], data[lag:][both]).pvalue > IMPROBABLE

    def test_a_value_does_not_tell_how_likely_its_feature_was(self, draw: Draw) -> None:
        """The seed project's own mistake: one draw for both gives active values below 1 − S."""
        values = draw(np.full(4, 0.1))
        assert values[values != 0].mean() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("density", [0.1, 1e-3, 1e-5])
def test_the_rate_on_the_grid_of_the_draws_is_the_density(density: float) -> None:
    assert rate_on_grid(density) == pytest.approx(density, rel=0.01)


def test_the_rate_is_accurate_at_the_lowest_accepted_density() -> None:
    density = 1 - MAX_SPARSITY
    assert rate_on_grid(density) == pytest.approx(density, rel=0.01)


def rate_on_grid(density: float) -> float:
    """How many of the 2²⁴ possible activity draws make a feature active."""
    below = np.arange(1 << 24, dtype=np.float32) * np.float32(2.0**-24)
    active = DISTRIBUTIONS["uniform"].from_draws(below, np.float32(1), np.float32(density))
    return float(np.count_nonzero(active)) / (1 << 24)


def test_an_unknown_distribution_lists_the_known_ones() -> None:
    with pytest.raises(InvalidValue, match=r"there is no such distribution.*choose uniform"):
        distribution_named("normal")


# ── every distribution, by every sampler ──────────────────────────────────────────────────────

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
SAMPLERS: list[Sampler] = [by_numpy, by_torch, by_kernel]
every_sampler = pytest.mark.parametrize("sampler", SAMPLERS)
every_distribution = pytest.mark.parametrize("distribution", DISTRIBUTIONS)


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


# SplitMix64 from seed 0, as its authors' code and Java's SplittableRandom give it.
PUBLISHED = (0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC)


def test_the_reference_matches_published_numbers() -> None:
    stream = SplitMix64(start=0, gamma=GOLDEN_GAMMA)
    assert tuple(stream.draw(counter) for counter in (1, 2, 3, 4)) == PUBLISHED


def test_mix_matches_published_numbers() -> None:
    states = [as_int64(counter * GOLDEN_GAMMA) for counter in (1, 2, 3, 4)]
    mixed = mix(torch.tensor(states)).tolist()
    assert [value % (1 << 64) for value in mixed] == list(PUBLISHED)


def test_mix_matches_the_reference_on_all_kinds_of_words() -> None:
    words = [0, 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, 0x0123456789ABCDEF, 0xFEDCBA9876543210]
    random = np.random.default_rng(0)
    words += [int(word) for word in random.integers(0, 1 << 64, 500, dtype=np.uint64)]
    mixed = mix(torch.tensor([as_int64(word) for word in words])).tolist()
    assert [value % (1 << 64) for value in mixed] == [split_mix(word) for word in words]


class TestCounterRandom:
    LANES = (Lane("tied", 0.0, 0), Lane("tied", 0.9, 0), Lane("mlp", 0.9, 0), Lane("tied", 0.9, 1))

    def draws(self, count: int, begin: int = 0) -> tuple[FloatArray, FloatArray]:
        counters = torch.arange(begin, begin + count)
        first, second = CounterRandom(self.LANES, CPU).uniform_pairs(counters)
        return first.numpy(), second.numpy()

    def test_it_draws_the_two_24_bit_words_of_each_lane_s_own_stream(self) -> None:
        begin = 10**12
        first, second = self.draws(50, begin)
        for index, lane in enumerate(self.LANES):
            stream = SplitMix64.of(lane)
            expected = [stream.uniform_pair(begin + count) for count in range(50)]
            np.testing.assert_array_equal(first[index], [pair[0] for pair in expected])
            np.testing.assert_array_equal(second[index], [pair[1] for pair in expected])

    def test_draws_are_uniform_from_zero_to_below_one(self) -> None:
        for draws in self.draws(1 << 16):
            assert draws.dtype == np.float32
            assert draws.min() >= 0
            assert draws.max() < 1
            for stream in draws:
                assert stats.kstest(stream, "uniform").pvalue > IMPROBABLE

    def test_the_last_bits_are_as_random_as_the_first(self) -> None:
        for draws in self.draws(1 << 16):
            low_byte = (draws.astype(np.float64) * 2**24).astype(np.int64) & 0xFF
            for stream in low_byte:
                counts = np.bincount(stream, minlength=256)
                assert stats.chisquare(counts).pvalue > IMPROBABLE

    def test_the_two_draws_of_a_pair_are_independent(self) -> None:
        for first, second in zip(*self.draws(1 << 16), strict=True):
            table, _, _ = np.histogram2d(first, second, bins=16, range=((0, 1), (0, 1)))
            assert stats.chi2_contingency(table).pvalue > IMPROBABLE

    def test_draws_that_follow_each_other_are_independent(self) -> None:
        for stream in self.draws(1 << 16)[0]:
            for lag in (1, 2, 20, 1024):
                table, _, _ = np.histogram2d(
                    stream[:-lag], stream[lag:], bins=16, range=((0, 1), (0, 1))
                )
                assert stats.chi2_contingency(table).pvalue > IMPROBABLE

    def test_lanes_are_uncorrelated_at_every_small_shift(self) -> None:
        count = 1 << 15
        first, _ = self.draws(count)
        for one in range(len(self.LANES)):
            for other in range(one):
                for shift in range(-20, 21):
                    ours = first[one, 20 : count - 20]
                    others = first[other, 20 + shift : count - 20 + shift]
                    correlation = np.corrcoef(ours, others)[0, 1]
                    assert abs(correlation) < 5 / math.sqrt(count)

    def test_lanes_draw_the_same_whatever_is_drawn_beside_them(self) -> None:
        counters = torch.arange(100)
        together, _ = CounterRandom(self.LANES, CPU).uniform_pairs(counters)
        for index, lane in enumerate(self.LANES):
            alone, _ = CounterRandom([lane], CPU).uniform_pairs(counters)
            assert torch.equal(alone[0], together[index])

    @pytest.mark.skipif(len(available_devices()) == 1, reason="there is only the CPU here")
    def test_every_device_draws_the_same(self) -> None:
        counters = torch.arange(1000)
        here = CounterRandom(self.LANES, CPU).uniform_pairs(counters)
        for name in available_devices()[1:]:
            device = torch.device(name)
            there = CounterRandom(self.LANES, device).uniform_pairs(counters.to(device))
            for ours, others in zip(here, there, strict=True):
                assert torch.equal(ours, others.cpu())
