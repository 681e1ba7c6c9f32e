"""A launcher passes arguments, output, exit codes and signals through."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import environment
import pytest
from tests.launcher.stand_ins import make_interpreter

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are made for POSIX")


@pytest.fixture
def launcher(checkout: Path) -> Callable[[str], "subprocess.Popen[str]"]:
    """Start a launcher in a checkout that is set up, with these lines as the program."""
    make_interpreter(checkout / ".venv")
    environment._write_stamp(checkout / ".venv", environment._wanted("program", checkout))

    def launched(program: str) -> "subprocess.Popen[str]":
        (checkout / "superpos_tui.py").write_text(program)
        return subprocess.Popen(
            [sys.executable, "tui", "--seed", "0", "a b"],
            cwd=checkout,
            env=os.environ | {"PYTHONPATH": str(checkout)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return launched


def test_arguments_output_and_exit_code_pass_through(
    checkout: Path, launcher: Callable[[str], "subprocess.Popen[str]"]
) -> None:
    python = checkout / ".venv/bin/python"
    process = launcher("import sys; print(sys.executable, sys.argv[1:]); sys.exit(7)")
    assert process.communicate(timeout=30) == (f"{python} ['--seed', '0', 'a b']\n", "")
    assert process.returncode == 7


def test_bytecode_is_kept_in_the_environment_if_python_must_not_write_it_elsewhere(
    checkout: Path,
    launcher: Callable[[str], "subprocess.Popen[str]"],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (checkout / "imported.py").write_text("")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    process = launcher("import imported")
    assert process.communicate(timeout=30) == ("", "")
    (kept,) = checkout.rglob("imported*.pyc")
    assert kept.is_relative_to(checkout / ".venv")


def test_signals_reach_the_program(
    launcher: Callable[[str], "subprocess.Popen[str]"],
) -> None:
    process = launcher("import time; print('started', flush=True); time.sleep(30)")
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert process.returncode == -signal.SIGTERM
