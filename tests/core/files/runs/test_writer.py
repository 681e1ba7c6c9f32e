"""A run's folder, written while it trains: whole at any moment, and enough to go on from."""

import csv
import itertools
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from tests.core.phase_maps import phase_config
from tests.core.snapshots import SMALL
from tests.core.training.test_checkpoints import assert_same_record
from tests.scripted_engine import ScriptedEngine

from superpos_core.errors import InvalidValue
from superpos_core.files import storage
from superpos_core.files.runs.layout import STATE_FILE
from superpos_core.files.runs.manifest import Manifest
from superpos_core.files.runs.resuming import checkpoint_in
from superpos_core.files.runs.status_file import read_status
from superpos_core.files.runs.writer import RunWriter
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import JoinModel, Pause, Reset, TurnDials, Undo
from superpos_core.training.run import loop_for, train

LANES = replace(SMALL, models=("tied", "untied"), restarts=2, steps=120)
MAP = replace(phase_config(13, 12), steps=30)


def ticking() -> Callable[[], float]:
    """A clock on which a second passes at every look: every slice is one step, and kept."""
    ticks = itertools.count()
    return lambda: float(next(ticks))


def written(folder: Path, config: ExperimentConfig = LANES, **options: Any) -> Snapshot:
    return train(config, engine=ScriptedEngine, journal=RunWriter(folder, **options))


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "loss.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_finished_run_is_whole(tmp_path: Path) -> None:
    last = written(tmp_path)
    record = last.record_as(LanesRecord)
    manifest = Manifest.read(tmp_path)
    assert manifest is not None
    assert set(manifest.files) == {path.name for path in tmp_path.iterdir()}
    assert ExperimentConfig.from_dict(manifest.config) == LANES
    assert (manifest.engine, manifest.device) == (last.engine, last.device)
    for model, cohort in record.cohorts.items():
        folder = tmp_path / "timeline" / model
        assert sorted(int(path.stem) for path in folder.iterdir()) == list(cohort.timeline.steps)
        newest = load_file(folder / f"{LANES.steps}.safetensors")
        np.testing.assert_array_equal(newest["b"], cohort.parameters.bias)
    status = read_status(tmp_path)
    assert status is not None
    assert (status.state, status.step, status.steps) == ("finished", 120, 120)


def test_the_rows_of_losses_cover_every_step_once(tmp_path: Path) -> None:
    record = written(tmp_path).record_as(LanesRecord)
    rows = rows_of(tmp_path)
    for table in record.losses:
        for index, name in enumerate(table.names):
            found = {int(row["step"]): float(row[name]) for row in rows if row[name]}
            assert list(found) == list(range(1, LANES.steps + 1))
            np.testing.assert_array_equal(
                np.array(list(found.values()), np.float32), table.curve.mean[index]
            )


def cells_of(folder: Path) -> set[tuple[str, str, str]]:
    """Every step, column and loss."""
    return {
        (row["step"], name, loss) for row in rows_of(folder) for name, loss in row.items() if loss
    }


class Killed(BaseException):
    """Stands in for a kill: nothing may be written after it."""


def killed_at(write: int, folder: Path, config: ExperimentConfig) -> bool:
    """Train, and copy the folder at the end of a certain write; whether there was such a write."""
    writes = itertools.count()
    at_kill = folder.with_name("at-kill")
    original = Path.replace

    def replacing(path: Path, target: Path) -> Path:
        result = original(path, target)
        if next(writes) == write:
            shutil.copytree(folder, at_kill)
            raise Killed
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", replacing)
        patch.setattr("superpos_core.files.runs.writer.SHARE_OF_TIME", 100.0)
        loop = loop_for(
            config, ScriptedEngine, clock=ticking(), journal=RunWriter(folder, clock=ticking())
        )
        try:
            loop.run(threading.Event(), lambda snapshot: None, until_finished=True)
        except Killed:
            shutil.rmtree(folder)
            at_kill.rename(folder)
            return True
    return False


