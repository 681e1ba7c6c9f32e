"""What a path is, and what is said of a path that is nothing of the kind."""

import os
from pathlib import Path

import pytest
from tests.core.files.runs.folder import WrittenFolder
from tests.core.snapshots import SMALL

from superpos_core.errors import InvalidValue
from superpos_core.files.runs.kinds import Kind, kind_of


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    WrittenFolder(tmp_path / "runs" / "first", SMALL).describe()
    WrittenFolder(tmp_path / "deeper" / "all" / "intro", SMALL).describe()
    (tmp_path / "empty").mkdir()
    (tmp_path / "mine.pt").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    return Path()


@pytest.mark.parametrize(
    ("path", "kind"),
    [("runs/first", "run"), ("runs", "runs"), ("deeper", "runs"), ("mine.pt", "weights")],
)
def test_what_a_path_is(place: Path, path: str, kind: Kind) -> None:
    assert kind_of(place / path) == kind


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("runs/frist", "it does not exist; did you mean runs/first?"),
        ("run/first", "it does not exist; did you mean runs?"),
        ("quite-other", "it does not exist; choose a run's folder"),
        ("empty", "it holds no run: there is no run.json in it, nor in folders below"),
        ("mine.pt/inside", "it does not exist"),
        ("pipe", "it is neither a file nor a folder"),
        ("loose", "it is a link to nowhere, which does not exist"),
        ("null\0character", "it names no file"),
        ("n" * 300, "file name too long"),
        ("two\nlines", r"two\nlines: it does not exist"),
    ],
)
def test_anything_else_takes_one_line(place: Path, path: str, words: str) -> None:
    os.mkfifo(place / "pipe")
    (place / "loose").symlink_to("nowhere")
    with pytest.raises(InvalidValue) as raised:
        kind_of(place / path)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)
