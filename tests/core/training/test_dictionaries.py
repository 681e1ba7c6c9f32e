"""Runs of dictionaries: their two stages, dials, undo, joining, and going on."""

import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from tests.core.dictionary_records import SMALL_DICTIONARIES
from tests.core.training.stopping import assert_same_arrays, assert_same_record, stopped
from tests.scripted_dictionaries import scripted_engines

from superpos_core.engine import Engine
from superpos_core.engine.choice import EngineChoice
from superpos_core.engine.given_start import GivenStart
from superpos_core.errors import InvalidValue
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.truth import made_directions, model_config
from superpos_core.task.parameters import Parameters
from superpos_core.training.commands import Command, JoinModel, LeaveModel, Reset, TurnDials, Undo
from superpos_core.training.jobs import check_trainable
from superpos_core.training.run import loop_for, train

CONFIG = replace(SMALL_DICTIONARIES, name="dictionaries")
LOUDER = replace(CONFIG, active_latents=2.0)


def record_of(config: ExperimentConfig = CONFIG) -> DictionaryRecord:
    return train(config, engine=scripted_engines).record_as(DictionaryRecord)


def played(
    *commands: tuple[int, Command], config: ExperimentConfig = CONFIG
) -> tuple[DictionaryRecord, list[str]]:
    """The record of a run with a command at each of these steps of the track, and refusals."""
    ticks, waiting = count(), list(commands)
    refusals: list[str] = []
    loop = loop_for(config, scripted_engines, clock=lambda: float(next(ticks)))
    records: list[DictionaryRecord] = []

    def on_snapshot(snapshot: object) -> None:
        record = loop.snapshot().record_as(DictionaryRecord)
        records.append(record)
        while waiting and record.model_step + record.steps_done >= waiting[0][0]:
            loop.submit(waiting.pop(0)[1])

    loop.run(threading.Event(), on_snapshot, until_finished=True, on_refusal=refusals.append)
    assert not waiting
    return records[-1], refusals


def test_models_train_first_and_dictionaries_read_their_last_directions() -> None:
    record = record_of()
    models = train(model_config(CONFIG), engine=scripted_engines).record
    of_model = models.groups["tied"].parameters.encoder
    np.testing.assert_array_equal(record.directions, of_model)
    assert record.steps == dict.fromkeys(CONFIG.dictionaries, 40)
    assert (record.model_step, record.share_done) == (30, 1)
    for group in record.cohorts.values():
        assert group.timeline.steps.tolist()[:3] == [0, 1, 2]
        assert group.timeline.steps[-1] == 40
        assert group.losses.steps[-1] == group.active.steps[-1] == 40
        assert group.active.mean[0, 0] == 2, "L0 of the first step, of seed 0"


def test_while_models_train_dictionaries_stand_at_their_start() -> None:
    checkpoint = stopped(CONFIG, scripted_engines, 12)
    record = DictionaryRecord.restored(CONFIG, checkpoint.state, {})
    assert 0 < record.model_step < 30
    assert set(record.steps.values()) == {0}
    assert all(not group.timeline.moments for group in record.cohorts.values())
    start = record_of().cohorts["gated"].timeline.moments[0].parameters
    assert_same_arrays(record.cohorts["gated"].parameters.arrays, start.arrays)
    assert np.abs(record.directions - record_of().directions).max() > 0.01


@pytest.mark.parametrize("notes", [2, 20, 31, 32, 60])
def test_a_run_continues_bit_by_bit(notes: int) -> None:
    checkpoint = stopped(CONFIG, scripted_engines, notes)
    assert checkpoint.state.facts["model_step"] + checkpoint.state.facts["steps"]["relu"] < 70
    resumed = train(CONFIG, engine=scripted_engines, checkpoint=checkpoint)
    assert_same_record(record_of(), resumed.record)


@pytest.mark.parametrize("engine", ["fused", "torch"])
def test_a_run_continues_bit_by_bit_in_every_engine(engine: str) -> None:
    kinds = ("relu", "batch-topk") if engine == "fused" else CONFIG.dictionaries
    config = replace(CONFIG, dictionaries=kinds, batch=64, resample_every=9)
    make = EngineChoice(engine).make
    expected = train(config, engine=make)
    for notes in (12, 55):
        checkpoint = stopped(config, make, notes)
        resumed = train(config, engine=make, checkpoint=checkpoint)
        assert_same_record(expected.record, resumed.record)


def test_made_directions_need_no_model() -> None:
    config = replace(CONFIG, directions="random")
    record = record_of(config)
    expected = made_directions(config, config.lanes_of("relu"))
    np.testing.assert_array_equal(record.directions, expected)
    assert record.model_step == 0