@pytest.mark.parametrize("config", [LANES, MAP], ids=["lanes", "map"])
def test_killed_at_any_write_it_resumes_bit_by_bit(
    tmp_path: Path, config: ExperimentConfig
) -> None:
    expected = train(config, engine=ScriptedEngine)
    folder, resumed = tmp_path / "run", 0
    for write in (0, 1, 2, 3, 5, 8, 60, 100, 211):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        assert killed_at(write, folder, config)
        if not (folder / STATE_FILE).exists():
            with pytest.raises(InvalidValue, match=STATE_FILE):
                checkpoint_in(folder)
            continue
        checkpoint = checkpoint_in(folder)
        last = train(
            config,
            engine=ScriptedEngine,
            journal=RunWriter(folder, resumes=True),
            checkpoint=checkpoint,
        )
        assert_same_record(expected.record, last.record)
        checkpoint = checkpoint_in(folder)
        restored = type(expected.record).restored(
            checkpoint.config, checkpoint.state, checkpoint.timelines
        )
        assert_same_record(expected.record, restored)
        resumed += 1
    assert resumed >= 4


def test_losses_after_a_resumption_are_those_of_one_run(tmp_path: Path) -> None:
    whole, folder = tmp_path / "whole", tmp_path / "run"
    for each in (whole, folder):
        each.mkdir()
    written(whole)
    assert killed_at(100, folder, LANES)
    train(
        LANES,
        engine=ScriptedEngine,
        journal=RunWriter(folder, resumes=True),
        checkpoint=checkpoint_in(folder),
    )
    assert cells_of(folder) == cells_of(whole)


