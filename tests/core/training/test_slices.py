"""Slices, snapshots and rates: how the loop divides its time."""

from dataclasses import replace

import numpy as np
import pytest
from tests.core.training.rig import CONFIG, KEPT_STEPS, Rig, Story, cohorts_of

from superpos_core.record.snapshot import Snapshot
from superpos_core.training.commands import (
    Pause,
    Resume,
)
from superpos_core.training.loop import SLICE_SECONDS
from superpos_core.training.publishing import PUBLISH_SECONDS

# Slices and snapshots


@pytest.mark.parametrize(
    ("seconds_per_step", "least", "most"),
    [(1e-5, 1000, 2000), (1e-4, 100, 200), (4e-3, 3, 5), (0.3, 1, 1)],
)
def test_a_slice_takes_about_20_milliseconds_whatever_a_step_costs(
    seconds_per_step: float, least: int, most: int
) -> None:
    assert SLICE_SECONDS == 0.02
    steps = most * 30
    rig = Rig(replace(CONFIG, steps=steps), seconds_per_step=seconds_per_step)
    rig.run_to_the_end()
    slices = [advanced["tied"] for advanced in rig.engines[0].advanced]
    assert sum(slices) == steps
    assert max(slices) <= most
    # Slices that end at a kept step may be shorter.
    ends = np.cumsum(slices).tolist()
    free = [size for size, end in zip(slices, ends, strict=True) if end not in KEPT_STEPS]
    assert free[12:] == [] or min(free[12:-1]) >= least
    assert any(size >= least for size in slices)


def test_the_same_steps_are_kept_at_any_speed() -> None:
    slow, fast = Rig(seconds_per_step=0.1), Rig(seconds_per_step=1e-5)
    for rig in (slow, fast):
        rig.run_to_the_end()
    timelines = [cohorts_of(rig.latest)["tied"].timeline for rig in (slow, fast)]
    kept = [step for step in (0, *KEPT_STEPS) if step <= CONFIG.steps]
    for timeline in timelines:
        assert timeline.steps.tolist() == kept
    for ours, others in zip(timelines[0].moments, timelines[1].moments, strict=True):
        np.testing.assert_array_equal(ours.parameters.encoder, others.parameters.encoder)
    assert timelines[0].moments[-1].step == CONFIG.steps


def test_slices_shrink_at_once_when_steps_get_slower() -> None:
    rig = Rig(replace(CONFIG, steps=20_000), seconds_per_step=1e-4)
    fast = 0

    def story() -> Story:
        nonlocal fast
        yield rig.step_reaches(10_000)
        fast = len(rig.engines[0].advanced)
        rig.seconds_per_step = 1e-2
        yield rig.step_reaches(rig.step() + 300)

    rig.play(story())
    slow = [steps["tied"] for steps in rig.engines[0].advanced[fast:]]
    assert len(slow) > 20
    assert max(slow[1:]) <= 2


def test_snapshots_come_at_most_and_nearly_thirty_times_per_second() -> None:
    rig = Rig(replace(CONFIG, steps=20_000))
    rig.run_to_the_end()
    assert rig.clock.now == pytest.approx(20, rel=0.01)
    # The first and the last snapshot are not counted.
    between = np.diff(rig.published_at[1:-1])
    assert between.min() >= PUBLISH_SECONDS
    assert between.max() <= PUBLISH_SECONDS + 2 * SLICE_SECONDS
    assert len(rig.published) <= 20 * 30 + 3


@pytest.mark.parametrize(
    ("seconds", "every", "most"), [(0.025, 1, 20 * 2), (0.4, 1, 20), (0.05, 7, 20 * 30)]
)
def test_snapshots_take_at_most_a_twentieth_of_the_time(
    seconds: float, every: int, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not if one of several takes long by chance; and about one per second, if each does."""
    rig = Rig(replace(CONFIG, steps=20_000))
    take = rig.loop.snapshot
    monkeypatch.setattr("time.thread_time", lambda: rig.clock.now)

    def slow() -> Snapshot:
        if len(rig.published) % every == 0:
            rig.clock.pass_time(seconds)
        return take()

    rig.loop.snapshot = slow  # type: ignore[method-assign]
    rig.run_to_the_end()
    assert rig.clock.now >= 20
    assert most * 0.8 <= len(rig.published) <= most + 3


def test_snapshots_are_in_order() -> None:
    rig = Rig()
    rig.run_to_the_end()
    steps = [cohorts_of(snapshot)["tied"].step for snapshot in rig.published]
    assert steps == sorted(steps)
    assert [snapshot.phase for snapshot in rig.published[:-1]] == ["training"] * (len(steps) - 1)


def test_steps_per_second_counts_the_steps_of_the_last_second() -> None:
    rig = Rig(replace(CONFIG, steps=6000), seconds_per_step=0.001)

    def story() -> Story:
        yield rig.after(2)
        assert rig.latest.steps_per_second == pytest.approx(1000, rel=1e-6)
        rig.seconds_per_step = 0.002
        yield rig.after(1.5)
        assert rig.latest.steps_per_second == pytest.approx(500, rel=1e-6)
        rig.submit(Pause())
        yield rig.after(3)
        assert rig.loop.snapshot().steps_per_second == 0

    rig.play(story())


def test_a_finished_run_knows_its_average_rate_and_training_time_without_pauses() -> None:
    rig = Rig(seconds_per_step=0.001)

    def story() -> Story:
        yield rig.step_reaches(1000)
        rig.seconds_per_step = 0.003
        rig.submit(Pause())
        yield rig.after(60)
        rig.submit(Resume())
        yield rig.phase_is("finished")

    rig.play(story())
    fast = sum(steps["tied"] for steps in rig.engines[0].advanced[: _slices_until(rig, 1000)])
    seconds = 0.001 * fast + 0.003 * (CONFIG.steps - fast)
    assert rig.latest.seconds_training == pytest.approx(seconds)
    assert rig.latest.steps_per_second == pytest.approx(CONFIG.steps / seconds)


def _slices_until(rig: Rig, step: int) -> int:
    """The number of slices before a snapshot first showed this step or a later one."""
    shown = next(
        cohorts_of(s)["tied"].step for s in rig.published if cohorts_of(s)["tied"].step >= step
    )
    taken = np.cumsum([steps["tied"] for steps in rig.engines[0].advanced])
    return int(np.searchsorted(taken, shown)) + 1


def test_steps_per_second_is_known_even_if_a_step_takes_longer_than_a_second() -> None:
    rig = Rig(replace(CONFIG, steps=20), seconds_per_step=2.0)

    def story() -> Story:
        yield rig.step_reaches(10)
        assert rig.latest.steps_per_second == pytest.approx(0.5, rel=0.1)

    rig.play(story())
