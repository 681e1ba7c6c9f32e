"""Dials turned on the same weights: digons survive, or become a pentagon; undo is exact."""

from dataclasses import replace

import numpy as np
import pytest
from tests.core.experiments.plane import (
    PENTAGON,
    TWO_DIGONS,
    assert_same_cohorts,
    geometry_in,
    tied,
)
from tests.core.experiments.turned_dials import DENSE, SPARSER, SPARSEST, best_lane, turned

from superpos_core.geometry.measures import feature_dimensionality
from superpos_core.record.lane_group import Mark
from superpos_core.training.run import train


def test_dense_features_form_two_digons_and_one_is_ignored() -> None:
    assert geometry_in(tied(turned().dense), best_lane()) == TWO_DIGONS


def test_digons_survive_where_a_pentagon_would_be_better() -> None:
    """Trained from scratch at 1 − S = 0.05, the loss is half as large."""
    lane, continued = best_lane(), tied(turned().sparser)
    fresh = tied(train(SPARSER))
    best_fresh = fresh.ranked(0)[0]
    assert continued.lanes[lane].density == 0.05
    assert geometry_in(continued, lane) == TWO_DIGONS
    assert geometry_in(fresh, best_fresh) == PENTAGON
    excess = continued.recent_losses.mean[lane].mean() / fresh.recent_losses.mean[best_fresh].mean()
    assert 1.8 < excess < 2.2


def test_digons_become_a_pentagon_when_training_continues_on_much_sparser_data() -> None:
    before, after = tied(turned().dense), tied(turned().sparsest)
    dense = [geometry_in(before, lane) for lane in range(DENSE.restarts)]
    assert TWO_DIGONS in dense
    for lane, shape in enumerate(dense):
        if shape == TWO_DIGONS:
            assert geometry_in(after, lane) == PENTAGON
            np.testing.assert_allclose(
                feature_dimensionality(after.parameters.encoder[lane]), 2 / 5, atol=0.02
            )


def test_a_change_is_marked_at_its_step_and_extends_the_run_by_its_length() -> None:
    for snapshot, config, text in (
        (turned().sparser, SPARSER, "S 0.6 → 0.95"),
        (turned().sparsest, SPARSEST, "S 0.6 → 0.99"),
    ):
        cohort = tied(snapshot)
        assert cohort.marks == (Mark(DENSE.steps, text),)
        assert cohort.step == 2 * DENSE.steps
        assert snapshot.config == replace(config, steps=2 * DENSE.steps)
        assert snapshot.undoable == 1


@pytest.mark.parametrize("undone", ["back", "back_again"])
def test_undo_restores_the_weights_bit_for_bit(undone: str) -> None:
    dense, snapshot = turned().dense, getattr(turned(), undone)
    assert snapshot.config == DENSE
    assert snapshot.undoable == 0
    assert tied(snapshot).marks == ()
    assert_same_cohorts(tied(snapshot), tied(dense))
    assert geometry_in(tied(snapshot), best_lane()) == TWO_DIGONS


def test_training_continues_after_undo_as_if_no_dial_had_been_turned() -> None:
    """Undo restores the optimiser and the data as well as the weights."""
    undisturbed = train(replace(DENSE, steps=2 * DENSE.steps))
    assert_same_cohorts(tied(turned().continued), tied(undisturbed))
