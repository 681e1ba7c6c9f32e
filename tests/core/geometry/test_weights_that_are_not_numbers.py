"""Weights at the edges of what floats can hold: nothing raises, and nothing warns."""

import math
import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.core.geometry.weights import MEASURES, SIZES, Measure, any_weights

from superpos_core.arrays import FloatArray
from superpos_core.geometry.measures import (
    dimensions_per_feature,
    feature_dimensionality,
    feature_norms,
    gram,
    represented,
    superposition,
)
from superpos_core.task.parameters import Parameters


@pytest.fixture
def every_warning_an_error() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def measure_everything(weights: FloatArray) -> None:
    features = len(weights)
    for measure in MEASURES:
        assert measure(weights).shape in ((), (features,))
    bias = np.zeros(features, weights.dtype)
    for parameters in (
        Parameters(encoder=weights, bias=bias),
        Parameters(encoder=weights, decoder=weights.T.copy(), bias=bias),
    ):
        assert gram(parameters).shape == (features, features)


@pytest.mark.usefixtures("every_warning_an_error")
class TestWeightsThatAreNotNumbers:
    @given(any_weights)
    def test_no_float32_weight_raises_or_warns(self, weights: FloatArray) -> None:
        measure_everything(weights)

    @given(
        SIZES.flatmap(
            lambda size: hnp.arrays(
                np.float64,
                size,
                elements=st.sampled_from([0.0, 1.0, math.nan, math.inf, -math.inf]),
            )
        )
    )
    def test_no_mixture_of_nan_and_infinities_raises_or_warns(self, weights: FloatArray) -> None:
        measure_everything(weights)

    @given(any_weights)
    def test_a_feature_with_nan_weights_has_no_measures(self, weights: FloatArray) -> None:
        broken = weights.copy()
        broken[0, 0] = math.nan
        assert np.isnan(feature_norms(broken)[0])
        assert np.isnan(superposition(broken)[0])
        assert np.isnan(feature_dimensionality(broken)[0])
        assert np.isnan(dimensions_per_feature(broken))

    def test_zero_weights_have_zero_measures(self) -> None:
        nothing = np.zeros((4, 2), np.float32)
        for measure in (feature_norms, superposition, feature_dimensionality):
            np.testing.assert_array_equal(measure(nothing), 0)
        assert represented(nothing) == 0

    def test_denormal_weights_have_the_dimensionality_of_their_shape(self) -> None:
        smallest = np.float32(1e-45)
        pair = np.array([[smallest], [-smallest]], np.float32)
        np.testing.assert_allclose(feature_dimensionality(pair), 1 / 2)
        np.testing.assert_allclose(superposition(pair), 0, atol=1e-80)

    def test_the_largest_float32_weights_have_the_dimensionality_of_their_shape(self) -> None:
        largest = np.finfo(np.float32).max
        pair = np.array([[largest], [-largest]], np.float32)
        np.testing.assert_allclose(feature_dimensionality(pair), 1 / 2)

    @pytest.mark.parametrize("measure", [superposition, feature_dimensionality])
    def test_a_norm_that_overflows_has_no_measures(self, measure: Measure) -> None:
        assert np.isnan(measure(np.full((3, 2), 1e200))).all()
