"""The exact loss of two features in one dimension, and the border that it implies."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize

from superpos_core.arrays import FloatArray
from superpos_core.data import distribution_named, sample
from superpos_core.errors import InvalidValue
from superpos_core.models import Parameters, model_named, reconstruct
from superpos_core.theory import (
    exact_errors,
    exact_loss,
    feature_variance,
    ignored_border,
    optimal_ignored_border,
)

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
def test_the_expected_errors_are_those_of_adaptive_integration(seed: int, density: float) -> None:
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
def test_the_expected_loss_is_that_of_sampled_data(
    weights: tuple[float, float], bias: tuple[float, float], density: float
) -> None:
    importance = np.array([1, 0.6])
    parameters = Parameters(np.array(weights)[:, None], None, np.array(bias))
    random = np.random.default_rng(7)
    x = sample(distribution_named("uniform"), random, 1 << 18, np.full(2, density))
    output = reconstruct(model_named("tied"), parameters, x).output
    losses = (x - output) ** 2 @ importance
    expected = exact_loss(np.array(weights)[:, None], np.array(bias), density, importance)
    standard_error = losses.std() / np.sqrt(losses.size)
    assert float(expected) == pytest.approx(losses.mean(), abs=5 * standard_error)


def test_many_models_are_integrated_at_once() -> None:
    random = np.random.default_rng(0)
    weights, bias = random.normal(0, 1, (4, 3, 2)), random.normal(0, 0.3, (3, 2))
    density = random.random((4, 3))
    together = exact_errors(weights[..., None], bias, density)
    assert together.shape == (4, 3, 2)
    for place in np.ndindex(4, 3):
        alone = exact_errors(weights[place][:, None], bias[place[1]], float(density[place]))
        np.testing.assert_allclose(together[place], alone, rtol=1e-12)


def test_the_loss_of_weights_that_are_not_finite_is_not_finite() -> None:
    loss = exact_loss(np.array([[np.nan], [1]]), np.zeros(2), 0.5, np.ones(2))
    assert not np.isfinite(loss)


# The relative importance of the border at each density: a numeric optimum by others.
KNOWN_BORDER = {
    0.01: 0.0044,
    0.03: 0.0133,
    0.05: 0.0228,
    0.1: 0.0489,
    0.2: 0.1138,
    0.3: 0.2047,
    0.4: 0.3374,
    0.5: 0.536,
    4 / 7: 0.635,
    0.65: 0.72,
    0.75: 0.82,
}


def test_the_optimal_border_is_the_known_one() -> None:
    found = optimal_ignored_border(np.array(list(KNOWN_BORDER)))
    np.testing.assert_allclose(found, list(KNOWN_BORDER.values()), rtol=0.02)


def least_loss(density: float, relative_importance: float) -> float:
    """Of all models with a weight that is not negligible, from several starts."""
    random = np.random.default_rng(2)
    importance = np.array([1, relative_importance])

    def loss(point: FloatArray) -> float:
        return float(exact_loss(point[:2, None], point[2:], density, importance))

    starts = [(1, -0.7, 0, density / 3), (1, -0.2, 0, density / 2), (1, 0.2, 0, density / 2)]
    around = [np.array(start) + random.normal(0, 0.1, 4) for start in starts * 2]
    return float(min(minimize(loss, start, method="BFGS").fun for start in around))


@pytest.mark.parametrize("density", [0.05, 0.4, 0.7, 0.95])
def test_superposition_beats_ignoring_on_one_side_of_the_optimal_border_only(
    density: float,
) -> None:
    border = float(optimal_ignored_border(density))
    variance = float(feature_variance(np.array(density)))
    below, above = 0.98 * border, 1.02 * border
    assert least_loss(density, below) >= below * variance * (1 - 1e-6)
    assert least_loss(density, above) < above * variance * (1 - 1e-6)


@pytest.mark.parametrize("density", [0.02, 0.3, 0.51, 0.6, 0.9, 1])
def test_no_model_beats_ignoring_below_the_optimal_border(density: float) -> None:
    random = np.random.default_rng(11)
    weights, bias = random.normal(0, 0.8, (20_000, 2)), random.normal(0, 0.3 * density, (20_000, 2))
    importance = np.array([1, float(optimal_ignored_border(density))])
    losses = exact_loss(weights[..., None], bias, density, importance)
    ignoring = importance[1] * float(feature_variance(np.array(density)))
    assert losses.min() >= ignoring * (1 - 1e-9)


def test_the_optimal_border_rises_with_density_and_is_never_above_the_theoretical_one() -> None:
    density = np.linspace(0, 1, 60)
    border = optimal_ignored_border(density)
    assert border[0] == 0
    assert np.all(np.diff(border) > 0)
    assert np.all(border <= ignored_border(density))


def test_the_shape_of_the_densities_is_kept() -> None:
    assert optimal_ignored_border(0.1).shape == ()
    grid = np.array([[0.1, 0.2], [0.3, 0.4]])
    assert optimal_ignored_border(grid).shape == (2, 2)
    np.testing.assert_allclose(optimal_ignored_border(grid)[1, 0], optimal_ignored_border(0.3))


@pytest.mark.parametrize("wrong", [-0.1, 1.1, np.nan])
def test_a_density_that_is_no_probability_is_refused(wrong: float) -> None:
    with pytest.raises(InvalidValue, match="density"):
        optimal_ignored_border(np.array([0.5, wrong]))
