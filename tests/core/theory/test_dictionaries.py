"""Hedging and absorption: published numbers, and optima found by search."""

import numpy as np
import pytest

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.theory.dictionaries import (
    ABSORBED_COSINE,
    absorbed_activity,
    hedging_angle,
    hedging_cosines,
    separate_activity,
)

CASES = [(0.2, 0.05), (0.15, 0.15), (0.0, 0.3), (0.4, 0.0), (0.01, 0.9)]


def error_along(angle: FloatArray, alone: float, both: float) -> FloatArray:
    """E‖h − (h·u)u‖² of rows (1, 0) and (1, 1) and the direction u at an angle."""
    u = np.stack([np.cos(angle), np.sin(angle)])
    parent, together = 1 - u[0] ** 2, 2 - (u[0] + u[1]) ** 2
    error: FloatArray = alone * parent + both * together
    return error


def test_the_published_cosines() -> None:
    np.testing.assert_allclose(hedging_cosines(0.2, 0.05), [0.9732, 0.2298], atol=5e-5)
    np.testing.assert_allclose(hedging_cosines(0.15, 0.15), [0.8507, 0.5257], atol=5e-5)


@pytest.mark.parametrize(("alone", "both"), CASES)
def test_no_other_direction_reconstructs_better(alone: float, both: float) -> None:
    angles = np.linspace(-np.pi / 2, np.pi / 2, 20_001)
    best = angles[error_along(angles, alone, both).argmin()]
    assert hedging_angle(alone, both) == pytest.approx(best, abs=2e-4)


def test_a_map_has_the_angles_of_its_cells() -> None:
    alone, both = np.array([[0.0], [0.2]]), np.array([[0.0, 0.05]])
    angles = hedging_angle(alone, both)
    assert np.isnan(angles[0, 0])  # nothing is ever active
    assert angles[1, 0] == 0
    assert angles[0, 1] == pytest.approx(np.pi / 4)
    assert angles[1, 1] == hedging_angle(0.2, 0.05)
    assert hedging_cosines(alone, both).shape == (2, 2, 2)


def test_absorption_lowers_the_sum_of_activations() -> None:
    assert separate_activity(0.2, 0.05) == pytest.approx(0.3)
    assert absorbed_activity(0.2, 0.05) == pytest.approx(0.2707, abs=5e-5)
    both = np.array([1.0, 1.0])
    absorbing = ABSORBED_COSINE * both
    np.testing.assert_allclose(np.sqrt(2) * absorbing, both)  # and reconstructs as well


@pytest.mark.parametrize(("alone", "both"), [(-0.1, 0.1), (0.6, 0.5), (np.nan, 0.1), (0.1, np.inf)])
def test_impossible_probabilities_are_refused(alone: float, both: float) -> None:
    with pytest.raises(InvalidValue, match="sum to at most 1"):
        hedging_angle(alone, both)
