"""The launchers' set-up: when `.venv` counts as complete, and messages if it cannot be created."""

import ast
import importlib.util
import os
import re
import signal
import sys
import threading
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import environment
import pytest
from environment import SetUpError, prepare
from tests.launcher.stand_ins import SOURCES, Commands, is_complete, make_interpreter

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are made for POSIX")


# --- What makes an environment complete.


def test_a_second_start_runs_nothing(checkout: Path, commands: Commands) -> None:
    python = prepare("program", checkout)
    assert commands.tools == ["venv", "pip"]
    assert prepare("program", checkout) == python == checkout / ".venv/bin/python"
    assert commands.tools == ["venv", "pip"]


def test_the_tests_level_adds_to_the_program_level(checkout: Path, commands: Commands) -> None:
    prepare("program", checkout)
    assert not is_complete(checkout, "tests")
    prepare("tests", checkout)
    assert commands.tools == ["venv", "pip", "pip"]
    assert [command[-1] for command in commands[1:]] == [f"{checkout}", f"{checkout}[dev]"]
    assert is_complete(checkout, "program")
    assert is_complete(checkout, "tests")


@pytest.mark.parametrize("file", [".ci/constraints.txt", "pyproject.toml"])
def test_changed_pins_are_installed_into_the_same_environment(
    checkout: Path, commands: Commands, file: str
) -> None:
    prepare("tests", checkout)
    with (checkout / file).open("a") as pins:
        pins.write("# changed\n")
    assert not is_complete(checkout, "tests")
    prepare("program", checkout)
    assert commands.tools == ["venv", "pip", "pip"]
    assert not is_complete(checkout, "tests"), "only the reinstalled level is complete"


def test_another_interpreter_gets_a_new_environment(
    checkout: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare("program", checkout)
    (checkout / ".venv/of the old one").mkdir()
    monkeypatch.setattr(environment, "_interpreter_line", lambda _root: "python 3.99")
    prepare("program", checkout)
    assert commands.tools == ["venv", "pip", "venv", "pip"]
    assert not (checkout / ".venv/of the old one").exists()


def test_a_checkout_that_was_moved_gets_a_new_environment(
    checkout: Path, commands: Commands
) -> None:
    prepare("program", checkout)
    moved = checkout.rename(checkout.parent / "moved")
    prepare("program", moved)
    assert commands.tools == ["venv", "pip", "venv", "pip"]


def test_an_environment_without_its_python_is_created_again(
    checkout: Path, commands: Commands
) -> None:
    prepare("program", checkout).unlink()
    prepare("program", checkout)
    assert commands.tools == ["venv", "pip", "venv", "pip"]


@pytest.mark.parametrize("failing", ["venv", "pip"])
def test_half_an_environment_does_not_count_as_complete(
    checkout: Path, commands: Commands, failing: str
) -> None:
    commands.failing = failing
    with pytest.raises(SetUpError, match=failing):
        prepare("program", checkout)
    assert not is_complete(checkout, "program")
    commands.failing = ""
    prepare("program", checkout)
    assert commands.tools[-2:] == ["venv", "pip"], "an installed package may be incomplete"
    assert is_complete(checkout, "program")


def test_a_failed_update_does_not_count_as_complete(checkout: Path, commands: Commands) -> None:
    prepare("program", checkout)
    commands.failing = "pip"
    with pytest.raises(SetUpError):
        prepare("tests", checkout)
    assert not is_complete(checkout, "program")


def test_the_user_s_own_environment_is_left_alone(checkout: Path, commands: Commands) -> None:
    make_interpreter(checkout / ".venv")
    with pytest.raises(SetUpError, match="not created by this command"):
        prepare("program", checkout)
    assert commands == []
    assert {path.name for path in (checkout / ".venv").iterdir()} == {"bin", "lib"}


def test_a_second_launcher_waits_and_then_has_nothing_to_do(
    checkout: Path,
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # for main threads only
    folder = checkout / ".venv"
    folder.mkdir()
    second = threading.Thread(target=prepare, args=("program", checkout))
    with environment._locked(folder / environment.LOCK):
        second.start()
        wait_until(lambda: "waiting for another" in capsys.readouterr().err)
        make_interpreter(folder)
        environment._write_stamp(folder, environment._wanted("program", checkout))
    second.join(timeout=10)
    assert not second.is_alive()
    assert commands == []


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, ten seconds at most."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_read_only_checkout_uses_the_cache(
    checkout: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(os, "access", lambda path, _mode: path != checkout)
    python = prepare("program", checkout)
    assert python.is_relative_to(tmp_path / "cache" / "superpos-tui")
    assert prepare("program", checkout) == python
    assert commands.tools == ["venv", "pip"]
    assert not (checkout / ".venv").exists()


def test_no_writable_folder_is_reported(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SetUpError, match="set XDG_CACHE_HOME"):
        prepare("program", checkout)


# --- Messages if it cannot be created.


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_python_without_venv_says_what_to_install(
    checkout: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == module else find(name)
    )
    with pytest.raises(SetUpError, match="apt install python3-venv"):
        prepare("program", checkout)
    assert commands == []
    assert not (checkout / ".venv").exists()


def test_an_old_python_is_refused(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SetUpError, match=r"3\.11 or newer is needed; this is Python 3\.9"):
        prepare("program", checkout)


@pytest.mark.parametrize("source", SOURCES)
def test_an_old_python_can_read_the_launchers(source: str) -> None:
    assert ast.parse((environment.ROOT / source).read_text(), feature_version=(3, 7)).body


def test_a_failing_command_shows_its_output_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    script = "print('no such host'); raise SystemExit(3)"
    with pytest.raises(SetUpError, match="set-up failed"):
        environment._run([sys.executable, "-c", script])
    assert capsys.readouterr() == ("", "no such host\n")


# --- Agreement between the files.


def test_the_launchers_can_read_what_pyproject_wants() -> None:
    project = tomllib.loads((environment.ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">={}.{}".format(*environment.MINIMUM_PYTHON)
    assert [d for d in project["dependencies"] if re.fullmatch(r"torch>=[0-9.]+", d)]


def test_every_dependency_is_pinned_by_version_alone() -> None:
    project = tomllib.loads((environment.ROOT / "pyproject.toml").read_text())["project"]
    lines = (environment.ROOT / ".ci/constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", pin) for pin in pins)
    extras = project["optional-dependencies"].values()
    wanted = {environment._package(each) for each in sum(extras, project["dependencies"])}
    assert wanted - {project["name"]} <= {environment._package(pin) for pin in pins}
