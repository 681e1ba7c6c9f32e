"""Create `.venv` and start a program in it: shared by `python3 tui` and `python3 tests`.

Those two folders hold a `__main__.py` that only calls `start` here, so that the set-up exists once.
It lies beside the pins that it installs, and outside both source roots, so that it is never
packaged. It uses only the standard library, and no syntax newer than Python 3.7: an old Python must
get far enough to report what is wrong.

One `.venv` serves both, at two levels: `program` (what the program needs to run) and `tests` (that
plus the `dev` extra). It is complete at a level when its stamp file contains the lines from
`_wanted`. The stamp is emptied before any change and written at the very end: if a set-up is
interrupted, the next start creates the environment again. The project is installed editable, so
that its version can be read and `superpos-tui` is in `.venv`.

If the running Python has a recent enough torch, `.venv` reuses it through a .pth file, so that no
user's CUDA build is replaced.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, NoReturn

ROOT = Path(__file__).resolve().parent.parent
MINIMUM_PYTHON = (3, 11)

EXTRAS = {"program": "", "tests": "[dev]"}
"""The levels in ascending order, each with the extra that it installs."""

STAMP = "superpos-tui.stamp"
LOCK = "superpos-tui.lock"
KEPT_TORCH = "superpos_tui_kept_torch.pth"


class SetUpError(Exception):
    """There is no environment to start in; the message is one sentence that says what to do."""


def start(level: str, module: str, arguments: Sequence[str]) -> NoReturn:
    """Create the environment if needed, then become `python -m module arguments` in it."""
    try:
        python = prepare(level)
    except KeyboardInterrupt:
        _say("set-up interrupted; run the same command to start it again")
        sys.exit(130)
    except (SetUpError, OSError, RuntimeError) as error:
        _say(str(error))
        sys.exit(1)
    # -P: files in the user's current folder must not shadow modules.
    command = [str(python), "-P", "-m", module, *arguments]
    variables = _keeping_bytecode(os.environ, python.parent.parent)
    if sys.platform == "win32":  # where execve returns to the shell at once
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program handles Ctrl-C
        sys.exit(subprocess.call(command, env=variables))
    os.execve(command[0], command, variables)


def _keeping_bytecode(variables: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Variables with which a program in this environment keeps its bytecode there.

    Containers often set PYTHONDONTWRITEBYTECODE. Installing packages compiles nothing, so every
    start would compile all imports again and take several times as long. The sources stay clean, as
    the variable demands.
    """
    kept = dict(variables)
    if kept.pop("PYTHONDONTWRITEBYTECODE", ""):
        kept.setdefault("PYTHONPYCACHEPREFIX", str(folder / "bytecode"))
    return kept


def prepare(level: str, root: Path = ROOT) -> Path:
    """Return the Python of an environment that is complete at this level, creating it if needed.

    It is `.venv` in the checkout or, if that is not writable, a folder in the user's cache.
    """
    if sys.version_info[:2] < MINIMUM_PYTHON:
        raise SetUpError(
            "Python {}.{} or newer is needed; this is Python {}.{} ({})".format(
                *MINIMUM_PYTHON, *sys.version_info[:2], sys.executable
            )
        )
    folder = root / ".venv"
    wanted = _wanted(level, root)
    if not _is_complete(folder, wanted) and not _is_writable(folder):
        folder = _cache_folder(root)
    if not _is_complete(folder, wanted):
        _set_up(folder, level, root)
    return _python(folder)


def _cache_folder(root: Path) -> Path:
    """The environment's folder for a read-only checkout."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:12]
    return cache / "superpos-tui" / f"venv-{name}"


def _is_writable(folder: Path) -> bool:
    """Whether this folder, or its nearest existing parent, is writable."""
    while not folder.exists():
        folder = folder.parent
    return os.access(folder, os.W_OK | os.X_OK)


def _python(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _constraints_file(root: Path) -> Path:
    """The tested versions."""
    return root / ".ci" / "constraints.txt"


# --- The stamp: a file whose lines each state a fact about the folder.


def _interpreter_line(root: Path) -> str:
    """The interpreter and the checkout's path: a venv breaks if either changes."""
    version = "{}.{}{}".format(*sys.version_info[:2], getattr(sys, "abiflags", ""))
    return f"python {version} {sysconfig.get_platform()} at {root}"


