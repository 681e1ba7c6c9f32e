"""Lanes trained to their end: losses, the first snapshot, and the contents of snapshots."""

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.core.training.rig import CONFIG, Rig, Story, arrays_of, cohorts_of
from tests.scripted_engine import ScriptedEngine, falling_loss

from superpos_core.arrays import FloatArray
from superpos_core.engine.choice import EngineChoice
from superpos_core.errors import InvalidValue
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.parameters import Parameters
from superpos_core.training.commands import (
    Reset,
)
from superpos_core.training.run import train

# Training to the end


def test_every_model_is_trained_to_its_last_step_and_no_further() -> None:
    rig = Rig()
    rig.run_to_the_end()
    (engine,) = rig.engines
    for model in CONFIG.models:
        assert sum(steps[model] for steps in engine.advanced) == CONFIG.steps
        cohort = cohorts_of(rig.latest)[model]
        assert cohort.step == CONFIG.steps
        assert cohort.lanes == CONFIG.lanes_of(model)
        assert cohort.losses.steps[-1] == CONFIG.steps
        np.testing.assert_array_equal(
            cohort.parameters.encoder[0], np.eye(CONFIG.features, CONFIG.hidden)
        )
    assert rig.latest.phase == "finished"
    assert rig.latest.config == CONFIG
    assert (rig.latest.engine, rig.latest.device) == ("scripted", "cpu")


def test_curves_show_the_losses_of_the_engine() -> None:
    rig = Rig(replace(CONFIG, steps=50))
    rig.run_to_the_end()
    cohort = cohorts_of(rig.latest)["mlp"]
    expected = [
        [falling_loss(lane, step) for step in range(1, 51)] for lane in CONFIG.lanes_of("mlp")
    ]
    np.testing.assert_allclose(cohort.losses.mean, expected, rtol=1e-6)
    np.testing.assert_allclose(cohort.recent_losses.mean, expected, rtol=1e-6)


def test_nan_losses_do_not_stop_training() -> None:
    rig = Rig(loss=lambda lane, step: math.nan if lane.sparsity == 0 and step > 10 else 1.0)
    rig.run_to_the_end()
    broken, whole = cohorts_of(rig.latest)["tied"].recent_losses.mean
    assert np.isnan(broken).all()
    assert (whole == 1).all()


def test_the_first_snapshot_shows_step_0_before_any_training() -> None:
    rig = Rig()
    rig.run_to_the_end()
    first = rig.published[0]
    assert (
        first.phase,
        cohorts_of(first)["tied"].step,
        first.steps_per_second,
    ) == ("training", 0, 0)
    assert rig.published_at[0] == 0
    assert cohorts_of(first)["tied"].losses.steps.size == 0


def test_a_loop_stopped_at_once_takes_no_step_and_closes_its_engine() -> None:
    rig = Rig()
    rig.play(iter(()))
    assert rig.engines[0].advanced == []
    assert rig.engines[0].times_closed == 1


def test_the_engine_is_closed_once_at_the_end() -> None:
    rig = Rig()
    rig.run_to_the_end()
    assert rig.engines[0].times_closed == 1


def test_a_finished_loop_waits_for_commands() -> None:
    rig = Rig()

    def story() -> Story:
        yield rig.phase_is("finished")
        slices, pictures = len(rig.engines[0].advanced), len(rig.published)
        yield rig.after(60)
        assert len(rig.engines[0].advanced) == slices
        assert len(rig.published) == pictures
        rig.submit(Reset())
        yield rig.generation_is(1)
        assert rig.latest.phase == "training"
        yield rig.phase_is("finished")

    rig.play(story())
    assert rig.step() == CONFIG.steps


# Snapshots


def test_the_arrays_of_a_snapshot_are_read_only() -> None:
    rig = Rig(replace(CONFIG, models=("tied", "untied")))
    rig.run_to_the_end()
    for name, array in arrays_of(rig.latest).items():
        assert not array.flags.writeable, name


def test_the_steps_of_a_curve_are_read_only() -> None:
    rig = Rig()
    rig.run_to_the_end()
    cohort = cohorts_of(rig.latest)["tied"]
    assert not cohort.losses.steps.flags.writeable
    assert not cohort.recent_losses.steps.flags.writeable


def test_a_snapshot_does_not_change_as_training_continues() -> None:
    rig = Rig()
    kept: dict[str, FloatArray] = {}
    early: list[Snapshot] = []

    def story() -> Story:
        yield rig.step_reaches(100)
        early.append(rig.latest)
        kept.update({name: array.copy() for name, array in arrays_of(rig.latest).items()})
        yield rig.phase_is("finished")

    rig.play(story())
    for name, array in arrays_of(early[0]).items():
        np.testing.assert_array_equal(array, kept[name], err_msg=name)
    assert not np.array_equal(kept["tied encoder"], arrays_of(rig.latest)["tied encoder"])


# Everything in one call


def test_train_returns_the_last_snapshot_and_reports_progress() -> None:
    seen: list[Snapshot] = []
    last = train(CONFIG, on_progress=seen.append, engine=ScriptedEngine)
    assert last is seen[-1]
    assert last.phase == "finished"
    assert {cohort.step for cohort in cohorts_of(last).values()} == {CONFIG.steps}
    assert cohorts_of(seen[0])["tied"].step == 0


def test_train_refuses_an_unavailable_device() -> None:
    with pytest.raises(InvalidValue, match="device tpu: there is no such device"):
        train(CONFIG, engine=EngineChoice(device="tpu").make)


def test_the_scripted_engine_gives_the_same_numbers_after_loading_its_state() -> None:
    first, second = ScriptedEngine(CONFIG), ScriptedEngine(CONFIG)
    first.advance({"tied": 5, "mlp": 7})
    second.load_state(first.state())

    def all_arrays(parameters: Parameters) -> list[FloatArray]:
        return [parameters.encoder, parameters.decoder, parameters.bias]

    for one, other in zip(
        all_arrays(first.parameters("mlp")), all_arrays(second.parameters("mlp")), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(
        first.advance({"tied": 3})["tied"], second.advance({"tied": 3})["tied"]
    )
