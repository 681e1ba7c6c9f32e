"""Losses on disk: rows appended, whole or not at all."""

import csv
import errno
import itertools
import os
from pathlib import Path

import pytest

from superpos_core.files import storage
from superpos_core.files.runs.loss_file import LossFile, next_row_after

NAMES = ("tied S=0", "untied, S=0.9")


def rows_of(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_rows_are_appended_below_one_header(tmp_path: Path) -> None:
    path = tmp_path / "loss.csv"
    file = LossFile(path, NAMES)
    file.append([(1, {NAMES[0]: 0.1, NAMES[1]: float("nan")})])
    file.append([])
    file.append([(2, {NAMES[1]: 1 / 3}), (5, {NAMES[0]: float("inf")})])
    assert rows_of(path) == [
        ["step", *NAMES],
        ["1", "0.1", "nan"],
        ["2", "", "0.333333333"],
        ["5", "inf", ""],
    ]


def test_another_program_goes_on_below_and_a_torn_line_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "loss.csv"
    LossFile(path, NAMES).append([(1, {NAMES[0]: 0.25})])
    with path.open("ab") as file:
        file.write(b"2,0.12")
    LossFile(path, NAMES).append([(2, {NAMES[0]: 0.125})])
    assert rows_of(path)[1:] == [["1", "0.25", ""], ["2", "0.125", ""]]


def test_a_torn_header_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "loss.csv"
    path.write_bytes(b"x" * 100_000)
    LossFile(path, NAMES).append([(1, {NAMES[0]: 0.25})])
    assert path.read_bytes() == b"1,0.25,\n"


def test_a_full_disk_leaves_the_rows_that_were_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "loss.csv"
    file = LossFile(path, NAMES)
    file.append([(1, {NAMES[0]: 0.25})])
    whole = path.read_bytes()
    write = os.write

    def half(descriptor: int, content: bytes) -> int:
        write(descriptor, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        with pytest.raises(storage.WriteError, match=r"loss\.csv: no space left on device"):
            file.append([(2, {NAMES[0]: 0.123456789})])
    assert path.read_bytes() == whole
    file.append([(2, {NAMES[0]: 0.5})])
    assert rows_of(path)[1:] == [["1", "0.25", ""], ["2", "0.5", ""]]


def test_writes_that_take_only_a_part_are_completed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "loss.csv"
    file = LossFile(path, NAMES)
    file.append([(1, {NAMES[0]: 0.25})])
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: write(descriptor, content[:3]))
    file.append([(2, {NAMES[0]: 0.125, NAMES[1]: 2.0})])
    assert rows_of(path)[2:] == [["2", "0.125", "2"]]


def test_a_run_goes_on_from_an_earlier_step(tmp_path: Path) -> None:
    path = tmp_path / "loss.csv"
    file = LossFile(path, NAMES)
    file.keep_up_to(3)
    assert not path.exists()
    file.append([(step, {NAMES[0]: float(step)}) for step in (1, 3, 4, 20)])
    with path.open("ab") as torn:
        torn.write(b"\0\0\n2")
    file.keep_up_to(3)
    assert rows_of(path) == [["step", *NAMES], ["1", "1", ""], ["3", "3", ""]]


def test_rows_become_sparser_but_never_end() -> None:
    step, rows = 0, []
    while step < 1_000_000:
        step = next_row_after(step)
        rows.append(step)
    assert rows[:1000] == list(range(1, 1001))
    assert all(later <= 1.0011 * earlier for earlier, later in itertools.pairwise(rows[999:]))
    assert len(rows) < 10_000
