"""Learning rates: what each step gets."""

import numpy as np
import pytest

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.optimisers import OPTIMISERS
from superpos_core.task.schedules import SCHEDULES, schedule_named

each_schedule = pytest.mark.parametrize("name", SCHEDULES)
STEPS = 50


def rates(name: str, warm_up: int = 0, first: int = 0, count: int = STEPS) -> FloatArray:
    return schedule_named(name).rates(0.5, first, count, STEPS, warm_up)


@each_schedule
def test_the_first_step_has_the_base_rate(name: str) -> None:
    assert rates(name)[0] == 0.5


@pytest.mark.parametrize(("name", "last"), [("constant", 0.5), ("linear", 0), ("cosine", 0)])
def test_the_last_step_has_the_last_rate_and_keeps_it(name: str, last: float) -> None:
    np.testing.assert_allclose(rates(name, first=STEPS - 1, count=5), last, atol=1e-15)


def test_the_cosine_matches_the_official_notebook() -> None:
    t = np.arange(STEPS)
    np.testing.assert_allclose(rates("cosine"), 0.5 * np.cos(0.5 * np.pi * t / (STEPS - 1)))


@each_schedule
@pytest.mark.parametrize("warm_up", [0, 10])
def test_slices_match_the_rates_of_the_whole(name: str, warm_up: int) -> None:
    parts = [rates(name, warm_up, first, 10) for first in range(0, STEPS, 10)]
    np.testing.assert_array_equal(np.concatenate(parts), rates(name, warm_up))


@each_schedule
def test_warming_up_rises_from_0_in_a_straight_line_to_the_base_rate(name: str) -> None:
    np.testing.assert_allclose(rates(name, warm_up=10)[:11], 0.5 * np.arange(11) / 10)


@each_schedule
def test_after_warming_up_the_schedule_takes_the_rest_of_the_run(name: str) -> None:
    rest = schedule_named(name).rates(0.5, 0, STEPS - 10, STEPS - 10)
    np.testing.assert_allclose(rates(name, warm_up=10)[10:], rest)


@each_schedule
def test_a_warm_up_to_the_last_step_ends_at_the_base_rate(name: str) -> None:
    assert rates(name, warm_up=STEPS - 1)[-1] == 0.5


def test_an_unknown_optimiser_suggests_the_nearest() -> None:
    with pytest.raises(InvalidValue, match="did you mean adamw"):
        ExperimentConfig("other", optimiser="adam")
    assert {"adamw", "sgd"} == OPTIMISERS.keys()
