"""The checks of experiments on structured data miss when what they are about is taken away."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from superpos_core.experiments import experiment_named
from superpos_core.experiments import structured_data as claims
from superpos_core.experiments.checks.lanes import trained_at
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dataset import dataset
from superpos_core.training.run import train

CIRCLE = replace(
    experiment_named("circle").config, hidden=8, sweep_values=(2.0, 4.0, 8.0), steps=2500,
    restarts=1,
)  # fmt: skip
DECAY = replace(CIRCLE, models=("tied",), weight_decay=6.0, decay_of="weights")
TREE = replace(experiment_named("tree").config, steps=1000, batch=512, restarts=1)


@cache
def run_of(config: ExperimentConfig) -> LanesRecord:
    return train(config).record_as(LanesRecord)


def test_on_a_circle_all_checks_pass() -> None:
    run = run_of(CIRCLE)
    assert claims.loss_is_what_components_leave(run).passed
    assert claims.ring_dissolves(run).passed
    for model in CIRCLE.models:
        assert claims.in_circular_order(model)(run).passed
    assert claims.ring_stays(run_of(DECAY)).passed


def test_the_published_sums_of_eigenvalues_are_those_of_a_large_sample() -> None:
    """0.608, 0.362 and 0.176 at m = 2, 4 and 8: of the covariance, so the model has a bias."""
    config = replace(CIRCLE, dataset_size=1 << 16)
    rows = dataset(config, config.lanes[0])
    for hidden, expected in ((2, 0.608), (4, 0.362), (8, 0.176)):
        found = claims.remaining_eigenvalues(rows, hidden)
        assert found == pytest.approx(expected, rel=0.01)


def test_without_the_circle_there_is_no_ring() -> None:
    """Independent features that are active as often: half the time."""
    frequency = (0.5,) * CIRCLE.features
    run = run_of(replace(CIRCLE, distribution="binary", frequency=frequency))
    for model in CIRCLE.models:
        assert not claims.in_circular_order(model)(run).passed
        assert abs(claims.ring_correlation(trained_at(run, model, 0.0, 2))) < 0.6
    assert not claims.ring_dissolves(run).passed


def test_without_decay_the_ring_dissolves_and_with_it_components_are_lost() -> None:
    assert not claims.ring_stays(run_of(CIRCLE)).passed
    decayed = run_of(replace(DECAY, models=("linear",)))
    assert not claims.loss_is_what_components_leave(decayed).passed
    assert not claims.ring_dissolves(run_of(DECAY)).passed


def test_the_tree_is_told_apart_by_a_relu_only() -> None:
    run = run_of(TREE)
    assert claims.leaves_share_a_direction(run).passed
    assert claims.leaves_are_told_apart(run).passed
    linear = run.cohorts["linear"]
    swapped = replace(run, cohorts={"tied": linear, "linear": run.cohorts["tied"]})
    assert not claims.leaves_share_a_direction(swapped).passed
    assert not claims.leaves_are_told_apart(swapped).passed


def test_without_a_tree_leaves_share_no_direction() -> None:
    """Trained on stored rows, for which kernels of other tests are compiled already."""
    for distribution, shared in (("tree", True), ("binary", False)):
        config = replace(TREE, distribution=distribution)
        stored = run_of(replace(config, dataset_size=1 << 14))
        found = claims.leaves_share_a_direction(replace(stored, config=config))
        assert found.passed == shared, found.text


def test_leaves_of_a_tree_are_paired_by_their_parent() -> None:
    trained = trained_at(run_of(TREE), "tied", claims.TREE_SPARSITY)
    expected = [trained.cosines[3, 4], trained.cosines[5, 6]]
    np.testing.assert_array_equal(claims.cosines_of_leaves(trained), expected)
