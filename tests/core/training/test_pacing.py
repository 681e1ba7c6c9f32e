"""Paces: which step of a run is due at which time."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from superpos_core.training.pacing import PACES

timed_paces = pytest.mark.parametrize("name", [p.name for p in PACES.values() if p.seconds])


@timed_paces
@given(steps=st.integers(1, 10_000_000), first=st.floats(0, 120), second=st.floats(0, 120))
def test_the_due_step_never_goes_back(name: str, steps: int, first: float, second: float) -> None:
    pace = PACES[name]
    early, late = sorted((first, second))
    assert 0 <= pace.step_at(early, steps) <= pace.step_at(late, steps) <= steps


@timed_paces
@given(steps=st.integers(1, 10_000_000), data=st.data())
def test_elapsed_at_is_the_time_at_which_a_step_is_due(
    name: str, steps: int, data: st.DataObject
) -> None:
    pace = PACES[name]
    step = data.draw(st.integers(0, steps))
    at = pace.elapsed_at(step, steps)
    # One step of tolerance for rounding: not due just before, due just after.
    assert pace.step_at(at * (1 - 1e-9), steps) <= step
    assert pace.step_at(at * (1 + 1e-9) + 1e-9, steps) >= step


@timed_paces
@given(steps=st.integers(1, 100_000), data=st.data())
def test_a_later_step_is_due_later(name: str, steps: int, data: st.DataObject) -> None:
    pace = PACES[name]
    step = data.draw(st.integers(1, steps))
    assert pace.elapsed_at(step - 1, steps) < pace.elapsed_at(step, steps)


@timed_paces
def test_a_paced_run_starts_at_its_first_step_and_ends_on_time(name: str) -> None:
    pace = PACES[name]
    assert pace.seconds is not None
    assert pace.step_at(0, 10_000) == 0
    assert pace.step_at(pace.seconds, 10_000) == 10_000
    assert pace.step_at(pace.seconds * 0.99, 10_000) < 10_000
    assert pace.step_at(pace.seconds / 2, 10_000) < 2_000


def test_at_full_speed_the_last_step_is_always_due() -> None:
    full = PACES["full"]
    assert full.step_at(0, 10_000) == 10_000
    assert full.elapsed_at(5_000, 10_000) == 0


def test_watching_takes_about_20_seconds_and_shows_the_first_steps_one_by_one() -> None:
    watch = PACES["watch"]
    assert watch.seconds == 20
    assert watch.step_at(1, 10_000) < 25


@timed_paces
@given(step=st.integers(0, 9_999))
def test_a_run_that_keeps_up_has_the_rest_of_its_pace_left(name: str, step: int) -> None:
    pace = PACES[name]
    assert pace.seconds is not None
    elapsed = pace.elapsed_at(step, 1_000_000)
    ahead = (pace.step_at(elapsed + 0.1, 1_000_000) - step) / 0.1
    left = pace.seconds_left(step, 1_000_000, ahead)
    assert left == pytest.approx(pace.seconds - elapsed)


def test_a_run_that_cannot_keep_up_is_expected_to_stay_as_fast_as_it_is() -> None:
    assert PACES["watch"].seconds_left(4_000, 10_000, 50) == 120
    assert PACES["full"].seconds_left(4_000, 10_000, 500) == 12
    assert math.isinf(PACES["full"].seconds_left(4_000, 10_000, 0))
