"""The loss with one active feature, against adaptive integration."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from superpos_core.activations import ACTIVATIONS, ActivationName
from superpos_core.theory import one_sparse_errors, one_sparse_loss, squared_error_integral

ACTIVATION_NAMES = sorted(ACTIVATIONS)
numbers = st.floats(-3, 3)


def by_adaptive_integration(
    slope: float, offset: float, target_slope: float, activation: ActivationName
) -> float:
    def squared_error(value: float) -> float:
        output = float(ACTIVATIONS[activation](np.array(slope * value + offset)))
        return (target_slope * value - output) ** 2

    places = [-offset / slope] if slope and 0 < -offset / slope < 1 else None
    integral, _ = quad(squared_error, 0, 1, points=places, epsabs=1e-13, epsrel=1e-12)
    return float(integral)


@settings(max_examples=40)
@given(numbers, numbers, st.sampled_from([0.0, 1.0]), st.sampled_from(ACTIVATION_NAMES))
def test_the_integral_matches_adaptive_integration(
    slope: float, offset: float, target_slope: float, activation: ActivationName
) -> None:
    found = squared_error_integral(
        np.array(slope), np.array(offset), np.array(target_slope), activation
    )
    expected = by_adaptive_integration(slope, offset, target_slope, activation)
    assert float(found) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("slope", "offset", "target_slope", "expected"),
    [
        (1, 0, 1, 0),  # a feature of its own
        (0, 0, 1, 1 / 3),  # an ignored one: E[x²]
        (0, 1 / 2, 1, 1 / 12),  # its mean given back: the variance
        (-1, 0, 0, 0),  # negative interference is free
        (1, 0, 0, 1 / 3),  # positive interference is not
        (1, -1, 0, 0),  # unless a negative bias removes it
        (1, -1 / 2, 0, 1 / 24),
    ],
)
def test_known_integrals_with_relu(
    slope: float, offset: float, target_slope: float, expected: float
) -> None:
    found = squared_error_integral(np.array(slope), np.array(offset), np.array(target_slope))
    assert float(found) == pytest.approx(expected, abs=1e-15)


def test_curved_activations_are_integrated_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ACTIVATIONS, "curved", np.tanh)  # type: ignore[misc]
    found = squared_error_integral(
        np.array(1.5),
        np.array(-0.4),
        np.array(1),
        "curved",  # type: ignore[arg-type]
    )
    expected = by_adaptive_integration(1.5, -0.4, 1, "curved")  # type: ignore[arg-type]
    assert float(found) == pytest.approx(expected, abs=1e-10)


def test_entries_do_not_depend_on_the_number_of_features() -> None:
    features = 600  # more than are integrated at once
    random = np.random.default_rng(0)
    gram, bias = random.standard_normal((features, features)), random.standard_normal(features)
    errors = one_sparse_errors(gram, bias)
    assert errors.shape == (features, features)
    for i, j in [(0, 0), (3, 599), (599, 3), (500, 500), (437, 1)]:
        expected = squared_error_integral(gram[i, j], bias[j], np.array(float(i == j)))
        assert errors[i, j] == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_non_finite_weights_give_non_finite_errors(wrong: float) -> None:
    gram, bias = np.eye(3), np.zeros(3)
    gram[0, 1] = wrong
    errors = one_sparse_errors(gram, bias, "identity")
    assert not np.isfinite(errors[0, 1])
    assert np.isfinite(np.delete(errors.ravel(), 1)).all()


@given(seed=st.integers(0, 10_000), shape=st.sampled_from([(), (3,), (2, 4)]))
@settings(deadline=None, max_examples=20)
def test_the_loss_on_one_sparse_data_is_the_mean_over_features_of_all_errors(
    seed: int, shape: tuple[int, ...]
) -> None:
    random = np.random.default_rng(seed)
    gram, bias = random.normal(size=(*shape, 5, 5)), random.normal(size=(*shape, 5))
    losses = one_sparse_loss(gram, bias)
    assert losses.shape == shape
    for place in np.ndindex(shape):
        expected = one_sparse_errors(gram[place], bias[place]).sum() / 5
        assert losses[place] == pytest.approx(expected)


def test_the_loss_on_one_sparse_data_is_the_mean_over_samples() -> None:
    random = np.random.default_rng(0)
    gram, bias = random.normal(size=(4, 4)), random.normal(size=4)
    active, values = random.integers(4, size=200_000), random.random(200_000)
    x = np.zeros((200_000, 4))
    x[np.arange(200_000), active] = values
    sampled = np.mean(np.sum((x - np.maximum(x @ gram + bias, 0)) ** 2, axis=1))
    assert float(one_sparse_loss(gram, bias)) == pytest.approx(sampled, rel=0.01)