def _level_line(level: str, root: Path) -> str:
    """An installed level, with a digest of the pins and the pyproject that it came from."""
    digest = hashlib.sha256()
    for file in (_constraints_file(root), root / "pyproject.toml"):
        digest.update(file.read_bytes())
    return f"{level} {digest.hexdigest()}"


def _wanted(level: str, root: Path) -> set[str]:
    """The lines that a complete environment at this level must have."""
    return {_interpreter_line(root), _level_line(level, root)}


def _read_stamp(folder: Path) -> set[str] | None:
    """The lines of the stamp; None if there is none."""
    try:
        return set((folder / STAMP).read_text(encoding="utf-8").splitlines())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _is_ours(folder: Path) -> bool:
    """Whether the folder was created here, even if never finished, or is still empty."""
    return _read_stamp(folder) is not None or {path.name for path in folder.iterdir()} <= {LOCK}


def _write_stamp(folder: Path, lines: Iterable[str]) -> None:
    """Replace the stamp atomically."""
    new = folder / (STAMP + ".new")
    new.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    new.replace(folder / STAMP)


def _is_complete(folder: Path, wanted: set[str]) -> bool:
    """Whether nothing is left to do: the stamp has these lines, and all it names exists."""
    lines = _read_stamp(folder) or set()
    torches = [Path(line[len("torch ") :]) for line in lines if line.startswith("torch ")]
    return (
        wanted <= lines
        and _python(folder).exists()
        and all((torch / "torch").is_dir() for torch in torches)
    )


# --- The set-up.


def _set_up(folder: Path, level: str, root: Path) -> None:
    """Make this folder a complete environment at this level, or raise."""
    if any(importlib.util.find_spec(name) is None for name in ("venv", "ensurepip")):
        raise SetUpError(
            "this Python cannot make virtual environments; on Debian and Ubuntu: "
            "apt install python3-venv (or python{}.{}-venv)".format(*sys.version_info[:2])
        )
    if not _is_writable(folder):
        raise SetUpError(
            f"cannot write to {root} or {folder}; set XDG_CACHE_HOME to a folder that you own"
        )
    if folder.exists() and not _is_ours(folder):
        raise SetUpError(f"{folder} was not created by this command; move it away and retry")
    folder.mkdir(parents=True, exist_ok=True)
    with _ending_on_signals(), _locked(folder / LOCK):
        if _is_complete(folder, _wanted(level, root)):
            return  # another launcher created it while this one waited
        _make_venv(folder, root)
        _install(folder, level, root)


def _make_venv(folder: Path, root: Path) -> None:
    """Make the folder a venv of this interpreter, or keep it if it was complete before."""
    lines = _read_stamp(folder) or set()
    _write_stamp(folder, [])  # from here on it counts as ours, and as incomplete
    if _interpreter_line(root) in lines and _python(folder).exists():
        _say(f"bringing {folder} up to date")
        return
    _say(f"setting up {folder} (once; a minute or more, and 1 to 5 GB, most of it torch)")
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name not in (STAMP, LOCK):
            path.unlink()
    # Not sys.executable: in a shell where `.venv` is active, it has just been removed.
    base = getattr(sys, "_base_executable", sys.executable)
    _run([base, "-I", "-m", "venv", str(folder)])


def _install(folder: Path, level: str, root: Path) -> None:
    """Install the project and what this level needs, at the tested versions."""
    stamp = [_interpreter_line(root)]
    pins = _constraints_file(root).read_text(encoding="utf-8")
    scheme = {"base": str(folder), "platbase": str(folder)}
    link = Path(sysconfig.get_path("purelib", "venv", scheme)) / KEPT_TORCH
    torch = _torch_to_keep(root, folder)
    if torch is None:
        link.unlink(missing_ok=True)
    else:
        _say(f"reusing the torch in {torch}")
        link.write_text(f"{torch}\n", encoding="utf-8")
        stamp.append(f"torch {torch}")
        pins = _without(pins, _with_dependencies("torch"))
    constraints = folder / "constraints.txt"
    constraints.write_text(pins, encoding="utf-8")
    pip = [str(_python(folder)), "-I", "-u", "-m", "pip", "--disable-pip-version-check", "install"]
    # Python compiles modules on import; most of torch and its dependencies is never imported.
    options = ["--no-input", "--no-warn-conflicts", "--progress-bar", "off", "--no-compile"]
    project = ["--constraint", str(constraints), "--editable", f"{root}{EXTRAS[level]}"]
    _run([*pip, *options, *project])
    levels = list(EXTRAS)[: list(EXTRAS).index(level) + 1]
    _write_stamp(folder, stamp + [_level_line(each, root) for each in levels])


