"""Runs at a pace."""

from dataclasses import replace

import pytest
from tests.core.training.rig import CONFIG, FULL, WATCH, Rig, Story, cohorts_of

from superpos_core.training.commands import (
    JoinModel,
    Pause,
    Resume,
    SetPace,
)

# Pace


def test_a_watched_run_follows_its_pace() -> None:
    rig = Rig(replace(CONFIG, steps=10_000), WATCH, seconds_per_step=1e-4)

    def story() -> Story:
        for second in (0.5, 1, 2, 4, 8, 16, 19.5):
            yield rig.after(second - rig.clock.now)
            step = cohorts_of(rig.loop.snapshot())["tied"].step
            # Behind by at most the interval between snapshots, and never ahead.
            assert WATCH.step_at(second - 0.1, 10_000) <= step
            assert step <= WATCH.step_at(rig.clock.now, 10_000)
        yield rig.phase_is("finished")

    rig.play(story())
    assert rig.clock.now == pytest.approx(WATCH.seconds, abs=0.2)


def test_switching_to_full_speed_and_back_causes_no_jump() -> None:
    config = replace(CONFIG, steps=10_000)
    rig = Rig(config, WATCH, seconds_per_step=1e-4)

    def story() -> Story:
        yield rig.after(2)
        rig.submit(SetPace(FULL))
        yield rig.step_reaches(5000)
        rig.submit(SetPace(WATCH))
        slow_from, begun = rig.step(), rig.clock.now
        already = WATCH.elapsed_at(slow_from, 10_000)
        yield rig.after(0.5)
        waited = rig.clock.now - begun
        step = cohorts_of(rig.loop.snapshot())["tied"].step
        assert slow_from < step <= WATCH.step_at(already + waited + 0.05, 10_000)
        rig.submit(SetPace(FULL))
        yield rig.phase_is("finished")

    rig.play(story())
    assert rig.clock.now < 4


def test_a_late_model_follows_its_own_pace() -> None:
    rig = Rig(replace(CONFIG, steps=10_000), WATCH, seconds_per_step=1e-4)

    def story() -> Story:
        yield rig.after(7)
        rig.submit(JoinModel("linear"))
        yield rig.after(2)
        cohorts = cohorts_of(rig.loop.snapshot())
        assert cohorts["linear"].step <= WATCH.step_at(2, 10_000)
        assert cohorts["linear"].step >= WATCH.step_at(1.8, 10_000)
        assert cohorts["tied"].step >= WATCH.step_at(8.8, 10_000)

    rig.play(story())


def steps_after_a_pause_of(rig: Rig, allowed_seconds: float) -> Story:
    yield rig.after(8)
    rig.submit(Pause())
    yield rig.phase_is("paused")
    step = rig.step()
    yield rig.after(5.05)
    rig.submit(Resume())
    yield rig.phase_is("training")
    resumed_at = rig.clock.now
    yield rig.after(0.1)
    passed = rig.clock.now - resumed_at
    due = WATCH.step_at(WATCH.elapsed_at(step, 10_000) + passed + allowed_seconds, 10_000)
    assert cohorts_of(rig.loop.snapshot())["tied"].step <= due


def test_a_paced_run_does_not_catch_up_after_a_pause() -> None:
    rig = Rig(replace(CONFIG, steps=10_000), WATCH, seconds_per_step=1e-6)
    rig.play(steps_after_a_pause_of(rig, allowed_seconds=0.3))
    assert rig.latest.phase == "training"


def test_a_paced_run_does_not_catch_up_for_the_last_moment_of_a_pause() -> None:
    rig = Rig(replace(CONFIG, steps=10_000), WATCH, seconds_per_step=1e-6)
    rig.play(steps_after_a_pause_of(rig, allowed_seconds=0.05))
    assert rig.latest.phase == "training"


@pytest.mark.parametrize("stopped_for", [2, 60, 86_400])
@pytest.mark.sampled(3)
def test_a_paced_run_does_not_catch_up_after_the_process_was_suspended(
    stopped_for: float,
) -> None:
    rig = Rig(replace(CONFIG, steps=10_000), WATCH, seconds_per_step=1e-6)

    def story() -> Story:
        yield rig.after(5)
        step = rig.step()
        rig.clock.pass_time(stopped_for)
        yield rig.after(0.1)
        due = WATCH.step_at(WATCH.elapsed_at(step, 10_000) + 0.5, 10_000)
        assert step < cohorts_of(rig.loop.snapshot())["tied"].step <= due
        yield rig.phase_is("finished")

    rig.play(story())
    assert WATCH.seconds is not None
    assert rig.clock.now == pytest.approx(WATCH.seconds + stopped_for, abs=0.4)
