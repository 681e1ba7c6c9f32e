"""The boundary implied by the exact loss of two features in one dimension."""

import numpy as np
import pytest
from hypothesis import strategies as st
from scipy.optimize import minimize

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.theory import (
    exact_loss,
    feature_variance,
    ignored_boundary,
    optimal_ignored_boundary,
)

seeds = st.integers(0, 2**32 - 1)


# Relative importance of the boundary at each density, from an independent numerical optimum.
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


def test_the_optimal_boundary_matches_known_values() -> None:
    found = optimal_ignored_boundary(np.array(list(KNOWN_BORDER)))
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
@pytest.mark.sampled(3)
def test_superposition_beats_ignoring_only_on_one_side_of_the_optimal_boundary(
    density: float,
) -> None:
    boundary = float(optimal_ignored_boundary(density))
    variance = float(feature_variance(np.array(density)))
    below, above = 0.98 * boundary, 1.02 * boundary
    assert least_loss(density, below) >= below * variance * (1 - 1e-6)
    assert least_loss(density, above) < above * variance * (1 - 1e-6)


@pytest.mark.parametrize("density", [0.02, 0.3, 0.51, 0.6, 0.9, 1])
def test_no_model_beats_ignoring_below_the_optimal_boundary(density: float) -> None:
    random = np.random.default_rng(11)
    weights, bias = random.normal(0, 0.8, (20_000, 2)), random.normal(0, 0.3 * density, (20_000, 2))
    importance = np.array([1, float(optimal_ignored_boundary(density))])
    losses = exact_loss(weights[..., None], bias, density, importance)
    ignoring = importance[1] * float(feature_variance(np.array(density)))
    assert losses.min() >= ignoring * (1 - 1e-9)


def test_the_optimal_boundary_rises_with_density_and_never_exceeds_the_theoretical_one() -> None:
    density = np.linspace(0, 1, 60)
    boundary = optimal_ignored_boundary(density)
    assert boundary[0] == 0
    assert np.all(np.diff(boundary) > 0)
    assert np.all(boundary <= ignored_boundary(density))


def test_the_shape_of_the_densities_is_kept() -> None:
    assert optimal_ignored_boundary(0.1).shape == ()
    grid = np.array([[0.1, 0.2], [0.3, 0.4]])
    assert optimal_ignored_boundary(grid).shape == (2, 2)
    np.testing.assert_allclose(optimal_ignored_boundary(grid)[1, 0], optimal_ignored_boundary(0.3))


@pytest.mark.parametrize("wrong", [-0.1, 1.1, np.nan])
def test_a_density_that_is_not_a_probability_is_rejected(wrong: float) -> None:
    with pytest.raises(InvalidValue, match="density"):
        optimal_ignored_boundary(np.array([0.5, wrong]))