# --- An installed torch.


def _torch_to_keep(root: Path, folder: Path) -> Path | None:
    """The site-packages of the running Python's torch, if it has one that pyproject allows.

    A torch in the environment itself, when `.venv` is active, was installed from here.
    """
    from importlib import metadata  # not in Python 3.7

    try:
        torch = metadata.distribution("torch")
    except metadata.PackageNotFoundError:
        return None
    pyproject = (root / "pyproject.toml").read_text(encoding="utf-8")
    minimum = re.search(r'"torch>=([0-9.]+)', pyproject)
    if minimum is not None and _numbers(torch.version) < _numbers(minimum.group(1)):
        return None
    site = Path(str(torch.locate_file("")))
    ours = folder.resolve() in site.resolve().parents
    return site if (site / "torch").is_dir() and not ours else None


def _numbers(version: str) -> list[int]:
    """The first two numbers of a version, for comparison."""
    return [int(number) for number in re.findall(r"\d+", version)[:2]]


def _with_dependencies(name: str) -> set[str]:
    """The names of an installed package and all its dependencies, which keep their versions."""
    from importlib import metadata  # not in Python 3.7

    found: set[str] = set()
    waiting = [name]
    while waiting:
        name = _package(waiting.pop())
        if name not in found:
            found.add(name)
            with contextlib.suppress(metadata.PackageNotFoundError):
                needs = metadata.requires(name) or []
                waiting += [need for need in needs if "extra ==" not in need]
    return found


def _without(pins: str, names: set[str]) -> str:
    """The pins without the lines for these packages."""
    lines = pins.splitlines(keepends=True)
    return "".join(line for line in lines if _package(line) not in names)


def _package(requirement: str) -> str:
    """The normalised package name of a requirement; '' for a comment."""
    name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


# --- Running a command, one launcher at a time.


def _run(command: Sequence[str]) -> None:
    """Run a part of the set-up; its last line shows progress, all its output shows a failure."""
    output: deque[str] = deque(maxlen=40)
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        try:
            for line in process.stdout or ():
                output.append(line)
                _show(line)
        except BaseException:
            _stop(process)
            raise
        finally:
            _show("")
    if process.returncode != 0:
        sys.stderr.write("".join(output))
        raise SetUpError("the set-up failed, see above; run the same command to try again")


def _stop(process: subprocess.Popen[str]) -> None:
    """Interrupt a command that Ctrl-C did not reach, so that pip cleans up."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=2)
    process.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=5)
    process.kill()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that only one launcher can hold; it is released if this one is killed."""
    with path.open("a", encoding="utf-8") as file:
        waiting = False
        while not _try_lock(file):
            if not waiting:
                _say("waiting for another set-up of the same folder")
            waiting = True
            time.sleep(0.2)
        yield


def _try_lock(file: IO[str]) -> bool:
    """Lock an open file; false if another process holds it. Some file systems have no locks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return not isinstance(error, (BlockingIOError, PermissionError))
    return True


@contextlib.contextmanager
def _ending_on_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise here, so that pip is stopped too."""

    def end(number: int, _frame: object) -> NoReturn:
        sys.exit(128 + number)

    numbers = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP")]
    changed = [n for n in numbers if n is not None and signal.getsignal(n) == signal.SIG_DFL]
    for number in changed:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


def _say(sentence: str) -> None:
    """Print a sentence to stderr; stdout belongs to the program."""
    sys.stderr.write(f"superpos-tui: {sentence}\n")
    sys.stderr.flush()


def _show(line: str) -> None:
    """Replace the last line of a terminal."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 3
        sys.stderr.write(f"\r\x1b[K  {line.strip()[:width]}" if line else "\r\x1b[K")
        sys.stderr.flush()
