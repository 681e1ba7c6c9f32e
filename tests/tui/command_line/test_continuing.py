"""`--run` and `--resume`: where a run is kept, and which options a resumed one can take."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.snapshots import SMALL
from tests.scripted_engine import ScriptedEngine
from tests.tui.command_line.test_parts import parsed

from superpos_core.errors import InvalidValue
from superpos_core.files.runs.status_file import read_status, write_status
from superpos_core.files.runs.writer import RunWriter
from superpos_core.training.run import train


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    train(SMALL, engine=ScriptedEngine, journal=RunWriter(folder))
    return folder


def test_a_resumed_run_continues_in_its_folder_with_its_settings(run: Path) -> None:
    request = parsed(["--resume", str(run)])
    assert request.checkpoint is not None
    assert request.trials[0].config == request.checkpoint.config == SMALL
    assert (request.run, request.export) == (run, None)


def test_without_a_screen_it_continues_where_it_exports_to(run: Path) -> None:
    request = parsed(["--resume", str(run), "--export", str(run)])
    assert (request.run, request.export) == (None, run)


def test_it_can_be_given_more_steps(run: Path) -> None:
    request = parsed(["--resume", str(run), "--steps", "1e3"])
    assert request.trials[0].config == replace(SMALL, steps=1000)
    with pytest.raises(InvalidValue, match="steps 10: 40 are done already"):
        parsed(["--resume", str(run), "--steps", "10"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--features 6", "features 6: a resumed run keeps its settings"),
        ("--quick", "a resumed run keeps its settings"),
        ("--experiment intro", "experiment intro: a resumed run keeps its settings"),
        ("--export elsewhere", "export elsewhere: a resumed run stays in its folder"),
        ("--run elsewhere", "run elsewhere: a resumed run stays in its folder"),
    ],
)
def test_whatever_would_make_it_another_run_is_refused(run: Path, words: str, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        parsed(["--resume", str(run), *words.split()])


def test_a_run_that_is_still_written_is_not_resumed(run: Path) -> None:
    status = read_status(run)
    assert status is not None
    elsewhere = replace(status, state="training", process="another-host:1", alive=status.alive)
    write_status(run, elsewhere)
    with pytest.raises(InvalidValue, match=r"resume .*another program is still writing"):
        parsed(["--resume", str(run)])
    write_status(run, replace(elsewhere, alive=status.alive - 60))
    assert parsed(["--resume", str(run)]).checkpoint is not None


@pytest.mark.parametrize("kind", ["nothing", "empty", "an export without a state"])
def test_what_cannot_be_resumed_takes_one_line(run: Path, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "other"
    if kind != "nothing":
        folder.mkdir()
    if kind == "an export without a state":
        (run / "state.safetensors").unlink()
        folder = run
    with pytest.raises(InvalidValue, match=r"^resume ") as raised:
        parsed(["--resume", str(folder)])
    assert "\n" not in str(raised.value)


def test_a_run_is_kept_in_a_folder_of_its_own(run: Path, tmp_path: Path) -> None:
    assert parsed(["--run", str(tmp_path / "new")]).run == tmp_path / "new"
    with pytest.raises(InvalidValue, match=r"^run .* already holds a run"):
        parsed(["--run", str(run)])
    request = parsed(["--run", str(run), "--overwrite"])
    assert (request.run, request.overwrite) == (run, True)
    with pytest.raises(InvalidValue, match="--export keeps the run too"):
        parsed(["--run", str(tmp_path / "new"), "--export", str(tmp_path / "out")])