def test_given_weights_are_read_without_training() -> None:
    config = replace(CONFIG, model_steps=0)
    encoder = np.random.default_rng(0).standard_normal((4, 5, 2)).astype(np.float32)
    given = Parameters(encoder=encoder, bias=np.zeros((4, 5), np.float32))
    start = GivenStart("dictionaries", {"tied": given})

    def make(config: ExperimentConfig) -> Engine:
        return start.begin(scripted_engines(config), config)

    record = train(config, engine=make).record_as(DictionaryRecord)
    np.testing.assert_array_equal(record.directions, encoder)
    with pytest.raises(InvalidValue, match="have 4 lanes, not 8"):
        start.check(replace(config, restarts=4))


@pytest.mark.parametrize("step", [10, 50])
def test_a_dial_turned_goes_on_for_the_full_length(step: int) -> None:
    record, refusals = played((step, TurnDials(LOUDER, "k 1 → 2")))
    assert refusals == []
    (mark,) = record.cohorts["gated"].marks
    assert mark.text == "k 1 → 2"
    assert max(step - 30, 0) <= mark.step <= max(step - 30, 0) + 3
    assert set(record.steps.values()) == {mark.step + 40}
    assert record.config.active_latents == 2
    np.testing.assert_array_equal(record.directions, record_of().directions)


@pytest.mark.parametrize("step", [10, 50])
def test_a_run_that_begins_again_has_its_first_length(step: int) -> None:
    record, refusals = played((step, TurnDials(LOUDER, "k 1 → 2")), (step + 5, Reset()))
    assert refusals == []
    assert record.config == LOUDER
    assert set(record.steps.values()) == {40}


@pytest.mark.parametrize("undone_at", [15, 45])
def test_undo_goes_back_to_where_the_dial_was_turned(undone_at: int) -> None:
    record, refusals = played((10, TurnDials(LOUDER, "k 1 → 2")), (undone_at, Undo()))
    assert refusals == []
    assert_same_record(record, record_of())


def test_dials_of_models_that_are_trained_are_refused() -> None:
    turned = TurnDials(replace(CONFIG, hidden_noise=0.5), "hidden noise 0 → 0.5")
    record, refusals = played((40, turned))
    assert refusals == ["hidden noise is a dial of the models, and they do not train"]
    assert_same_record(record, record_of())


@pytest.mark.parametrize("step", [0, 20])
def test_a_kind_joins_before_the_first_step(step: int) -> None:
    record, refusals = played((step, JoinModel("topk")))
    assert refusals == []
    assert list(record.steps.items())[-1] == ("topk", 40)
    four = replace(CONFIG, dictionaries=(*CONFIG.dictionaries, "topk"))
    assert_same_record(record, record_of(four))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("linear", "linear cannot join: this run trains dictionaries, not models"),
        ("topk", "topk cannot join: the other dictionaries are no longer at 0"),
    ],
)
def test_what_cannot_join_is_refused_and_nothing_changes(name: str, reason: str) -> None:
    record, refusals = played((45, JoinModel(name)))
    assert refusals == [reason]
    assert_same_record(record, record_of())


@pytest.mark.parametrize("step", [10, 50])
def test_a_kind_leaves_and_the_others_go_on_undisturbed(step: int) -> None:
    record, refusals = played((step, LeaveModel("gated")))
    assert refusals == []
    assert_same_record(record, record_of(replace(CONFIG, dictionaries=("relu", "batch-topk"))))
    alone = replace(CONFIG, dictionaries=("relu",))
    record, refusals = played((step, LeaveModel("relu")), config=alone)
    assert refusals == ["relu is the only kind: another one has to join before"]


def test_a_kind_that_left_stays_away_when_a_dial_is_turned_back() -> None:
    turned = TurnDials(LOUDER, "k 1 → 2")
    record, refusals = played((45, turned), (50, LeaveModel("gated")), (55, Undo()))
    assert refusals == []
    assert_same_record(record, record_of(replace(CONFIG, dictionaries=("relu", "batch-topk"))))


Changed = Callable[[ExperimentConfig], ExperimentConfig]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda config: replace(config, sweep="hidden", sweep_values=(1.0, 2.0)),
            "all dictionaries of a run read hidden vectors of the same size",
        ),
        (
            lambda config: replace(config, dictionary_start="truth"),
            "one latent for each of 5",
        ),
    ],
)
def test_configs_that_cannot_be_trained_are_refused(change: Changed, reason: str) -> None:
    with pytest.raises(InvalidValue, match=reason):
        check_trainable(change(CONFIG))
    check_trainable(CONFIG)
