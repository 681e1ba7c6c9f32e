"""Pauses, single steps, and the order of commands."""

from tests.core.training.rig import CONFIG, Rig, Story, assert_same_arrays, cohorts_of, undisturbed

from superpos_core.training.commands import (
    JoinModel,
    Pause,
    Reset,
    Resume,
    SingleStep,
)

# Commands


def test_pausing_stops_until_resume_and_changes_no_numbers() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(100)
        rig.submit(Pause())
        yield rig.phase_is("paused")
        paused_at, pictures = rig.step(), len(rig.published)
        yield rig.after(10)
        assert len(rig.published) == pictures
        assert cohorts_of(rig.loop.snapshot())["tied"].step == paused_at
        rig.submit(Resume())
        yield rig.phase_is("training")
        assert rig.step() == paused_at
        yield rig.phase_is("finished")

    rig.play(story())
    assert_same_arrays(rig.latest, undisturbed())


def test_a_pause_takes_effect_before_the_next_slice() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(500)
        slices = len(rig.engines[0].advanced)
        rig.submit(Pause())
        yield rig.phase_is("paused")
        assert len(rig.engines[0].advanced) == slices

    rig.play(story())


def test_a_single_step_advances_every_model_by_one_and_pauses() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(100)
        rig.submit(Pause())
        yield rig.phase_is("paused")
        begin, pictures = rig.step(), len(rig.published)
        for taken in (1, 2, 3):
            rig.submit(SingleStep())
            yield rig.step_reaches(begin + taken)
            assert rig.latest.phase == "paused"
            assert len(rig.published) == pictures + taken
            assert {cohort.step for cohort in cohorts_of(rig.latest).values()} == {begin + taken}
        yield rig.after(5)
        assert rig.step() == begin + 3
        rig.submit(Resume())
        yield rig.phase_is("finished")

    rig.play(story())
    assert_same_arrays(rig.latest, undisturbed())


def test_a_single_step_pauses_a_running_run() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(100)
        begin = rig.step()
        rig.submit(SingleStep())
        yield rig.phase_is("paused")
        assert rig.step() == begin + 1

    rig.play(story())


def test_a_single_step_after_the_end_does_nothing() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.phase_is("finished")
        pictures = len(rig.published)
        rig.submit(SingleStep())
        yield lambda: len(rig.published) > pictures
        assert rig.step() == CONFIG.steps
        assert rig.latest.phase == "finished"

    rig.play(story())


def test_commands_are_applied_in_order_and_all_before_the_next_slice() -> None:
    rig = Rig()
    rig.submit(SingleStep(), SingleStep(), Reset(), SingleStep(), JoinModel("linear"), SingleStep())

    def story() -> Story:
        yield rig.phase_is("paused")
        assert rig.latest.generation == 1
        assert {model: cohort.step for model, cohort in cohorts_of(rig.latest).items()} == {
            "tied": 2,
            "mlp": 2,
            "linear": 1,
        }

    rig.play(story())
    assert len(rig.published) == 2
