"""Noise and dropout in a linear model: closed forms."""

import numpy as np
import pytest

from superpos_core.theory import length_with_dropout, length_with_noise, noise_that_removes


@pytest.mark.parametrize(("density", "squared"), [(1.0, 0.1667), (0.3, 0.1550), (0.1, 0.0617)])
def test_a_feature_is_given_up_once_the_noise_exceeds_twice_its_variance(
    density: float, squared: float
) -> None:
    p = np.array(density)
    assert noise_that_removes(p) ** 2 == pytest.approx(squared, abs=6e-4)
    assert length_with_noise(p, 0.99 * noise_that_removes(p)) == pytest.approx(1 - 0.99**2)
    assert length_with_noise(p, 1.01 * noise_that_removes(p)) == 0


@pytest.mark.parametrize("density", [1.0, 0.3, 0.1])
def test_the_lengths_are_those_of_the_least_loss(density: float) -> None:
    """Mean losses of samples, over all lengths; b is fitted to them."""
    random = np.random.default_rng(0)
    x = random.random(40_000) * (random.random(40_000) < density)
    noise, kept = random.standard_normal(40_000), (random.random(40_000) >= 0.3) / 0.7
    u = np.linspace(0, 1.1, 111)[:, None]
    by_noise = np.var(x - u * x - np.sqrt(u) * 0.15 * noise, axis=1)
    by_dropout = np.var(x - u * x * kept, axis=1)
    p = np.array(density)
    least_noise, least_dropout = (u[np.argmin(loss), 0] for loss in (by_noise, by_dropout))
    assert least_noise == pytest.approx(float(length_with_noise(p, np.array(0.15))), abs=0.03)
    assert least_dropout == pytest.approx(float(length_with_dropout(p, np.array(0.3))), abs=0.03)
