"""A run that was left for another one can be brought back, and goes on as if nothing had been."""

from dataclasses import replace

import pytest
from tests.core.snapshots import finished
from tests.core.training import map_rig
from tests.core.training.rig import CONFIG, Rig, Story, assert_same_arrays, cohorts_of

from superpos_core.errors import InvalidValue
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.checkpoint import Checkpoint
from superpos_core.training.commands import (
    BringBack,
    Command,
    JoinModel,
    Pause,
    Reseed,
    Reset,
    Restart,
    Resume,
)
from superpos_core.training.job import Job
from superpos_core.training.way_back import LONG_SECONDS

RUN = replace(CONFIG, steps=160)
HALF_WAY = 90
SECONDS_PER_STEP = LONG_SECONDS / 75
"""Half of the run is a long time."""
OTHER = ExperimentConfig(
    "other", features=3, hidden=2, models=("linear",), sparsities=(0.5,), steps=20
)


@pytest.mark.parametrize("command", [Reset(), Reseed(7), Restart(OTHER)])
def test_it_goes_on_as_if_it_had_never_been_left(command: Command) -> None:
    rig = Rig(RUN, seconds_per_step=SECONDS_PER_STEP)

    def story() -> Story:
        yield rig.step_reaches(HALF_WAY)
        rig.submit(command)
        yield rig.generation_is(1)
        rig.submit(BringBack())
        yield rig.generation_is(2)
        assert rig.step() >= HALF_WAY, "nothing of it is trained again"
        yield rig.phase_is("finished")

    rig.play(story())
    reference = finished(RUN)
    assert rig.latest.config == RUN
    assert_same_arrays(rig.latest, reference)
    for model, cohort in cohorts_of(rig.latest).items():
        kept = [moment.step for moment in cohorts_of(reference)[model].timeline.moments]
        assert [moment.step for moment in cohort.timeline.moments] == kept
    assert rig.latest.seconds_training == pytest.approx(RUN.steps * SECONDS_PER_STEP)


def test_a_finished_run_comes_back_finished_with_its_models() -> None:
    rig = Rig(RUN)

    def story() -> Story:
        rig.submit(JoinModel("linear"))
        yield rig.phase_is("finished")
        rig.submit(Restart(OTHER))
        yield rig.generation_is(1)
        rig.submit(BringBack())
        yield rig.generation_is(2)
        assert rig.latest.phase == "finished"
        assert set(cohorts_of(rig.latest)) == {"tied", "mlp", "linear"}

    rig.play(story())


