"""Models that join a run."""

import numpy as np
from tests.core.training.rig import CONFIG, Rig, Story, arrays_of, cohorts_of, undisturbed

from superpos_core.training.commands import (
    JoinModel,
    Pause,
    Reset,
)


def test_a_model_that_joins_trains_from_step_0_without_disturbing_the_others() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(300)
        rig.submit(JoinModel("linear"))
        yield lambda: "linear" in cohorts_of(rig.latest)
        assert rig.step("linear") == 0
        assert rig.step("tied") >= 300
        assert rig.latest.config.models == ("tied", "mlp", "linear")
        yield rig.phase_is("finished")

    rig.play(story())
    assert rig.step("linear") == CONFIG.steps
    assert rig.engines[0].joined == ["linear"]
    reference = arrays_of(undisturbed())
    ours = arrays_of(rig.latest)
    for name, array in reference.items():
        np.testing.assert_array_equal(ours[name], array, err_msg=name)


def test_a_model_that_joins_a_finished_run_wakes_it() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.phase_is("finished")
        slices = len(rig.engines[0].advanced)
        rig.submit(JoinModel("linear"))
        yield rig.phase_is("training")
        yield rig.phase_is("finished")
        assert {tuple(steps) for steps in rig.engines[0].advanced[slices:]} == {("linear",)}

    rig.play(story())
    assert {cohort.step for cohort in cohorts_of(rig.latest).values()} == {CONFIG.steps}


def test_a_model_cannot_join_twice() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(100)
        before, pictures = rig.step(), len(rig.published)
        rig.submit(JoinModel("mlp"))
        yield lambda: len(rig.published) > pictures
        assert rig.step("mlp") >= before

    rig.play(story())
    assert rig.engines[0].joined == []


def test_a_model_that_joined_is_still_there_after_a_reset() -> None:
    rig = Rig()
    rig.submit(JoinModel("linear"), Reset())

    def story() -> Story:
        yield rig.generation_is(1)
        yield rig.step_reaches(10, "linear")

    rig.play(story())
    assert rig.engines[1].config.models == ("tied", "mlp", "linear")


def test_a_model_that_joins_a_paused_run_waits_too() -> None:
    rig = Rig()
    rig.submit(Pause(), JoinModel("linear"))

    def story() -> Story:
        yield rig.phase_is("paused")
        yield rig.after(5)
        assert cohorts_of(rig.loop.snapshot())["linear"].step == 0

    rig.play(story())
