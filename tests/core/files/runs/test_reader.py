"""A run's folder is read as it was written, at any instant, torn or not, and never written to."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.core.files.runs.folder import WrittenFolder, files_in, written
from tests.core.files.runs.kept import ticking
from tests.core.phase_maps import phase_config
from tests.core.record.moments import parameters_of
from tests.core.snapshots import SMALL, finished
from tests.core.training.stopping import assert_same_record
from tests.scripted_engine import ScriptedEngine

from superpos_core.errors import InvalidValue
from superpos_core.experiments import EXPERIMENTS
from superpos_core.files.runs.reader import RunReader
from superpos_core.files.runs.writer import RunWriter
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.run import train

CONFIG = replace(SMALL, models=("tied", "untied"))
ONE = ExperimentConfig(
    "mine", features=3, hidden=2, models=("tied",), sparsities=(0.9, 0.99), steps=1000
)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return finished(CONFIG)


def read(folder: Path) -> RunReader:
    reader = RunReader(folder)
    while reader.refresh():
        pass
    return reader


def cohorts(reader: RunReader) -> dict[str, Cohort]:
    assert reader.snapshot is not None
    return dict(reader.snapshot.record_as(LanesRecord).cohorts)


def assert_same(one: Cohort, other: Cohort) -> None:
    assert (one.step, one.lanes, one.marks) == (other.step, other.lanes, other.marks)
    assert [m.step for m in one.timeline.moments] == [m.step for m in other.timeline.moments]
    for ours, others in zip(one.timeline.moments, other.timeline.moments, strict=True):
        for name, array in others.parameters.arrays.items():
            np.testing.assert_array_equal(ours.parameters.arrays[name], array)
            np.testing.assert_array_equal(ours.parameters.take(1).arrays[name], array[1])
    for name, array in other.parameters.arrays.items():
        np.testing.assert_array_equal(one.parameters.arrays[name], array)
    for ours_curve, others_curve in (
        (one.losses, other.losses), (one.recent_losses, other.recent_losses),
    ):  # fmt: skip
        np.testing.assert_array_equal(ours_curve.steps, others_curve.steps)
        np.testing.assert_array_equal(ours_curve.mean, others_curve.mean)
        np.testing.assert_array_equal(ours_curve.high, others_curve.high)


@pytest.mark.parametrize("state", [True, False], ids=["with a state", "without"])
def test_a_run_is_read_as_it_was(tmp_path: Path, snapshot: Snapshot, *, state: bool) -> None:
    folder = written(tmp_path / "run", snapshot, state=state)
    before = files_in(folder.path)
    reader = read(folder.path)
    assert reader.config == CONFIG
    assert reader.state == "finished"
    found = cohorts(reader)
    assert list(found) == list(CONFIG.models)
    for model, cohort in snapshot.record_as(LanesRecord).cohorts.items():
        assert_same(found[model], cohort)
    assert files_in(folder.path) == before


def test_what_is_written_appears_and_nothing_is_read_twice(tmp_path: Path) -> None:
    folder = WrittenFolder(tmp_path, ONE)
    folder.describe()
    reader = read(folder.path)
    assert reader.snapshot is None
    folder.keep("tied", 0, parameters_of(seed=0))
    assert reader.refresh()
    assert cohorts(reader)["tied"].step == 0
    first = reader.snapshot
    assert not reader.refresh()
    assert reader.snapshot is first
    folder.begin_losses(["a", "b"])
    folder.add_losses("1,0.5,0.25\n2,0.4")
    folder.keep("tied", 2, parameters_of(seed=2))
    reader.refresh()
    cohort = cohorts(reader)["tied"]
    assert cohort.step == 2
    np.testing.assert_array_equal(cohort.parameters.bias, parameters_of(seed=2).bias)
    np.testing.assert_array_equal(cohort.losses.steps, [1])
    folder.add_losses(",0.125\n")
    reader.refresh()
    np.testing.assert_array_equal(cohorts(reader)["tied"].losses.mean[1], [0.25, 0.125])


def test_a_sign_of_life_keeps_the_record(tmp_path: Path, snapshot: Snapshot) -> None:
    folder = written(tmp_path, snapshot)
    reader = read(folder.path)
    assert reader.snapshot is not None
    record = reader.snapshot.record
    folder.say("training", steps_per_second=7.0)
    assert reader.refresh()
    assert reader.snapshot.record is record
    assert (reader.snapshot.phase, reader.snapshot.steps_per_second) == ("training", 7.0)


def test_a_moment_that_is_thinned_out_is_not_there(tmp_path: Path, snapshot: Snapshot) -> None:
    folder = written(tmp_path, snapshot)
    reader = read(folder.path)
    cohort = cohorts(reader)["tied"]
    third = cohort.timeline.moments[3]
    folder.drop("tied", third.step)
    assert not third.is_there
    assert cohort.timeline.nearest(third.step).step == third.step - 1
    assert np.isnan(third.parameters.take(0).encoder).all()
    assert third.parameters.bias.shape == cohort.parameters.bias.shape
    reader.refresh()
    assert third.step not in cohorts(reader)["tied"].timeline.steps


def test_a_writer_that_starts_again_is_read_from_its_beginning(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    reader = read(written(tmp_path, snapshot).path)
    for path in tmp_path.rglob("*.safetensors"):
        path.unlink()
    again = WrittenFolder(tmp_path, ONE, run="f" * 16)
    again.describe(marks={"tied": [[5, "importance 1"]]}, unknown=["importance"])
    again.begin_losses(["a", "b"])
    again.keep("tied", 5, parameters_of(seed=5))
    while reader.refresh():
        pass
    assert reader.snapshot is not None
    assert reader.snapshot.generation == 1
    assert reader.snapshot.config == ONE
    assert reader.snapshot.record.unknown == {"importance"}
    cohort = cohorts(reader)["tied"]
    assert (cohort.step, [mark.text for mark in cohort.marks]) == (5, ["importance 1"])
    assert cohort.losses.steps.size == 0


def test_after_undo_a_step_is_written_again(tmp_path: Path, snapshot: Snapshot) -> None:
    folder = written(tmp_path, snapshot, state=False)
    reader = read(folder.path)
    step = snapshot.config.steps
    lanes = len(snapshot.config.lanes_of("tied"))
    changed = parameters_of(lanes, features=5, seed=77)
    folder.keep("tied", step, changed)
    folder.begin_losses("abcdefgh"[: 2 * lanes])
    folder.add_losses("1" + ",0.5" * 2 * lanes + "\n")
    reader.refresh()
    cohort = cohorts(reader)["tied"]
    np.testing.assert_array_equal(cohort.timeline.moments[-1].parameters.bias, changed.bias)
    np.testing.assert_array_equal(cohort.losses.steps, [1])


def test_the_experiment_is_found_by_its_name(tmp_path: Path) -> None:
    config = EXPERIMENTS["intro"].config
    folder = WrittenFolder(tmp_path, config)
    folder.describe()
    assert RunReader(tmp_path).experiment is EXPERIMENTS["intro"]


def described(**changes: object) -> str:
    """A ``run.json``."""
    whole = {"format": 2, "experiment": "x", "config": {}, "steps": {}, "identity": "", "files": []}
    return json.dumps({**whole, **changes})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no run.json in it"),
        ("[]", "not that of a run"),
        ('{"format": "of another program"}', "not that of a run"),
        ('{"format": 2', "not that of a run"),
        ('{"format": 2, "run": "x"}', "not that of a run"),
        ('{"format": 3}', "a newer superpos-tui wrote it (format 3; this one reads 2)"),
        ('{"format": 3e0}', "not that of a run"),
        ("[" * 100_000, "not that of a run"),
        (described(config={"name": "x", "blue": 1}), "no such option"),
        (described(config={"name": "x", "features": -1}), "features -1"),
        (described(config={}), "name ''"),
        (described(steps={"tied": float("inf")}), "not that of a run"),
    ],
)
def test_a_folder_without_a_run_takes_a_sentence(
    tmp_path: Path, content: str | None, words: str
) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    with pytest.raises(InvalidValue) as raised:
        RunReader(tmp_path)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_run_that_becomes_newer_than_this_program_keeps_its_last_picture(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    reader = read(written(tmp_path, snapshot).path)
    picture = reader.snapshot
    (tmp_path / "run.json").write_text('{"format": 3}')
    reader.refresh()
    assert reader.snapshot is picture
    assert "newer" in reader.problem


@pytest.mark.parametrize("config", [CONFIG, replace(phase_config(13, 12), steps=30)])
def test_what_training_writes_is_read(tmp_path: Path, config: ExperimentConfig) -> None:
    pictures = []

    def look(snapshot: Snapshot) -> None:
        reader = read(tmp_path)
        if reader.snapshot is not None and reader.snapshot.record.share_done > 0:
            pictures.append((snapshot, reader.snapshot))

    last = train(config, look, ScriptedEngine, journal=RunWriter(tmp_path, clock=ticking()))
    found = read(tmp_path).snapshot
    assert found is not None
    assert_same_record(found.record, last.record)
    assert (found.engine, found.device, found.phase) == ("scripted", "cpu", "finished")
    for snapshot, picture in pictures:
        assert picture.record.share_done <= snapshot.record.share_done
