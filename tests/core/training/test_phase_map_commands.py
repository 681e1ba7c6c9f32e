"""Commands to a phase map that is being filled."""

from dataclasses import replace

import pytest
from tests.core.phase_maps import TWO_IN_ONE, phase_config
from tests.core.training.map_rig import CONFIG, WATCH, Rig, assert_same, map_of
from tests.scripted_engine import ScriptedEngine

from superpos_core.engine import Engine
from superpos_core.errors import InvalidValue
from superpos_core.record.phase_grid import PHASE_MAP
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import (
    Command,
    JoinModel,
    Pause,
    Reseed,
    Reset,
    Restart,
    Resume,
    SetPace,
    SingleStep,
    TurnDials,
    Undo,
)
from superpos_core.training.run import loop_for


def test_pausing_stops_until_resume_and_changes_no_numbers() -> None:
    rig = Rig()
    paused_at: list[int] = []

    def look(snapshot: Snapshot) -> None:
        if snapshot.phase == "paused":
            paused_at.append(rig.steps_taken)
            rig.clock.pass_time(60)
            rig.submit(Resume())
        elif map_of(snapshot).share_done > 0.3 and not paused_at:
            rig.submit(Pause())

    rig.on_publish = look
    phase_map = rig.run()
    assert len(paused_at) == 1
    assert 0 < paused_at[0] < 4 * CONFIG.steps
    assert rig.clock.now > 60
    assert_same(phase_map, Rig().run())


def test_a_single_step_advances_the_block_by_one_and_pauses() -> None:
    rig = Rig()
    rig.submit(SingleStep(), SingleStep())

    def look(snapshot: Snapshot) -> None:
        if snapshot.phase == "paused":
            assert rig.steps_taken == 2
            rig.stop.set()

    rig.on_publish = look
    rig.run()
    assert rig.latest.phase == "paused"
    expected = 2 / CONFIG.steps * 7 * 6 / (13 * 12)
    assert rig.map.share_done == pytest.approx(expected)


def test_single_steps_continue_into_the_next_block_and_stop_at_the_end() -> None:
    rig = Rig(replace(CONFIG, steps=3))
    rig.submit(*[SingleStep()] * 20)
    rig.run()
    assert rig.latest.phase == "finished"
    assert rig.steps_taken == 4 * 3
    assert rig.map.filled.all()


@pytest.mark.parametrize(
    ("command", "config"),
    [
        (Reset(), CONFIG),
        (Reseed(7), replace(CONFIG, seed=7)),
        (Restart(phase_config(3, 4)), phase_config(3, 4)),
        (
            TurnDials(replace(CONFIG, weight_decay=0.1), "weight decay"),
            replace(CONFIG, weight_decay=0.1),
        ),
    ],
)
def test_a_restart_empties_the_map(command: Command, config: ExperimentConfig) -> None:
    rig = Rig()

    def look(snapshot: Snapshot) -> None:
        if snapshot.generation == 0 and map_of(snapshot).share_filled > 0.2:
            rig.submit(command)
            rig.on_publish = expect_nothing

    def expect_nothing(snapshot: Snapshot) -> None:
        assert snapshot.generation == 1
        assert not map_of(snapshot).filled.any()
        rig.on_publish = lambda _: None

    rig.on_publish = look
    phase_map = rig.run()
    assert rig.latest.config == phase_map.grid.config == config
    assert phase_map.filled.all()
    assert all(engine.times_closed == 1 for engine in rig.engines)
    assert_same(phase_map, Rig(config).run())


def test_a_finished_map_waits_for_commands_and_can_restart() -> None:
    rig = Rig()

    def look(snapshot: Snapshot) -> None:
        if snapshot.phase == "finished":
            rig.submit(Reset())
            rig.on_publish = look_again

    def look_again(snapshot: Snapshot) -> None:
        if snapshot.phase == "finished":
            rig.stop.set()

    rig.on_publish = look
    rig.loop.run(rig.stop, rig.publish)
    assert rig.latest.generation == 1
    assert rig.steps_taken == 2 * 4 * CONFIG.steps
    assert rig.map.filled.all()


def test_changing_the_pace_during_training_causes_no_jump() -> None:
    rig = Rig(replace(CONFIG, restarts=1, steps=1000))
    steps = 4 * 1000

    def slow_down(snapshot: Snapshot) -> None:
        if rig.steps_taken > 0.3 * steps:
            begun, taken = rig.clock.now, rig.steps_taken
            rig.submit(SetPace(WATCH))
            rig.on_publish = lambda _: look(begun, taken)

    def look(begun: float, taken: int) -> None:
        passed = rig.clock.now - begun
        if passed > 0.5:
            due = WATCH.elapsed_at(taken, steps) + passed
            assert taken < rig.steps_taken <= WATCH.step_at(due + 0.05, steps)
            rig.stop.set()

    rig.on_publish = slow_down
    rig.run()
    assert 0.3 < rig.map.share_done < 1


def test_undo_and_joining_the_same_model_do_nothing() -> None:
    rig = Rig()
    rig.submit(Undo(), JoinModel("tied"))
    assert_same(rig.run(), Rig().run())


@pytest.mark.parametrize(
    "command",
    [Reseed(-1), Restart(replace(TWO_IN_ONE, importance=0.5))],
)
def test_an_invalid_command_ends_the_run_with_its_reason(command: Command) -> None:
    rig = Rig()
    rig.submit(command)
    with pytest.raises(InvalidValue, match="; choose "):
        rig.run()
    assert [engine.times_closed for engine in rig.engines] == [1]


def test_another_model_cannot_join_a_map_and_training_continues() -> None:
    rig = Rig()
    rig.submit(JoinModel("mlp"))
    assert_same(rig.run(), Rig().run())
    assert rig.refusals == ["mlp cannot join: a phase map trains a single model"]


def test_a_config_that_is_not_a_phase_diagram_is_refused_before_an_engine_is_made() -> None:
    engines: list[ExperimentConfig] = []

    def make(config: ExperimentConfig) -> Engine:
        engines.append(config)
        return ScriptedEngine(config)

    with pytest.raises(InvalidValue, match="sweep none"):
        loop_for(ExperimentConfig("twenty", features=2, hidden=1, kind=PHASE_MAP), make)
    assert engines == []


def test_stopping_closes_the_current_engine() -> None:
    rig = Rig()

    def look(snapshot: Snapshot) -> None:
        if map_of(snapshot).share_filled > 0.3:
            rig.stop.set()

    rig.on_publish = look
    rig.run()
    assert [engine.times_closed for engine in rig.engines] == [1] * len(rig.engines)
    assert 1 < len(rig.engines) < 4 + 1
