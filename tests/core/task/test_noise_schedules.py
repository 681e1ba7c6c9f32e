"""Schedules of noise: plateaus of equal length, each with one factor."""

import numpy as np
import pytest

from superpos_core.errors import InvalidValue
from superpos_core.task.noise_schedules import (
    NOISE_SCHEDULES,
    STAIRS,
    NoiseSchedule,
    noise_schedule_named,
)

each_schedule = pytest.mark.parametrize("schedule", NOISE_SCHEDULES.values(), ids=NOISE_SCHEDULES)
UP_AND_DOWN = noise_schedule_named("up-and-down")


def test_constant_noise_never_changes() -> None:
    constant = noise_schedule_named("constant")
    assert constant.changes(1000) == ()
    np.testing.assert_array_equal(constant.factors_from(990, 20, 1000), np.ones(20))


def test_up_and_down_takes_equal_stairs_from_none_to_all_and_back() -> None:
    plateaus = 2 * STAIRS + 1
    factors = UP_AND_DOWN.factors_from(0, 5 * plateaus, 5 * plateaus).reshape(plateaus, 5)
    assert np.all(factors == factors[:, :1])
    np.testing.assert_allclose(factors[: STAIRS + 1, 0], np.arange(STAIRS + 1) / STAIRS)
    np.testing.assert_array_equal(factors, factors[::-1])


@each_schedule
@pytest.mark.parametrize("steps", [1, 7, 100, 997])
def test_the_factor_changes_where_the_schedule_says_and_nowhere_else(
    schedule: NoiseSchedule, steps: int
) -> None:
    factors = schedule.factors_from(0, steps, steps)
    changes = schedule.changes(steps)
    assert set(np.flatnonzero(np.diff(factors)) + 1) <= set(changes)
    assert list(changes) == sorted(changes)
    lengths = np.diff([0, *changes, steps])
    assert lengths.max() - lengths.min() <= 1


@each_schedule
def test_slices_match_the_factors_of_the_whole(schedule: NoiseSchedule) -> None:
    parts = [schedule.factors_from(first, 10, 200) for first in range(0, 200, 10)]
    np.testing.assert_array_equal(np.concatenate(parts), schedule.factors_from(0, 200, 200))


@each_schedule
def test_steps_beyond_the_end_keep_the_last_factor(schedule: NoiseSchedule) -> None:
    np.testing.assert_array_equal(schedule.factors_from(100, 3, 100), [schedule.factors[-1]] * 3)


def test_an_unknown_schedule_suggests_the_nearest() -> None:
    with pytest.raises(InvalidValue, match=r"hidden-noise-schedule.*did you mean up-and-down"):
        noise_schedule_named("up-and-dawn")
