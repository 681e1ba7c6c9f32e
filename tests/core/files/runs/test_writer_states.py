"""What the folder of a run says when the disk is full, and when training pauses, ends or fails."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.core.files.runs.kept import (
    LANES,
    restored_lanes,
    rows_of,
    ticking,
    written,
)
from tests.core.training.stopping import assert_same_record
from tests.folders import contents
from tests.scripted_engine import ScriptedEngine

from superpos_core.errors import InvalidValue
from superpos_core.files import storage
from superpos_core.files.runs.manifest import Manifest
from superpos_core.files.runs.status_file import read_status
from superpos_core.files.runs.writer import RunWriter
from superpos_core.record.snapshot import Snapshot
from superpos_core.training.commands import Command, JoinModel, Pause, SetPace
from superpos_core.training.pacing import PACES
from superpos_core.training.run import loop_for, train


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
    assert_same_record(train(LANES, engine=ScriptedEngine).record, restored_lanes(tmp_path))
    assert len(rows_of(tmp_path)) == 2 * LANES.steps
    assert journal.shortfall == ""


@pytest.mark.parametrize("first_full", [0, 40])
def test_after_which_step_a_full_disk_kept_nothing_is_known_at_the_end(
    first_full: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, newest = storage.write_bytes, 0

    def write(path: Path, content: bytes) -> None:
        if newest >= first_full and path.name != "run.json":
            raise storage.WriteError(path, OSError(28, "No space left on device"))
        original(path, content)

    def publish(snapshot: Snapshot) -> None:
        nonlocal newest
        newest = snapshot.record.newest_step

    monkeypatch.setattr(storage, "write_bytes", write)
    journal = RunWriter(tmp_path, clock=ticking())
    loop = loop_for(LANES, ScriptedEngine, clock=ticking(), journal=journal)
    loop.run(threading.Event(), publish, until_finished=True)
    after = ""
    if first_full:
        whole = restored_lanes(tmp_path).newest_step
        assert 0 < whole < first_full
        after = f" after step {whole}"
    assert journal.shortfall.startswith(f"the run was not kept{after}: cannot write {tmp_path}")
    assert journal.shortfall.endswith(": no space left on device")


def test_a_disk_that_is_full_once_the_run_is_kept_leaves_nothing_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, refused, is_full = storage.write_bytes, 0, False

    def write(path: Path, content: bytes) -> None:
        nonlocal refused, is_full
        if is_full:
            refused += 1
            raise storage.WriteError(path, OSError(28, "No space left on device"))
        original(path, content)
        is_full = path.name == "status.json" and b'"finished"' in content

    monkeypatch.setattr(storage, "write_bytes", write)
    journal = RunWriter(tmp_path, clock=ticking())
    train(LANES, engine=ScriptedEngine, journal=journal)
    assert refused > 0
    assert journal.shortfall == ""


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


def test_a_pause_is_told_at_once_and_a_paused_run_stays_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("superpos_core.files.runs.writer.SHARE_OF_TIME", 100.0)
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


@pytest.mark.parametrize(
    "command", [JoinModel("mlp"), SetPace(PACES["full"])], ids=["a join", "a new pace"]
)
def test_a_run_that_another_program_has_replaced_is_left_alone(
    tmp_path: Path, command: Command
) -> None:
    told: list[str] = []
    journal = RunWriter(tmp_path, tell=told.append)
    loop = loop_for(LANES, ScriptedEngine, clock=ticking(), journal=journal)
    stop, commands = threading.Event(), [command]
    others: dict[str, bytes] = {}

    def publish(snapshot: Snapshot) -> None:
        if snapshot.record.newest_step == 20 and not others:
            written(tmp_path, replace(LANES, seed=7), overwrite=True)
            others.update(contents(tmp_path))
            loop.submit(commands.pop())
        elif others and snapshot.record.newest_step > 40:
            stop.set()

    with pytest.MonkeyPatch.context() as patch:
        # As if this run were trained by a process that is gone.
        patch.setattr("superpos_core.files.run_folder.is_in_progress", lambda status: False)
        loop.run(stop, publish)
    assert contents(tmp_path) == others
    assert [line for line in told if "another program has replaced" in line] == told
    assert len(told) == 1
    why = f"another program has replaced the run in {tmp_path}"
    assert journal.shortfall == f"the run was not kept: {why}"
