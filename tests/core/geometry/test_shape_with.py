"""The shape around one feature is the one that is found among all."""

import numpy as np
import pytest
from tests.core.polytopes import DIGON, direct_sum, regular_polygon, square_antiprism

from superpos_core.geometry.components import MOST_TOGETHER, geometry_of, shape_with

MIXED = np.concatenate(
    [
        direct_sum(DIGON, regular_polygon(5), square_antiprism(), np.ones((1, 1))),
        0.05 * np.ones((2, 7)),
        np.full((1, 7), np.nan),
    ]
)


def test_every_feature_is_in_the_shape_that_holds_it_among_all() -> None:
    random = np.random.default_rng(0)
    for encoder in (MIXED, random.normal(size=(12, 6)), random.normal(size=(9, 2))):
        geometry = geometry_of(encoder)
        for feature in range(len(encoder)):
            expected = next((s for s in geometry.shapes if feature in s.features), None)
            found = shape_with(encoder, feature)
            assert (found is None) == (expected is None)
            if found is not None and expected is not None:
                assert (found.name, found.features) == (expected.name, expected.features)
                assert found.dimensionality == pytest.approx(expected.dimensionality)


def test_a_pair_of_unequal_norms_is_a_digon_whatever_its_dimensionalities() -> None:
    shape = shape_with(np.array([[1.0], [-0.7]]), 0)
    assert shape is not None
    assert (shape.name, shape.regular_share) == ("digon", 0.5)


def test_too_many_features_together_are_left_to_the_whole_geometry() -> None:
    assert shape_with(np.ones((MOST_TOGETHER, 2)), 0) is not None
    assert shape_with(np.ones((MOST_TOGETHER + 1, 2)), 0) is None
