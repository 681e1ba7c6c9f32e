"""Sparse uniform features, as numpy draws them and as the torch engine does."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy import stats
from tests.core.task.draws import CPU, IMPROBABLE

from superpos_core.arrays import FloatArray
from superpos_core.engine.torch.counter_random import CounterRandom
from superpos_core.task.data import DISTRIBUTIONS, distribution_named, sample
from superpos_core.task.grid import MAX_SPARSITY
from superpos_core.task.lanes import Lane

DENSITIES = np.array([1.0, 0.5, 0.3, 0.1, 0.01])
ROWS = 1 << 17


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
