"""Dials turned during training, and undone."""

from dataclasses import replace
from typing import Any

import pytest
from tests.core.training.rig import CONFIG, Rig, Story, assert_same_arrays, cohorts_of, undisturbed

from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import (
    Command,
    JoinModel,
    Reseed,
    Reset,
    Restart,
    TurnDials,
    Undo,
)
from superpos_core.training.dials import MAX_BRANCHES

# Dials


DENSER = replace(CONFIG, sparsities=(0.5, 0.9))


def test_turning_a_dial_continues_with_the_same_weights_for_the_full_length() -> None:
    rig = Rig()
    turned_at = 0

    def story() -> Story:
        nonlocal turned_at
        yield rig.step_reaches(500)
        rig.submit(TurnDials(DENSER, "S 0 → 0.5"))
        yield lambda: rig.latest.config.sparsities == (0.5, 0.9)
        turned_at = cohorts_of(rig.latest)["tied"].marks[0].step
        yield rig.phase_is("finished")

    rig.play(story())
    assert 500 <= turned_at < 700
    assert [mark.text for mark in cohorts_of(rig.latest)["tied"].marks] == ["S 0 → 0.5"]
    assert rig.step() == rig.latest.config.steps == turned_at + CONFIG.steps
    assert cohorts_of(rig.latest)["tied"].lanes[0].sparsity == 0.5
    assert rig.latest.generation == 0, "the run goes on"
    first, second = rig.engines
    assert sum(steps["tied"] for steps in first.advanced) == turned_at
    assert sum(steps["tied"] for steps in second.advanced) == CONFIG.steps
    assert (first.times_closed, second.times_closed) == (1, 1)


@pytest.mark.parametrize(
    ("command", "changed"),
    [(Reset(), {}), (Reseed(5), {"seed": 5}), (Restart(replace(DENSER, steps=77)), {"steps": 77})],
)
def test_steps_that_dials_added_are_not_those_of_the_next_run(
    command: Command, changed: dict[str, Any]
) -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(500)
        rig.submit(TurnDials(DENSER, "S 0 → 0.5"))
        yield rig.step_reaches(900)
        assert rig.latest.added_steps == cohorts_of(rig.latest)["tied"].marks[0].step
        rig.submit(command)
        yield rig.generation_is(1)
        assert rig.latest.config == replace(DENSER, **changed)
        assert rig.latest.added_steps == 0

    rig.play(story())


def test_undo_goes_back_and_continues_as_if_the_dial_had_not_been_turned() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.step_reaches(500)
        rig.submit(TurnDials(DENSER, "S 0 → 0.5"))
        yield lambda: rig.latest.undoable == 1 and rig.step() > 900
        rig.submit(Undo())
        yield lambda: rig.latest.undoable == 0
        assert rig.step() < 900
        assert rig.latest.config == CONFIG
        assert cohorts_of(rig.latest)["tied"].marks == ()
        assert cohorts_of(rig.latest)["tied"].timeline.moments[-1].step <= rig.step()
        yield rig.phase_is("finished")

    rig.play(story())
    assert_same_arrays(rig.latest, undisturbed())


def test_undo_without_a_dial_change_does_nothing() -> None:
    rig = Rig()
    rig.submit(Undo())
    rig.run_to_the_end()
    assert_same_arrays(rig.latest, undisturbed())


def test_undo_keeps_a_model_that_joined_after_the_dial_change() -> None:
    rig = Rig(replace(CONFIG, models=("tied",)))

    def story() -> Story:
        yield rig.step_reaches(500)
        rig.submit(TurnDials(replace(DENSER, models=("tied",)), "S"), JoinModel("mlp"))
        yield rig.step_reaches(300, "mlp")
        rig.submit(Undo())
        yield lambda: rig.latest.undoable == 0
        assert rig.latest.config.models == ("tied", "mlp")
        yield rig.phase_is("finished")

    rig.play(story())
    assert rig.step("mlp") == CONFIG.steps


def test_dials_opened_before_a_model_joined_apply_to_that_model_too() -> None:
    """The dialog may have been open since before; it must not drop the model that joined."""
    rig = Rig(replace(CONFIG, models=("tied",)))

    def story() -> Story:
        yield rig.step_reaches(500)
        rig.submit(JoinModel("mlp"), TurnDials(replace(DENSER, models=("tied",)), "S"))
        yield rig.step_reaches(300, "mlp")
        assert rig.latest.config.models == ("tied", "mlp")
        rig.submit(TurnDials(replace(CONFIG, models=("tied",)), "S back"), Undo(), Undo())
        yield lambda: rig.latest.undoable == 0 and rig.latest.config.sparsities == CONFIG.sparsities
        yield rig.phase_is("finished")

    rig.play(story())
    assert rig.latest.config.models == ("tied", "mlp")
    assert rig.step("tied") == rig.step("mlp") == CONFIG.steps


@pytest.mark.parametrize(
    "of_another_run",
    [
        replace(DENSER, seed=CONFIG.seed + 1),
        replace(DENSER, features=CONFIG.features + 1),
        replace(DENSER, restarts=2),
        replace(DENSER, sparsities=(0.5, 0.7, 0.9)),
        replace(DENSER, name="another"),
        replace(DENSER, optimiser="sgd"),
    ],
)
@pytest.mark.sampled(3)
def test_dials_of_another_run_are_refused_and_training_continues(
    of_another_run: ExperimentConfig,
) -> None:
    """They were turned while a restart was pending."""
    rig = Rig()
    rig.submit(TurnDials(of_another_run, "S"))
    rig.run_to_the_end()
    assert rig.refusals == ["these dials belong to another run"]
    assert_same_arrays(rig.latest, undisturbed())
    assert len(rig.engines) == 1


def test_the_number_of_undos_is_limited() -> None:
    rig = Rig()
    rig.submit(*[TurnDials(DENSER, "again")] * (MAX_BRANCHES + 3))
    rig.run_to_the_end()
    assert rig.latest.undoable == MAX_BRANCHES
    assert sum(engine.times_closed for engine in rig.engines) == len(rig.engines)