def test_a_short_run_that_is_finished_takes_the_place_of_one_that_did_not_take_long() -> None:
    """Sizes are changed, that run finishes, and another experiment is opened: u returns to it."""
    smaller = replace(RUN, steps=RUN.steps // 2)
    rig = Rig(RUN, seconds_per_step=0.5 * LONG_SECONDS / RUN.steps)

    def story() -> Story:
        yield rig.phase_is("finished")
        rig.submit(Restart(smaller))
        yield lambda: rig.latest.generation == 1 and rig.latest.phase == "finished"
        rig.submit(Restart(OTHER))
        yield rig.generation_is(2)
        rig.submit(BringBack())
        yield rig.generation_is(3)
        assert rig.latest.config == smaller

    rig.play(story())


def test_a_run_that_has_begun_takes_the_place_of_a_finished_one_that_did_not_take_long() -> None:
    """At a slow pace it has trained for less time than the finished run, but it is the newer."""
    rig = Rig(RUN, seconds_per_step=0.5 * LONG_SECONDS / RUN.steps)
    other = replace(RUN, seed=9)

    def story() -> Story:
        yield rig.phase_is("finished")
        rig.submit(Restart(other))
        yield lambda: rig.latest.generation == 1 and 10 <= rig.step() < RUN.steps / 2
        rig.submit(Restart(OTHER))
        yield rig.generation_is(2)
        rig.submit(BringBack())
        yield rig.generation_is(3)
        assert rig.latest.config == other

    rig.play(story())


def test_a_short_run_that_is_finished_does_not_take_the_place_of_a_long_one() -> None:
    rig = Rig(RUN, seconds_per_step=SECONDS_PER_STEP)

    def story() -> Story:
        yield rig.phase_is("finished")
        rig.submit(Restart(OTHER))
        yield lambda: rig.latest.generation == 1 and rig.latest.phase == "finished"
        rig.submit(Reseed(3))
        yield rig.generation_is(2)
        rig.submit(BringBack())
        yield rig.generation_is(3)
        assert rig.latest.config == RUN

    rig.play(story())


def test_bringing_back_twice_returns_to_the_other_run() -> None:
    rig = Rig(RUN, seconds_per_step=SECONDS_PER_STEP)

    def story() -> Story:
        yield rig.step_reaches(HALF_WAY)
        rig.submit(Reseed(5))
        yield rig.generation_is(1)
        yield rig.step_reaches(70)
        seeds = []
        for generation in (2, 3, 4):
            rig.submit(BringBack())
            yield rig.generation_is(generation)
            seeds.append(rig.latest.config.seed)
        assert seeds == [0, 5, 0]

    rig.play(story())


def test_restarting_twice_loses_no_more_than_restarting_once() -> None:
    rig = Rig(RUN, seconds_per_step=SECONDS_PER_STEP)

    def story() -> Story:
        yield rig.step_reaches(HALF_WAY)
        rig.submit(Reseed(1))
        yield rig.generation_is(1)
        yield rig.step_reaches(3)
        rig.submit(Reseed(2), Reseed(3))
        yield rig.generation_is(3)
        rig.submit(BringBack())
        yield rig.generation_is(4)
        assert (rig.latest.config.seed, rig.step() >= HALF_WAY) == (0, True)

    rig.play(story())


def test_of_two_long_runs_the_newer_one_is_kept() -> None:
    rig = Rig(RUN, seconds_per_step=SECONDS_PER_STEP)

    def story() -> Story:
        for seed in (1, 2):
            yield rig.step_reaches(HALF_WAY)
            rig.submit(Reseed(seed))
            yield rig.generation_is(seed)
        rig.submit(BringBack())
        yield rig.generation_is(3)
        assert rig.latest.config.seed == 1

    rig.play(story())


def test_without_a_run_that_was_left_nothing_changes() -> None:
    rig = Rig(RUN)

    def story() -> Story:
        rig.submit(Pause(), BringBack())
        yield rig.generation_is(1)
        assert (rig.latest.phase, rig.step(), rig.way_back.left) == ("paused", 0, None)
        rig.submit(Resume())
        yield rig.phase_is("finished")

    rig.play(story())
    assert_same_arrays(rig.latest, finished(RUN))


def test_what_cannot_be_continued_is_refused_and_training_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rig = Rig(RUN, seconds_per_step=SECONDS_PER_STEP)

    def refuse(checkpoint: Checkpoint) -> Job:
        raise InvalidValue("engine", "scripted", "it is gone", "another")

    def story() -> Story:
        yield rig.step_reaches(HALF_WAY)
        rig.submit(Reseed(1))
        yield rig.generation_is(1)
        monkeypatch.setattr(rig.loop, "_resume_job", refuse)
        rig.submit(BringBack())
        yield rig.generation_is(2)
        assert rig.latest.config.seed == 1
        yield rig.phase_is("finished")

    rig.play(story())
    assert rig.refusals == [
        "it cannot be brought back: engine scripted: it is gone; choose another"
    ]
    assert rig.way_back.left is not None


def test_a_map_that_was_half_filled_comes_back_and_is_filled() -> None:
    rig, reference = map_rig.Rig(), map_rig.Rig()

    def restart_half_way(snapshot: Snapshot) -> None:
        if snapshot.generation == 0 and 0.3 < map_rig.map_of(snapshot).share_done < 1:
            rig.submit(Restart(OTHER))
        elif snapshot.generation == 1:
            rig.submit(BringBack())
            rig.on_publish = lambda snapshot: None

    rig.on_publish = restart_half_way
    map_rig.assert_same(rig.run(), reference.run())
    assert rig.latest.generation == 2
