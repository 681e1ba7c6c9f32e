"""Reset, reseed and restart, and the generations that they count."""

from dataclasses import replace

import numpy as np
from tests.core.training.rig import (
    CONFIG,
    FULL,
    WATCH,
    Rig,
    Story,
    assert_same_arrays,
    cohorts_of,
    undisturbed,
)

from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import (
    JoinModel,
    Pause,
    Reseed,
    Reset,
    Restart,
    Resume,
    SetPace,
)


def test_reset_restarts_from_the_same_weights() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(700)
        rig.submit(Reset())
        yield rig.generation_is(1)
        assert_same_arrays(rig.latest, rig.published[0])
        assert rig.step() == 0
        assert rig.latest.config == CONFIG
        yield rig.phase_is("finished")

    rig.play(story())
    assert [engine.times_closed for engine in rig.engines] == [1, 1]
    assert_same_arrays(rig.latest, undisturbed())


def test_reseed_restarts_from_other_weights() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(700)
        rig.submit(Reseed(5))
        yield rig.generation_is(1)
        assert rig.step() == 0
        assert rig.latest.config == replace(CONFIG, seed=5)
        assert all(lane.seed == 5 for lane in cohorts_of(rig.latest)["tied"].lanes)
        assert not np.any(
            cohorts_of(rig.latest)["tied"].parameters.encoder
            == cohorts_of(rig.published[0])["tied"].parameters.encoder
        )

    rig.play(story())
    assert [engine.config.seed for engine in rig.engines] == [0, 5]


def test_a_reset_after_a_reseed_keeps_the_new_seed() -> None:
    rig = Rig()
    rig.submit(Reseed(5), Reset())

    def story() -> Story:
        yield rig.generation_is(2)
        assert rig.latest.config.seed == 5

    rig.play(story())


def test_generations_count_restarts_and_nothing_else() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(50)
        rig.submit(Pause(), Resume(), SetPace(WATCH), SetPace(FULL), JoinModel("linear"))
        yield rig.step_reaches(50, "linear")
        assert rig.latest.generation == 0
        rig.submit(Reset())
        yield rig.generation_is(1)
        rig.submit(Reseed(3))
        yield rig.generation_is(2)
        yield rig.step_reaches(10)

    rig.play(story())
    generations = [snapshot.generation for snapshot in rig.published]
    assert generations == sorted(generations)


def test_a_restart_accepts_any_other_config() -> None:
    rig = Rig()
    other = ExperimentConfig("other", features=7, hidden=3, models=("linear",), steps=50)

    def story() -> Story:
        yield rig.step_reaches(500)
        rig.submit(Restart(other))
        yield rig.generation_is(1)
        yield rig.phase_is("finished")

    rig.play(story())
    assert rig.latest.config == other
    assert cohorts_of(rig.latest)["linear"].parameters.encoder.shape == (5, 7, 3)
