"""Restarts that are about equally good keep their order while they train."""

from itertools import pairwise

import numpy as np
import pytest

from superpos_core.arrays import FloatArray
from superpos_core.record.history import LossHistory
from superpos_core.record.steady_order import LEAD, steady_order

NOTHING = np.zeros(2)
HEALTHY = np.zeros(2, bool)


def order_of(losses: FloatArray, *, step: int | None = None) -> list[int]:
    """The order after ``step`` of the losses (steps, restarts)."""
    history = LossHistory(losses.shape[1])
    for part in np.array_split(losses[:step], 4):
        history.append(part.astype(np.float32))
    count = losses.shape[1]
    order = steady_order(history.full, range(count), np.zeros(count), np.zeros(count, dtype=bool))
    return [int(each) for each in order]


def constant(*losses: float, steps: int = 2000) -> FloatArray:
    return np.tile(np.array(losses, dtype=np.float64), (steps, 1))


def test_the_lead_changes_only_by_a_margin() -> None:
    assert order_of(constant(1, 1 - LEAD / 2)) == [0, 1]
    assert order_of(constant(1, 1 - LEAD * 2)) == [1, 0]
    assert order_of(constant(1, 1 - LEAD / 2, 3, 2)) == [0, 1, 3, 2]


def test_it_changes_only_at_marks_and_not_before_the_first() -> None:
    losses = constant(2, 1, 3)
    assert order_of(losses, step=99) == [0, 1, 2]
    assert order_of(losses, step=100) == [1, 0, 2]
    losses[600:, 2] = 0.1
    leaders = [order_of(losses, step=step)[0] for step in (500, 700, 999, 1000, 2000)]
    assert leaders == [1, 1, 1, 2, 2]


def test_noise_hardly_ever_changes_it_although_it_changes_the_best_of_the_newest_steps() -> None:
    rng = np.random.default_rng(0)
    steps, restarts = 20_000, 8
    falling = 1 / (1 + np.arange(steps) / 300)
    losses = (falling[:, None] + 0.1) * (1 + 0.002 * np.arange(restarts))
    losses = losses * (1 + 0.3 * rng.standard_normal((steps, restarts)))
    seen = range(50, steps, 50)
    newest = [int(losses[max(step - 100, 0) : step].mean(axis=0).argmin()) for step in seen]
    steady = [order_of(losses, step=step)[0] for step in seen]
    changes = [sum(a != b for a, b in pairwise(each)) for each in (newest, steady)]
    assert changes[0] > 100
    assert changes[1] <= 5


def test_a_diverged_restart_is_left_at_once_and_comes_last() -> None:
    curve = LossHistory(2)
    curve.append(constant(1, 2, steps=150).astype(np.float32))
    assert steady_order(curve.full, range(2), NOTHING, HEALTHY).tolist() == [0, 1]
    assert steady_order(curve.full, range(2), NOTHING, np.array([True, False])).tolist() == [1, 0]
    losses = constant(1, 2)
    losses[40:, 0] = np.nan
    assert order_of(losses) == [1, 0]


def test_penalties_count() -> None:
    curve = LossHistory(4)
    curve.append(constant(9, 9, 1, 2, steps=100).astype(np.float32))
    assert steady_order(curve.full, range(2, 4), np.array([3.0, 0]), HEALTHY).tolist() == [1, 0]


@pytest.mark.parametrize("steps", [1, 99, 100, 5000])
def test_lanes_without_losses_and_with_the_same_ones_keep_their_order(steps: int) -> None:
    assert order_of(np.zeros((0, 3))) == [0, 1, 2]
    assert order_of(constant(1, 1, 1, steps=steps)) == [0, 1, 2]
