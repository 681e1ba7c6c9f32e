"""A probe of antipodal pairs: interference that is cut off, and pairs that cancel."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.core.experiments.plane import tied

from superpos_core.analysis.probe import Probe, probe
from superpos_core.experiments import experiment_named
from superpos_core.geometry.components import Shape, geometry_of
from superpos_core.geometry.measures import feature_dimensionality
from superpos_core.task.models import model_named
from superpos_core.task.parameters import Parameters
from superpos_core.training.run import train

SEED = replace(
    experiment_named("twenty").config, models=("tied",), sparsities=(0.9,), seed=0, steps=4000
)
EQUAL_SHARES = 0.02
"""Maximum deviation of D_i from 1/2 in a pair that shares its dimension equally."""


@cache
def seed_parameters() -> Parameters:
    return tied(train(SEED)).parameters.take(0)


def digons() -> list[Shape]:
    found = geometry_of(seed_parameters().encoder).shapes
    return [shape for shape in found if shape.name == "digon"]


def equal_digons() -> list[Shape]:
    shares = feature_dimensionality(seed_parameters().encoder)
    return [
        digon
        for digon in digons()
        if np.all(np.abs(shares[list(digon.features)] - 1 / 2) < EQUAL_SHARES)
    ]


def switched_on(*features: int) -> Probe:
    """The probe of a row in which these features are 1 and all others 0."""
    x = np.zeros(SEED.features, dtype=np.float32)
    x[list(features)] = 1
    return probe(model_named("tied"), seed_parameters(), x, SEED.feature_importance)


def each_way(shapes: list[Shape]) -> Iterator[tuple[int, int]]:
    """Every feature of a digon with its antipode."""
    for shape in shapes:
        first, second = shape.features
        yield first, second
        yield second, first


def test_the_seed_experiment_has_antipodal_pairs() -> None:
    assert len(digons()) >= 3
    assert equal_digons()


def test_interference_of_an_active_feature_with_its_antipode_is_negative_and_cut_off() -> None:
    for active, antipode in each_way(digons()):
        seen = switched_on(active)
        assert seen.pre_activation[antipode] < -0.5
        assert seen.cut[antipode] == seen.pre_activation[antipode]
        assert seen.output[antipode] == 0
        assert seen.error[antipode] == 0
        assert seen.loss[antipode] == 0


def test_an_active_feature_of_an_equal_pair_is_reconstructed() -> None:
    for active, _ in each_way(equal_digons()):
        seen = switched_on(active)
        assert seen.output[active] == pytest.approx(1, abs=0.06)
        assert seen.cut[active] == 0


def test_the_two_features_of_an_equal_pair_cancel_each_other_when_both_are_active() -> None:
    for digon in equal_digons():
        seen = switched_on(*digon.features)
        np.testing.assert_allclose(seen.output[list(digon.features)], 0, atol=0.1)
