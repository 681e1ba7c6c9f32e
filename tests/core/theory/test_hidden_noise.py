"""Noise and dropout in a linear model, and in one without features: closed forms."""

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


@pytest.mark.parametrize("density", [1.0, 0.5, 0.3])
@pytest.mark.parametrize("share", [0.7, 1.0, 1.4])
def test_behind_a_relu_features_grow_from_nothing_below_the_same_noise(
    density: float, share: float
) -> None:
    """The loss of samples at W = 0 has the slope σ² − 2V in u = ‖W‖²."""
    random = np.random.default_rng(0)
    x = random.random(400_000) * (random.random(400_000) < density)
    noise = random.standard_normal(400_000)
    removing = float(noise_that_removes(np.array(density)))
    u, deviation = 0.002, share * removing

    def loss(sign: int) -> float:
        """With b so that the mean error is 0; the mean over both signs cancels what is odd in ε."""
        h = np.sqrt(u) * x + sign * deviation * noise
        output = np.maximum((1 - u) * x.mean() + np.sqrt(u) * h, 0)
        return float(np.mean((x - output) ** 2))

    slope = (np.mean([loss(1), loss(-1)]) - np.var(x)) / u
    assert slope == pytest.approx(deviation**2 - removing**2, abs=0.03 * removing**2)
