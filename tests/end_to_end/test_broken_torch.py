"""A broken torch, and a device that fails, as a user sees them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.end_to_end.program import ROOT, environment
from tests.end_to_end.terminal import Terminal
from tests.end_to_end.test_command_line import refusal, run_program

from superpos_core.engine.choice import EngineChoice
from superpos_core.engine.torch.cohort import TorchCohort
from superpos_core.experiments import experiment_named
from superpos_core.training.pacing import PACES
from superpos_tui.__main__ import main
from superpos_tui.process.session import Session

QUICK = ("--steps", "5", "--features", "5", "--hidden", "2", "--model", "tied", "--batch", "16")
EXPORT = (*QUICK, "--export", "out", "--formats", "svg")
HALF_A_TORCH = "raise ImportError('half a torch:\\nno libtorch')"


def path_with(folder: Path, **modules: str) -> str:
    """A PYTHONPATH on which these modules precede the real ones."""
    folder.mkdir(exist_ok=True)
    for name, source in modules.items():
        (folder / f"{name}.py").write_text(source)
    return os.pathsep.join(map(str, (folder, ROOT / "core", ROOT / "tui")))


@pytest.mark.parametrize(
    ("arguments", "choices"),
    [(("--engine", "torch"), "fused or auto"), (("--device", "cuda"), "cpu")],
    ids=["engine", "device"],
)
def test_asking_for_a_broken_torch_gets_one_line(
    arguments: tuple[str, str], choices: str, tmp_path: Path
) -> None:
    path = path_with(tmp_path / "broken", torch=HALF_A_TORCH)
    line = refusal(run_program(*EXPORT, *arguments, folder=tmp_path, PYTHONPATH=path))
    assert line == (
        f"superpos-tui: {' '.join(arguments)}: torch cannot be used here "
        f"(ImportError: half a torch: no libtorch); choose {choices}"
    )
    assert not (tmp_path / "out").exists()


def last_line(result: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in result.stderr, result.stderr
    return result.stderr.splitlines()[-1]


def test_where_neither_engine_can_run_the_last_line_says_why(tmp_path: Path) -> None:
    path = path_with(tmp_path / "broken", torch=HALF_A_TORCH, numba="raise OSError('half a numba')")
    result = run_program(*EXPORT, folder=tmp_path, PYTHONPATH=path)
    assert last_line(result).startswith("superpos-tui: no engine can run here")
    assert result.returncode == 1
    result = run_program(*EXPORT, "--engine", "fused", folder=tmp_path, PYTHONPATH=path)
    assert last_line(result).startswith("superpos-tui: --engine fused: it cannot be used here")
    assert result.returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_the_instrument_reports_a_broken_torch_and_can_be_left(tmp_path: Path) -> None:
    path = path_with(tmp_path / "broken", torch=HALF_A_TORCH)
    with Terminal(
        [*QUICK, "--engine", "torch"],
        environment=environment(tmp_path / "state", PYTHONPATH=path),
        folder=tmp_path,
        size=(120, 30),
    ) as terminal:
        terminal.wait_for_text("half a torch", "choose fused")
        assert "Traceback" not in terminal.text
        terminal.press("q")
        assert terminal.wait_for_exit() == 1
        assert terminal.left_behind == []


# ── a device that fails while it trains ───────────────────────────────────────────────────────

LOST = RuntimeError("CUDA error: unspecified launch failure\nFor debugging, consider more.")
MESSAGE = "cpu failed: CUDA error: unspecified launch failure; start the program again"


@pytest.fixture
def lost_amid_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """The torch engine's device fails after a few slices of steps."""
    advance, calls = TorchCohort.advance, iter(range(1000))

    def advance_or_fail(cohort: TorchCohort, steps: int) -> object:
        if next(calls) == 3:
            raise LOST
        return advance(cohort, steps)

    monkeypatch.setattr(TorchCohort, "advance", advance_or_fail)


@pytest.mark.usefixtures("lost_amid_training")
def test_a_device_that_fails_ends_an_export_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = [*EXPORT, "--engine", "torch"]
    arguments[arguments.index("--steps") + 1] = "1000"
    monkeypatch.setattr(sys, "argv", ["superpos-tui", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    lines = capfd.readouterr().err.splitlines()
    assert lines[-1].startswith(f"superpos-tui: {MESSAGE}")
    assert not any("Traceback" in line for line in lines)


@pytest.mark.usefixtures("lost_amid_training")
def test_a_device_that_fails_is_the_session_s_failure() -> None:
    config = experiment_named("twenty").quick_config
    session = Session(config, EngineChoice(engine="torch").make, PACES["full"])
    session.start()
    session.thread.join()
    assert str(session.failure).startswith(MESSAGE)
