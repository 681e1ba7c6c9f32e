"""The launchers' set-up: when `.venv` counts as complete, and the messages if it cannot be created.

Nothing here touches the network: a stand-in for pip records its arguments.
"""

import ast
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import environment
import pytest
from environment import SetUpError, prepare

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are made for POSIX")

SOURCES = [".ci/environment.py", "tui/__main__.py", "tests/__main__.py"]
TORCH_TO_KEEP = environment._torch_to_keep


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout: the launchers, pins, and a project that wants torch 2.4."""
    root = tmp_path / "a checkout"
    for source in SOURCES:
        target = root / source
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(environment.ROOT / source, target)
    pins = ["# pins", "torch==2.13.0", "sympy==1.14.0", "rich==15.0"]
    (root / ".ci/constraints.txt").write_text("\n".join(pins) + "\n")
    (root / "pyproject.toml").write_text('dependencies = ["torch>=2.4"]\n')
    return root


class Commands(list[list[str]]):
    """Replaces running commands: records each, and creates what `python -m venv` would."""

    def __init__(self) -> None:
        super().__init__()
        self.failing = ""

    def __call__(self, command: list[str]) -> None:
        self.append(command)
        if self.failing and self.failing in command:
            raise SetUpError(f"no {self.failing} today")
        if "venv" in command:
            make_interpreter(Path(command[-1]))

    @property
    def tools(self) -> list[str]:
        """The modules that were run."""
        return [command[command.index("-m") + 1] for command in self]


def make_interpreter(folder: Path) -> None:
    """Create the interpreter of an environment: a link to the current one."""
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    (folder / "bin/python").unlink(missing_ok=True)
    (folder / "bin/python").symlink_to(sys.executable)
    version = "python{}.{}".format(*sys.version_info[:2])
    (folder / "lib" / version / "site-packages").mkdir(parents=True, exist_ok=True)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    """The commands that the set-up ran, none of them for real, on a Python without torch."""
    recorded = Commands()
    monkeypatch.setattr(environment, "_run", recorded)
    monkeypatch.setattr(environment, "_torch_to_keep", lambda *_: None)
    return recorded


def is_complete(root: Path, level: str) -> bool:
    """Whether the checkout's `.venv` would be used as it is."""
    return environment._is_complete(root / ".venv", environment._wanted(level, root))


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
    ast.parse((environment.ROOT / source).read_text(), feature_version=(3, 7))


def test_a_failing_command_shows_its_output_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    script = "print('no such host'); raise SystemExit(3)"
    with pytest.raises(SetUpError, match="set-up failed"):
        environment._run([sys.executable, "-c", script])
    assert capsys.readouterr() == ("", "no such host\n")


# --- The running Python's torch.


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site-packages with a torch 2.9 that requires a certain sympy."""
    folder = tmp_path / "site-packages"
    (folder / "torch").mkdir(parents=True)
    add_metadata(folder, "torch", "2.9.1+cu130", "sympy==1.13.1", "opt_einsum; extra == 'einsum'")
    add_metadata(folder, "sympy", "1.13.1")
    monkeypatch.syspath_prepend(folder)
    return folder


def add_metadata(folder: Path, name: str, version: str, *needs: str) -> None:
    """Write the metadata of an installed package."""
    lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {need}" for need in needs)]
    (folder / f"{name}-{version}.dist-info").mkdir()
    (folder / f"{name}-{version}.dist-info/METADATA").write_text("\n".join(lines) + "\n")


@pytest.fixture
def kept(
    checkout: Path, site: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], str]:
    """A set-up that looks for a torch; it returns the content of the .pth file, '' without one."""
    monkeypatch.setattr(environment, "_torch_to_keep", TORCH_TO_KEEP)

    def prepared() -> str:
        prepare("program", checkout)
        links = list((checkout / ".venv/lib").glob(f"*/site-packages/{environment.KEPT_TORCH}"))
        return links[0].read_text() if links else ""

    return prepared


def test_an_installed_torch_is_kept_with_its_dependencies(
    checkout: Path, site: Path, kept: Callable[[], str]
) -> None:
    assert kept() == f"{site}\n"
    assert (checkout / ".venv/constraints.txt").read_text() == "# pins\nrich==15.0\n"
    assert is_complete(checkout, "program")


def test_an_environment_whose_kept_torch_is_gone_is_incomplete(
    checkout: Path, site: Path, kept: Callable[[], str]
) -> None:
    kept()
    site.rename(site.parent / "elsewhere")
    assert not is_complete(checkout, "program")


def test_a_torch_that_is_too_old_is_not_kept(checkout: Path, kept: Callable[[], str]) -> None:
    (checkout / "pyproject.toml").write_text('dependencies = ["torch>=2.10"]\n')
    assert kept() == ""
    assert "torch==2.13.0" in (checkout / ".venv/constraints.txt").read_text()


def test_the_environments_own_torch_is_not_kept(checkout: Path, site: Path) -> None:
    assert environment._torch_to_keep(checkout, checkout / ".venv") == site
    assert environment._torch_to_keep(checkout, site.parent) is None


# --- Starting the program, for real.


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
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    assert {environment._package(w) for w in wanted} <= {environment._package(p) for p in pins}
