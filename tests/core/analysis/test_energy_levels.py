"""Jumps between energy levels: falls of the loss between plateaus, with changes of D_i."""

from dataclasses import replace

import numpy as np
import pytest
from tests.core.snapshots import SMALL, trained

from superpos_core.analysis.energy_levels import jumps, jumps_of_lane
from superpos_core.arrays import FloatArray

STEPS = np.round(10 ** (np.arange(40) / 24 + 2)).astype(np.int64)
FALLS = 25
"""The moment at which the loss falls."""
LONELY = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
PAIR = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])


def story(before: FloatArray, after: FloatArray) -> FloatArray:
    """Feature vectors that change at once, (moments, n, m)."""
    return np.stack([before if moment < FALLS else after for moment in range(len(STEPS))])


def losses(share: float) -> FloatArray:
    """Flat except for a fall by this share of the loss."""
    return np.where(np.arange(len(STEPS)) < FALLS, 1.0, 1 - share)


def test_a_jump_is_a_fall_between_plateaus_with_features_that_change() -> None:
    (jump,) = jumps(STEPS, losses(0.02), story(LONELY, PAIR))
    assert jump.before < STEPS[FALLS] <= jump.after
    assert jump.fall == pytest.approx(0.02)
    np.testing.assert_allclose(jump.changes, [[1, 0.5]])


def test_without_a_fall_or_a_change_there_is_no_jump() -> None:
    assert jumps(STEPS, losses(0.001), story(LONELY, PAIR)) == ()
    assert jumps(STEPS, losses(-0.02), story(LONELY, PAIR)) == ()
    assert jumps(STEPS, losses(0.02), story(PAIR, PAIR)) == ()
    assert jumps(STEPS, losses(0.02), story(0.1 * LONELY, PAIR)) == ()


def test_a_steadily_falling_loss_has_no_jump() -> None:
    falling = np.exp(-0.01 * np.arange(len(STEPS)))
    assert jumps(STEPS, falling, story(LONELY, PAIR)) == ()


def test_early_short_or_non_finite_runs_have_no_jump() -> None:
    assert jumps(STEPS // 10, losses(0.02), story(LONELY, PAIR)) == ()
    assert jumps(STEPS[:8], losses(0.02)[:8], story(LONELY, PAIR)[:8]) == ()
    broken = losses(0.02)
    broken[-1] = np.nan
    assert jumps(STEPS, broken, story(LONELY, PAIR)) == ()


def test_a_lane_is_measured_over_its_timeline() -> None:
    config = replace(SMALL, models=("tied",), sparsities=(0.7,), features=4, hidden=2, steps=60)
    record = trained(config)
    assert jumps_of_lane(record.cohorts["tied"], config, 0) == ()
