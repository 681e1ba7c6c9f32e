"""Five sparse features in a plane form a pentagon."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.core.experiments.plane import PENTAGON, PLANE, tied

from superpos_core.arrays import FloatArray
from superpos_core.geometry.components import geometry_of, geometry_shares
from superpos_core.geometry.measures import feature_dimensionality, feature_norms
from superpos_core.record.lanes import Cohort
from superpos_core.task.parameters import Parameters
from superpos_core.theory.polygons import best_polygon
from superpos_core.training.run import train

DENSITIES = (0.1, 0.05, 0.01)


@cache
def settled() -> Cohort:
    """Restarts at every density, with a learning rate that falls to 0."""
    sparsities = tuple(1 - density for density in DENSITIES)
    config = replace(PLANE, sparsities=sparsities, learning_rate_schedule="linear")
    return tied(train(config))


def best_at(density: float) -> Parameters:
    """The restart with the lowest loss."""
    best = settled().ranked(DENSITIES.index(density))[0]
    return settled().parameters.take(best)


def turns_between_neighbours(encoder: FloatArray) -> FloatArray:
    """Degrees from each feature in the plane to the next, all the way round."""
    directions = np.sort(np.degrees(np.arctan2(encoder[:, 1], encoder[:, 0])))
    return np.diff(directions, append=directions[0] + 360)


@pytest.mark.parametrize("density", DENSITIES)
def test_the_best_of_eight_restarts_is_a_regular_pentagon(density: float) -> None:
    encoder = best_at(density).encoder
    assert geometry_of(encoder).text == PENTAGON
    np.testing.assert_allclose(feature_dimensionality(encoder), 2 / 5, atol=0.003)
    np.testing.assert_allclose(turns_between_neighbours(encoder), 72, atol=0.4)


@pytest.mark.parametrize("density", DENSITIES)
def test_most_restarts_reach_the_pentagon(density: float) -> None:
    places = settled().lanes_at(DENSITIES.index(density))
    shares = geometry_shares(settled().parameters.encoder[places.start : places.stop])
    assert sum(count for _, count in shares) == PLANE.restarts
    name, count = shares[0]
    assert name == PENTAGON
    assert count > PLANE.restarts / 2


def test_the_sparser_the_data_the_nearer_is_the_pentagon_to_that_of_one_active_feature() -> None:
    """Norms and biases go to those of Chen et al. 2023, in proportion to the density."""
    norms = [float(feature_norms(best_at(density).encoder).mean()) for density in DENSITIES]
    biases = [float(best_at(density).bias.mean()) for density in DENSITIES]
    limit = best_polygon(5)
    for reached, wanted in ((norms, limit.radius), (biases, limit.bias)):
        gaps = [abs(value - wanted) for value in reached]
        assert gaps == sorted(gaps, reverse=True)
        _, at_5_percent, at_1_percent = reached
        at_0 = at_1_percent + (at_1_percent - at_5_percent) * 0.01 / 0.04
        assert at_0 == pytest.approx(wanted, abs=0.008)
