"""Training that is stopped and resumed gives what an uninterrupted run gives, bit by bit."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.core.phase_maps import phase_config
from tests.core.training.stopping import assert_same_arrays, assert_same_record, stopped
from tests.scripted_engine import ScriptedEngine

from superpos_core.engine.choice import EngineChoice
from superpos_core.errors import InvalidValue
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.phase_map import PhaseMap
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import JoinModel, TurnDials
from superpos_core.training.job import EngineFactory
from superpos_core.training.lanes import LanesJob
from superpos_core.training.run import train

LANES = ExperimentConfig(
    "small",
    features=10,
    hidden=2,
    models=("tied", "untied"),
    sparsities=(0.0, 0.8, 0.99),
    restarts=2,
    batch=128,
    steps=160,
    learning_rate_schedule="cosine",
)
MAP = replace(phase_config(13, 12), steps=30)
ENGINES: dict[str, EngineFactory] = {
    "scripted": ScriptedEngine,
    "fused": EngineChoice("fused").make,
    "torch": EngineChoice("torch").make,
}


@pytest.mark.parametrize("engine", ENGINES)
def test_lanes_continue_bit_by_bit(engine: str) -> None:
    expected = train(LANES, engine=ENGINES[engine])
    checkpoint = stopped(LANES, ENGINES[engine], random.Random(engine).randrange(2, 150))
    assert 0 < checkpoint.state.facts["steps"]["tied"] < LANES.steps
    resumed = train(LANES, engine=ENGINES[engine], checkpoint=checkpoint)
    assert_same_record(expected.record, resumed.record)
    assert resumed.seconds_training > 2.5


@pytest.mark.parametrize("engine", ["scripted", "fused"])
def test_noise_that_rises_and_falls_goes_on_and_the_weights_of_each_plateau_are_kept(
    engine: str,
) -> None:
    config = replace(LANES, models=("tied",), hidden_noise=1.0, hidden_noise_schedule="up-and-down")
    expected = train(config, engine=ENGINES[engine]).record_as(LanesRecord)
    assert set(config.noise_changes) <= set(expected.cohorts["tied"].timeline.steps.tolist())
    for notes in (63, 100):
        checkpoint = stopped(config, ENGINES[engine], notes)
        resumed = train(config, engine=ENGINES[engine], checkpoint=checkpoint)
        assert_same_record(expected, resumed.record)


@pytest.mark.parametrize("engine", ["scripted", "fused"])
def test_a_phase_map_continues_bit_by_bit(engine: str) -> None:
    expected = train(MAP, engine=ENGINES[engine]).record_as(PhaseMap)
    blocks = set()
    for notes in (20, 50, 100):
        checkpoint = stopped(MAP, ENGINES[engine], notes)
        blocks.add(checkpoint.state.facts["blocks_done"])
        assert checkpoint.state.facts["share_done"] < 1
        assert_same_record(
            expected, train(MAP, engine=ENGINES[engine], checkpoint=checkpoint).record
        )
    assert len(blocks) > 1


def test_what_has_joined_and_what_was_turned_continues_too() -> None:
    def prepare(submit: Callable[..., None]) -> None:
        submit(JoinModel("mlp"))
        submit(TurnDials(replace(LANES, learning_rate=0.01), "learning rate 0.001 → 0.01"))

    checkpoint = stopped(LANES, ScriptedEngine, 40, prepare)
    assert checkpoint.config.models == ("tied", "untied", "mlp")
    record = train(LANES, engine=ScriptedEngine, checkpoint=checkpoint).record_as(LanesRecord)
    assert set(record.cohorts) == {"tied", "untied", "mlp"}
    assert record.config.learning_rate == 0.01
    assert record.cohorts["tied"].marks[0].text == "learning rate 0.001 → 0.01"


def test_a_finished_run_goes_on_with_more_steps() -> None:
    constant = replace(LANES, learning_rate_schedule="constant")
    checkpoint = stopped(constant, ScriptedEngine, 10_000)
    assert checkpoint.state.facts["steps"]["tied"] == LANES.steps
    longer = replace(constant, steps=230)
    resumed = train(
        longer, engine=ScriptedEngine, checkpoint=replace(checkpoint, config=longer)
    ).record_as(LanesRecord)
    expected = train(longer, engine=ScriptedEngine).record_as(LanesRecord)
    assert_same_arrays(resumed.arrays(), expected.arrays())
    job = LanesJob.resume(replace(checkpoint, config=longer), ScriptedEngine)
    assert job.added_steps == 0, "they were asked for: no dial added them"


def test_another_engine_or_another_config_is_refused_in_one_line() -> None:
    checkpoint = stopped(LANES, ScriptedEngine, 20)
    with pytest.raises(InvalidValue, match="the scripted engine trained this run"):
        train(LANES, engine=ENGINES["torch"], checkpoint=checkpoint)
    other = replace(checkpoint, config=replace(LANES, restarts=3))
    with pytest.raises(InvalidValue, match="resume"):
        train(LANES, engine=ScriptedEngine, checkpoint=other)
