"""Whatever goes wrong is one warning, and the loop goes on."""

import errno
import os
import shutil
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.core.live.rig import (
    BIAS,
    DEADLINE,
    LANES,
    ONE,
    STACK,
    losses,
    manifest,
    moments,
    status,
    wait_for,
)

from superpos_core import live
from superpos_core.files import storage
from superpos_core.live import scribe
from superpos_core.live.inbox import Inbox, Taken
from superpos_core.live.losses import LossRows, Sums
from superpos_core.live.run import LiveRun


@contextmanager
def one_warning(match: str) -> Iterator[None]:
    """Demand exactly one warning, which points to the loop."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        yield
    assert [str(each.message) for each in found if match in str(each.message)], found
    assert len(found) == 1, [str(each.message) for each in found]
    assert found[0].filename == __file__


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds and attempts follow one another at once."""
    monkeypatch.setattr(scribe, "SECONDS_PER_ROUND", 0.01)
    monkeypatch.setattr(scribe, "SECONDS_TO_RETRY", 0.0)


class Disk:
    """Stands in for the disk: full or not."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_full = False
        self.refused = 0
        write, write_bytes = os.write, Path.write_bytes

        def checked_write(file: int, content: bytes) -> int:
            self._check()
            return write(file, content)

        def checked_write_bytes(path: Path, content: Any) -> int:
            self._check()
            return write_bytes(path, content)

        monkeypatch.setattr(os, "write", checked_write)
        monkeypatch.setattr(Path, "write_bytes", checked_write_bytes)

    def _check(self) -> None:
        if self.is_full:
            self.refused += 1
            raise OSError(errno.ENOSPC, "No space left on device")


def log_steps(run: LiveRun, steps: range) -> None:
    for step in steps:
        run.log(step, loss=np.full(LANES, step), W=STACK, b=np.zeros(BIAS.shape))


def test_a_full_disk_is_one_warning_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    with one_warning("no space left on device"), live.start(tmp_path) as run:
        log_steps(run, range(20))
        wait_for(lambda: (tmp_path / "loss.csv").exists())
        disk.is_full = True
        log_steps(run, range(20, 40))
        wait_for(lambda: disk.refused > 5)
        disk.is_full = False
        log_steps(run, range(40, 60))
    assert losses(tmp_path) == {step: [step] * LANES for step in range(60)}
    assert set(moments(tmp_path)) >= {20, 30, 39, 59}
    assert status(tmp_path).state == "finished"


def test_a_disk_that_stays_full_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    with one_warning("no space left on device"), live.start(tmp_path) as run:
        disk.is_full = True
        log_steps(run, range(100))
        wait_for(lambda: disk.refused > 5)
    assert not (tmp_path / "loss.csv").exists()


def test_a_folder_that_is_removed_stays_away(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with one_warning("no such file or directory"), live.start(folder) as run:
        log_steps(run, range(5))
        wait_for(lambda: (folder / "loss.csv").exists())
        shutil.rmtree(folder)
        log_steps(run, range(5, 100))
    assert not folder.exists()


def test_a_folder_that_another_run_has_taken_is_left_alone(tmp_path: Path) -> None:
    with one_warning("another run has been started in it"), live.start(tmp_path) as run:
        log_steps(run, range(5))
        wait_for(lambda: (tmp_path / "loss.csv").exists())
        theirs = {**manifest(tmp_path), "run": "0" * 16}
        storage.write_json(tmp_path / "run.json", theirs)
        log_steps(run, range(5, 100))
    assert manifest(tmp_path) == theirs
    assert set(losses(tmp_path)) <= set(range(6))


@pytest.mark.parametrize(
    ("logged", "message"),
    [
        ({"W": np.zeros((2, 2, 2, 2))}, "not a matrix"),
        ({"W": ONE[:3]}, "it has had 3 lanes"),
        ({"W": "weights"}, "could not convert string"),
        ({"W": STACK, "b": np.zeros(7)}, "b of shape (7,)"),
        ({"W1": STACK}, "it is missing"),
        ({"loss": np.zeros(7)}, "loss of shape (7,): the weights have 3 lanes"),
        ({"loss": 0.5}, "loss of shape (): the weights have 3 lanes"),
        ({"loss": object()}, "TypeError"),
        ({"step": "first"}, "invalid literal"),
        ({"step": None}, "TypeError"),
    ],
)
def test_what_does_not_fit_is_one_warning_and_the_rest_is_kept(
    tmp_path: Path, logged: dict[str, Any], message: str
) -> None:
    with one_warning(message), live.start(tmp_path) as run:
        log_steps(run, range(3))
        for step in range(3, 6):
            run.log(**{"step": step, **logged})
        log_steps(run, range(6, 9))
    rows, kept = losses(tmp_path), moments(tmp_path)
    assert {0, 1, 2, 6, 7, 8} <= set(rows)
    assert {0, 1, 2, 6, 7, 8} <= set(kept)
    assert all(row == [step] * LANES for step, row in rows.items())


def test_steps_that_go_back_are_counted_on(tmp_path: Path) -> None:
    with one_warning("step 0 after step 9 counts as step 10"), live.start(tmp_path) as run:
        for _ in range(3):
            log_steps(run, range(10))
    assert losses(tmp_path) == {step: [step % 10] * LANES for step in range(30)}
    assert status(tmp_path).step == 29


def test_warnings_that_are_errors_do_not_reach_the_loop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings(), live.start(tmp_path) as run:
        warnings.simplefilter("error")
        for _ in range(3):
            run.log(0, W=np.zeros(3))
            log_steps(run, range(3))
    assert capsys.readouterr().err.count("superpos_core.live: ") == 2


def test_a_disk_that_hangs_holds_up_neither_the_loop_nor_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, goes_on = threading.Event(), threading.Event()
    write_bytes = Path.write_bytes

    def hanging(path: Path, content: Any) -> int:
        if path.name.startswith(".5.safetensors"):
            hangs.set()
            goes_on.wait(DEADLINE)
        return write_bytes(path, content)

    monkeypatch.setattr(Path, "write_bytes", hanging)
    monkeypatch.setattr("superpos_core.live.run.SECONDS_TO_END", 0.01)
    with one_warning("the disk did not take what was left"):
        run = live.start(tmp_path)
        log_steps(run, range(6))
        assert hangs.wait(DEADLINE)
        log_steps(run, range(6, 2000))
        run.finish()
    goes_on.set()
    wait_for(lambda: (tmp_path / "status.json").exists() and status(tmp_path).has_ended)
    assert set(moments(tmp_path)) >= {5, 6, 1800, 1999}


@pytest.mark.parametrize("of", [float, np.array, torch.tensor])
def test_losses_that_wait_take_a_bounded_amount_of_memory(
    monkeypatch: pytest.MonkeyPatch, of: Callable[[float], Any]
) -> None:
    monkeypatch.setattr("superpos_core.live.inbox.MAX_LOSSES", 100)
    inbox = Inbox()
    for step in range(2000):
        inbox.add_loss(step, of(float(step)))
    losses = inbox.take_losses()
    assert len(losses) <= 101
    assert sum(count for _, _, count in losses) == 2000
    assert sum(float(total) for _, total, _ in losses) == sum(range(2000))
    steps = [step for step, _, _ in losses]
    assert steps == sorted(set(steps))
    assert steps[-1] == 1999


def test_rows_that_wait_take_a_bounded_amount_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("superpos_core.live.losses.MAX_WAITING", 100)
    rows = LossRows(2)
    for step in range(999):
        rows.add(Sums(np.array([step]), np.ones((1, 2)), np.ones(1, int)))
    rows.add(Sums.none(2), is_last=True)
    assert rows.waiting.totals.size <= 100
    assert rows.waiting.counts.sum() == 999
    assert rows.waiting.steps[-1] == 998


def test_moments_that_wait_take_a_bounded_amount_of_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("superpos_core.live.inbox.MAX_BYTES", 3 * STACK.nbytes)
    inbox = Inbox()
    room = [inbox.add_moment(Taken(step, {"W": STACK}, kept=True)) for step in range(10)]
    assert room == [True] * 3 + [False] * 7
    taken = [inbox.take_moment() for _ in range(4)]
    assert [None if moment is None else moment.step for moment in taken] == [7, 8, 9, None]
