"""The log: one per process, in the first writable folder, and logging itself never fails."""

import os
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

from superpos_tui.process import log_file
from superpos_tui.process.log_file import (
    LOGS_KEPT,
    error_line,
    log_descriptor,
    log_exception,
    log_path,
    remove_empty_log,
)


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The log folder of this test alone."""
    folder = tmp_path / "log"
    monkeypatch.setattr(log_file, "_log", None)
    monkeypatch.setattr(platformdirs, "user_log_path", lambda name: made(folder))
    monkeypatch.setattr("tempfile.tempdir", str(made(tmp_path / "temporary")))
    yield folder
    os.close(log_descriptor())


def made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def written() -> str:
    path = log_path()
    assert path is not None
    return path.read_text(encoding="utf-8")


def test_an_error_is_logged_with_its_traceback_and_shown_in_one_line(folder: Path) -> None:
    error = raised(KeyError("matrix"))
    log_exception(error)
    assert "in thread MainThread" in written()
    assert "in raised" in written()
    assert error_line(error) == f"KeyError: 'matrix'; its traceback is in {log_path()}"
    assert [path.parent for path in [log_path()] if path] == [folder]


def test_a_message_of_many_lines_is_shown_in_one() -> None:
    line = error_line(raised(ValueError("first\nsecond")))
    assert line.startswith("ValueError: first; its traceback")
    assert "\n" not in line


def test_an_error_without_a_message_is_shown_by_name() -> None:
    assert error_line(raised(MemoryError())).startswith("MemoryError; its traceback")


def test_each_process_has_its_own_log_and_old_logs_are_removed(folder: Path) -> None:
    made(folder)
    others = [f"superpos-tui-20250101-0000{number:02}-1.log" for number in range(LOGS_KEPT + 5)]
    for name in [*others, "native.log", "notes.txt"]:
        (folder / name).write_text("of another process")
    log_exception(raised(RuntimeError("ours")))
    logs = sorted(path.name for path in folder.glob("superpos-tui-*.log"))
    assert logs[:-1] == others[1 - LOGS_KEPT :]
    assert str(os.getpid()) in logs[-1]
    assert {"native.log", "notes.txt"} <= {path.name for path in folder.iterdir()}


def test_an_empty_log_is_removed(folder: Path) -> None:
    log_descriptor()
    assert len(list(folder.iterdir())) == 1
    remove_empty_log()
    assert list(folder.iterdir()) == []


def test_a_log_with_content_is_kept() -> None:
    log_exception(raised(RuntimeError("ours")))
    remove_empty_log()
    assert "ours" in written()


@pytest.mark.parametrize("error", [OSError("read-only"), RuntimeError("no home"), KeyError("uid")])
def test_without_a_user_folder_the_log_is_in_a_temporary_one(
    error: Exception, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refuse(monkeypatch, error)
    log_exception(raised(RuntimeError("ours")))
    assert "ours" in written()
    path = log_path()
    assert path is not None
    assert path.parent == tmp_path / "temporary"


def test_without_any_folder_nothing_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    refuse(monkeypatch, OSError("read-only"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "not there"))
    log_exception(raised(RuntimeError("ours")))
    assert log_path() is None
    assert error_line(raised(RuntimeError("ours"))) == "RuntimeError: ours"
    remove_empty_log()


def refuse(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def user_log_path(name: str) -> Path:
        raise error

    monkeypatch.setattr(platformdirs, "user_log_path", user_log_path)


def test_an_error_that_cannot_be_shown_causes_no_second_error() -> None:
    class Unspeakable(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    log_exception(raised(Unspeakable()))
    assert "Unspeakable" in error_line(Unspeakable())