def test_a_restarted_run_has_a_folder_beside_the_first(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    journal = RunWriter(folder)
    loop, commands = loop_for(LANES, ScriptedEngine, journal=journal), [Reset()]

    def publish(snapshot: Snapshot) -> None:
        if snapshot.record.newest_step > 10 and commands:
            loop.submit(commands.pop())

    loop.run(threading.Event(), publish, until_finished=True)
    states = {}
    for name in ("run", "run-2"):
        status = read_status(tmp_path / name)
        assert status is not None
        states[name] = status.state
    assert states == {"run": "stopped", "run-2": "finished"}
    assert journal.folder == tmp_path / "run-2"


def _with_commands(folder: Path, config: ExperimentConfig, commands: Iterator[Any]) -> Snapshot:
    loop = loop_for(config, ScriptedEngine, clock=ticking(), journal=RunWriter(folder))
    last: list[Snapshot] = []

    def publish(snapshot: Snapshot) -> None:
        last[:] = [snapshot]
        if snapshot.record.newest_step and snapshot.record.newest_step % 20 == 0:
            command = next(commands, None)
            if command is not None:
                loop.submit(command)

    loop.run(threading.Event(), publish, until_finished=True)
    return last[0]


def test_what_joins_is_turned_and_undone_is_in_the_folder(tmp_path: Path) -> None:
    one = replace(LANES, models=("tied",))
    turned = replace(one, learning_rate=0.05)
    commands = iter([JoinModel("mlp"), TurnDials(turned, "learning rate → 0.05"), Undo()])
    last = _with_commands(tmp_path, one, commands)
    record = last.record_as(LanesRecord)
    assert set(record.cohorts) == {"tied", "mlp"}
    manifest = Manifest.read(tmp_path)
    assert manifest is not None
    assert manifest.config == json.loads(json.dumps(last.config.as_dict()))
    assert_same_record(record, _restored_lanes(tmp_path))
    for table in record.losses:
        for name in table.names:
            steps = [int(row["step"]) for row in rows_of(tmp_path) if row[name]]
            assert steps == sorted(set(steps))
            assert steps[-1] == last.config.steps


def _restored_lanes(folder: Path) -> LanesRecord:
    checkpoint = checkpoint_in(folder)
    return LanesRecord.restored(checkpoint.config, checkpoint.state, checkpoint.timelines)


def test_a_full_disk_is_told_once_and_training_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems: list[str] = []
    original = storage.write_bytes
    full = True

    def write(path: Path, content: bytes) -> None:
        if full and path.name != "run.json":
            raise storage.WriteError(path, OSError(28, "No space left on device"))
        original(path, content)

    monkeypatch.setattr(storage, "write_bytes", write)
    journal = RunWriter(tmp_path, tell=problems.append, clock=ticking())
    loop = loop_for(LANES, ScriptedEngine, clock=ticking(), journal=journal)

    def publish(snapshot: Snapshot) -> None:
        nonlocal full
        full = snapshot.record.newest_step < 60

    loop.run(threading.Event(), publish, until_finished=True)
    assert len(problems) == 1
    assert "no space left on device; training goes on" in problems[0]
    assert_same_record(train(LANES, engine=ScriptedEngine).record, _restored_lanes(tmp_path))
    assert len(rows_of(tmp_path)) == 2 * LANES.steps


def test_a_failure_is_told_in_the_status(tmp_path: Path) -> None:
    class Failing(ScriptedEngine):
        def advance(self, steps: Any) -> Any:
            if self.parameters("tied").encoder.size and len(published) > 3:
                raise RuntimeError("the device is on fire")
            return super().advance(steps)

    published: list[Snapshot] = []
    loop = loop_for(LANES, Failing, clock=ticking(), journal=RunWriter(tmp_path))
    with pytest.raises(RuntimeError):
        loop.run(threading.Event(), published.append)
    status = read_status(tmp_path)
    assert status is not None
    assert (status.state, status.reason) == ("failed", "RuntimeError: the device is on fire")


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_run_is_replaced_only_if_asked(tmp_path: Path, overwrite: bool) -> None:
    written(tmp_path)
    before = Manifest.read(tmp_path)
    (tmp_path / "timeline" / "notes.txt").write_text("mine")
    if not overwrite:
        with pytest.raises(InvalidValue, match="--overwrite"):
            written(tmp_path)
        assert Manifest.read(tmp_path) == before
        return
    written(tmp_path, replace(LANES, models=("mlp",), seed=5), overwrite=True)
    after = Manifest.read(tmp_path)
    assert before is not None
    assert after is not None
    assert after.run != before.run
    names = {path.name for path in (tmp_path / "timeline").iterdir()}
    assert names == {"mlp", "notes.txt"}


def test_a_pause_is_told_at_once_and_a_paused_run_stays_alive(tmp_path: Path) -> None:
    alive: list[float] = []
    stop = threading.Event()

    class Watching(RunWriter):
        def beat(self) -> None:
            super().beat()
            status = read_status(tmp_path)
            if status is not None and status.state == "paused":
                alive.append(status.alive)
                if len(alive) == 6:
                    stop.set()

    loop = loop_for(
        LANES, ScriptedEngine, clock=ticking(), journal=Watching(tmp_path, clock=ticking())
    )

    pauses = [Pause()]

    def publish(snapshot: Snapshot) -> None:
        if snapshot.record.newest_step == 20 and pauses:
            loop.submit(pauses.pop())

    loop.run(stop, publish)
    assert len(alive) == 6
    assert alive == sorted(alive)
    assert alive[0] < alive[-1]


def test_a_run_that_is_done_says_so_while_the_program_stays_open(tmp_path: Path) -> None:
    loop = loop_for(LANES, ScriptedEngine, journal=RunWriter(tmp_path))
    stop = threading.Event()

    def publish(snapshot: Snapshot) -> None:
        if snapshot.phase == "finished":
            stop.set()

    loop.run(stop, publish)
    status = read_status(tmp_path)
    assert status is not None
    assert (status.state, status.step) == ("finished", LANES.steps)
