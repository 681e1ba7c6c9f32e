"""The list of runs on standard output."""

import json
from pathlib import Path

import pytest
from tests.run_folders import checked, make_run

from superpos_core.errors import InvalidValue
from superpos_tui.command_line.listing import print_runs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_run(tmp_path / "run-10", summary=checked(True))
    make_run(tmp_path / "run-9")
    (tmp_path / "notes").mkdir()
    return tmp_path


def test_a_pipe_gets_the_whole_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert print_runs(str(folder), as_json=False) == 0
    assert capsys.readouterr().out.splitlines() == [
        "name    state     done  min loss  checks  shapes",
        "run-9   finished  100%   1.0e−04       –  –",
        "run-10  finished  100%   2.0e−04  1 of 1  digon",
        "folders left out: 1 without a run",
    ]


def test_json_is_for_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert print_runs(str(folder), as_json=True) == 0
    data = json.loads(capsys.readouterr().out)
    assert [run["name"] for run in data["runs"]] == ["run-9", "run-10"]
    assert data["without_run"] == 1


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="there is no such folder"):
        print_runs(str(tmp_path / "nowhere"), as_json=False)
