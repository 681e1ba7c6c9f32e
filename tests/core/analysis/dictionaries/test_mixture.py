"""What latents mix: few features, also where true directions overlap."""

import numpy as np
import pytest

from superpos_core.analysis.dictionaries.mixture import Mixture, mixture_of
from superpos_core.arrays import FloatArray

ORTHOGONAL = np.eye(4)
ANGLES = 2 * np.pi * np.arange(5) / 5
PENTAGON = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)


def mixed(latent: FloatArray, directions: FloatArray) -> dict[int, float]:
    found = mixture_of(latent, directions)
    return dict(zip(found.features, np.round(found.coefficients, 6).tolist(), strict=True))


def test_an_absorbing_latent_is_as_much_of_both_features() -> None:
    half = pytest.approx(np.sqrt(0.5), abs=1e-6)
    assert mixed(3 * (ORTHOGONAL[1] + ORTHOGONAL[0]), ORTHOGONAL) == {0: half, 1: half}


@pytest.mark.parametrize("feature", range(5))
def test_a_true_direction_is_one_feature_however_many_overlap_with_it(feature: int) -> None:
    assert mixed(2.5 * PENTAGON[feature], 0.7 * PENTAGON) == {feature: 1.0}


def test_between_two_corners_of_a_pentagon_it_is_both() -> None:
    found = mixed(PENTAGON[0] + 0.8 * PENTAGON[1], PENTAGON)
    assert list(found) == [0, 1]
    assert found[1] / found[0] == pytest.approx(0.8, abs=1e-5)


def test_coefficients_have_signs_and_the_largest_comes_first() -> None:
    found = mixed(np.array([0.1, -3.0, 1.0, 0.0]), ORTHOGONAL)
    assert list(found) == [1, 2]
    assert found[1] < 0 < found[2]


@pytest.mark.parametrize("latent", [np.zeros(4), np.full(4, np.nan)])
def test_without_a_direction_it_mixes_nothing(latent: FloatArray) -> None:
    assert mixture_of(latent, ORTHOGONAL) == Mixture((), (), 0.0)


def test_what_no_feature_explains_is_left_out() -> None:
    found = mixture_of(np.array([0.0, 0.0, 1.0]), np.array([[1.0, 0, 0], [0, 1.0, 0]]))
    assert found == Mixture((), (), 0.0)


def test_the_cosine_says_how_much_is_explained() -> None:
    found = mixture_of(np.array([1.0, 1.0, 1.0, 1.0]), ORTHOGONAL)
    assert len(found.features) == 3
    assert found.cosine == pytest.approx(np.sqrt(3) / 2)
