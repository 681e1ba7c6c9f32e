"""A run's folder, written while it trains: whole at any moment, and enough to go on from."""

import itertools
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.core.files.runs.kept import (
    LANES,
    MAP,
    cells_of,
    restored_lanes,
    rows_of,
    ticking,
    written,
)
from tests.core.training.stopping import assert_same_record
from tests.scripted_engine import ScriptedEngine

from superpos_core.errors import InvalidValue
from superpos_core.files.runs.layout import STATE_FILE
from superpos_core.files.runs.manifest import Manifest
from superpos_core.files.runs.resuming import checkpoint_in
from superpos_core.files.runs.status_file import read_status
from superpos_core.files.runs.writer import RunWriter
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import JoinModel, Reset, TurnDials, Undo
from superpos_core.training.run import loop_for, train


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
    loop, commands = loop_for(LANES, ScriptedEngine, clock=ticking(), journal=journal), [Reset()]

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


def with_commands(folder: Path, config: ExperimentConfig, commands: Iterator[Any]) -> Snapshot:
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
    last = with_commands(tmp_path, one, commands)
    record = last.record_as(LanesRecord)
    assert set(record.cohorts) == {"tied", "mlp"}
    manifest = Manifest.read(tmp_path)
    assert manifest is not None
    assert manifest.config == json.loads(json.dumps(last.config.as_dict()))
    assert_same_record(record, restored_lanes(tmp_path))
    for table in record.losses:
        for name in table.names:
            steps = [int(row["step"]) for row in rows_of(tmp_path) if row[name]]
            assert steps == sorted(set(steps))
            assert steps[-1] == last.config.steps


def test_a_torn_moment_is_left_out_of_a_resumed_run(tmp_path: Path) -> None:
    written(tmp_path)
    torn = tmp_path / "timeline" / "tied" / "30.safetensors"
    torn.write_bytes(torn.read_bytes()[:50])
    timelines = checkpoint_in(tmp_path).timelines
    assert set(timelines["untied"].steps) - set(timelines["tied"].steps) == {30}
    longer = replace(LANES, steps=130)
    checkpoint = replace(checkpoint_in(tmp_path), config=longer)
    writer = RunWriter(tmp_path, resumes=True)
    train(longer, engine=ScriptedEngine, journal=writer, checkpoint=checkpoint)
    assert not torn.exists()
    assert (tmp_path / "timeline" / "tied" / "130.safetensors").exists()
