"""The exact loss of a few features: against adaptive integration, sampled data and closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from superpos_core.arrays import FloatArray
from superpos_core.task.data import distribution_named, sample
from superpos_core.task.models import model_named, reconstruct
from superpos_core.task.parameters import Parameters
from superpos_core.theory import exact_errors, exact_loss, triangle_loss

seeds = st.integers(0, 2**32 - 1)


def error_by_adaptive_integration(
    weights: FloatArray, bias: FloatArray, density: float, output: int
) -> float:
    slope_0, slope_1 = (weights * weights[output]).tolist()
    offset = float(bias[output])

    def squared_error(x_0: float, x_1: float) -> float:
        given_back = max(slope_0 * x_0 + slope_1 * x_1 + offset, 0.0)
        return float(((x_0, x_1)[output] - given_back) ** 2)

    def over_x_1(x_0: float) -> float:
        places = inside(-(slope_0 * x_0 + offset) / slope_1)
        return float(quad(lambda x_1: squared_error(x_0, x_1), 0, 1, points=places)[0])

    def inside(*places: float) -> list[float] | None:
        return [place for place in places if 0 < place < 1] or None

    corners = inside(-offset / slope_0, -(slope_1 + offset) / slope_0)
    only_0 = quad(lambda x_0: squared_error(x_0, 0), 0, 1, points=corners)[0]
    both = quad(over_x_1, 0, 1, points=corners)[0]
    return float(
        (1 - density) ** 2 * squared_error(0, 0)
        + density * (1 - density) * (only_0 + over_x_1(0))
        + density**2 * both
    )


@settings(max_examples=25, deadline=None)
@given(seeds, st.floats(0, 1))
def test_expected_errors_match_adaptive_integration(seed: int, density: float) -> None:
    random = np.random.default_rng(seed)
    weights, bias = random.normal(0, 1, 2), random.normal(0, 0.4, 2)
    found = exact_errors(weights[..., None], bias, density)
    for output in range(2):
        expected = error_by_adaptive_integration(weights, bias, density, output)
        assert float(found[output]) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize(
    ("weights", "bias", "density"),
    [
        ((1, -1), (0, 0), 0.3),
        ((1.2, -0.7), (-0.1, 0.2), 0.6),
        ((0.7, 0.8), (-0.2, 0.1), 1),
        ((0, 0), (0.3, -0.3), 0.5),
        ((1e-9, 1), (0.1, 0.1), 0.5),
    ],
)
def test_the_expected_loss_matches_sampled_data(
    weights: tuple[float, float], bias: tuple[float, float], density: float
) -> None:
    importance = np.array([1, 0.6])
    parameters = Parameters(encoder=np.array(weights)[:, None], bias=np.array(bias))
    random = np.random.default_rng(7)
    x = sample(distribution_named("uniform"), random, 1 << 18, np.full(2, density))
    output = reconstruct(model_named("tied"), parameters, x).output
    losses = (x - output) ** 2 @ importance
    expected = exact_loss(np.array(weights)[:, None], np.array(bias), density, importance)
    standard_error = losses.std() / np.sqrt(losses.size)
    assert float(expected) == pytest.approx(losses.mean(), abs=5 * standard_error)


def test_many_models_can_be_integrated_at_once() -> None:
    random = np.random.default_rng(0)
    weights, bias = random.normal(0, 1, (4, 3, 2)), random.normal(0, 0.3, (3, 2))
    density = random.random((4, 3))
    together = exact_errors(weights[..., None], bias, density)
    assert together.shape == (4, 3, 2)
    for place in np.ndindex(4, 3):
        alone = exact_errors(weights[place][:, None], bias[place[1]], float(density[place]))
        np.testing.assert_allclose(together[place], alone, rtol=1e-12)


def test_non_finite_weights_have_a_non_finite_loss() -> None:
    loss = exact_loss(np.array([[np.nan], [1]]), np.zeros(2), 0.5, np.ones(2))
    assert not np.isfinite(loss)


@settings(max_examples=8, deadline=None)
@given(seeds, st.floats(0.05, 1))
def test_the_loss_of_three_features_matches_sampled_data(seed: int, density: float) -> None:
    random = np.random.default_rng(seed)
    encoder, bias = random.normal(0, 0.8, (3, 2)), random.normal(0, 0.3, 3)
    importance = random.random(3)
    x = sample(distribution_named("uniform"), random, 1 << 17, np.full(3, density))
    output = reconstruct(model_named("tied"), Parameters(encoder=encoder, bias=bias), x).output
    losses = (x - output) ** 2 @ importance
    standard_error = losses.std() / np.sqrt(losses.size)
    expected = float(exact_loss(encoder, bias, density, importance))
    assert losses.mean() == pytest.approx(expected, abs=5 * standard_error + 1e-9)


@pytest.mark.parametrize("density", [0.02, 0.6, 1.0])
def test_the_loss_of_the_triangle_matches_its_closed_form(density: float) -> None:
    angles = np.radians([90, 210, 330])
    triangle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    loss = exact_loss(triangle, np.zeros(3), density, np.array([1, 1, 0.7]))
    assert float(loss) == pytest.approx(float(triangle_loss(0.7, density)), rel=1e-12)


@given(seeds)
def test_a_feature_without_weights_and_importance_changes_nothing(seed: int) -> None:
    random = np.random.default_rng(seed)
    encoder, bias = random.normal(0, 1, (2, 1)), random.normal(0, 0.3, 2)
    two = exact_errors(encoder, bias, 0.4)
    three = exact_errors(np.vstack([encoder, [[0]]]), np.append(bias, 0.1), 0.4)
    np.testing.assert_allclose(three[:2], two, rtol=1e-12)
