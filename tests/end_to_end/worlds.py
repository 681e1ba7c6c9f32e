"""Environments ("worlds") that a command-line program meets, and what ours must do in each.

A world says how it differs from a usual one (variables, streams, folders, limits), what is run
there and how that ends. In every world the program shows no traceback, leaves complete files or
none, and ends with the exit code promised in README. To add a world, add an entry to ``WORLDS``.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.end_to_end.program import PROGRAM, environment

DEADLINE = 180.0
"""Seconds, on busy machines."""

Task = Literal["help", "list", "wrong", "export"]

SMALL_RUN = (
    *("--steps", "50", "--features", "5", "--hidden", "2", "--sparsity", "0.9", "--model", "tied"),
)
ARGUMENTS: dict[Task, list[str]] = {
    "help": ["--help"],
    "list": ["--list-experiments"],
    "wrong": ["--model", "tide"],
    "export": [*SMALL_RUN, "--formats", "svg", "--export"],
}
FILES_OF_AN_EXPORT = {
    "run.json", "weights.safetensors", "loss.csv", "summary.json", "gram-tied.svg", "loss.svg",
    "norms-tied.svg", "weights-tied.svg", "geometry-tied.svg", "dimensionality-tied.svg",
    "state.safetensors", "status.json", "timeline",
}  # fmt: skip

WITHOUT_A_NAME = ("unshare", "--user", "--map-user=54321", "--map-group=54321")
"""Runs a command as a user without a password entry, who may not write everywhere."""

COMPLAINTS = re.compile(r"Traceback \(most recent call last\)|Exception ignored|Fatal Python error")


@dataclass(frozen=True)
class World:
    """One way in which an environment can differ.

    ``shell`` is run by sh in an empty folder; ``"$@"`` in it is the program. An empty value in
    ``variables`` removes a variable. ``arguments`` replace those of the task, ``out`` is the folder
    and ``engine`` the engine of an export; ``python`` are Python's flags, and ``prefix`` goes
    before it.
    """

    name: str
    task: Task
    shell: str = 'exec "$@"'
    variables: Mapping[str, str] = field(default_factory=dict)
    python: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()
    arguments: tuple[str | bytes, ...] = ()
    code: int | None = None
    out: str = "out"
    engine: str = "fused"
    in_ci: bool = True

    @property
    def expected_code(self) -> int:
        """The exit code: the task's usual one, unless this world says otherwise."""
        return {"wrong": 2}.get(self.task, 0) if self.code is None else self.code

    @property
    def title(self) -> str:
        """The world and the task, in a few words."""
        return f"{self.task}: {self.name}"


def can_be_made(world: World) -> bool:
    """Whether this machine can create the world."""
    if not world.prefix:
        return True
    return shutil.which(world.prefix[0]) is not None and (
        subprocess.run([*world.prefix, "true"], capture_output=True, check=False).returncode == 0
    )


def visit(world: World, folder: Path) -> list[str]:
    """Run the program in the world, in an empty ``folder``; return everything that went wrong."""
    here = folder / "here"
    here.mkdir()
    out = folder / world.out
    arguments = list(world.arguments or ARGUMENTS[world.task])
    if world.task == "export":
        arguments.append(str(out))
    program = [*world.prefix, sys.executable, *world.python, *PROGRAM, *arguments]
    done = subprocess.run(
        ["sh", "-c", world.shell, "sh", *program],
        env=environment(folder / "state", **world.variables),
        cwd=here,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=DEADLINE,
        check=False,
    )
    encoding = world.variables.get("PYTHONIOENCODING", "utf-8").partition(":")[0]
    stdout, stderr = (stream.decode(encoding, "replace") for stream in (done.stdout, done.stderr))
    faults = _faults_of_ending(world, done.returncode, stdout, stderr)
    if world.task == "export" and world.expected_code in (0, 1):
        faults += _faults_of_files(world, out)
    return faults


def _faults_of_ending(world: World, code: int, stdout: str, stderr: str) -> list[str]:
    faults = []
    if code != world.expected_code:
        faults.append(f"it ended with {code} instead of {world.expected_code}: {stderr[-600:]}")
    if complaint := COMPLAINTS.search(stdout + stderr):
        faults.append(f"{complaint.group()}: {(stdout + stderr)[complaint.start() :][-600:]}")
    if world.expected_code == 2 and len(stderr.splitlines()) > 1:
        faults.append(f"more than one line about it: {stderr}")
    return faults


def _faults_of_files(world: World, out: Path) -> list[str]:
    """What is missing from an export, or incomplete in it."""
    from safetensors.numpy import load_file

    names = {path.name for path in out.iterdir()} if out.is_dir() else set()
    faults = (
        [f"the wrong files: {names ^ FILES_OF_AN_EXPORT}"] if names != FILES_OF_AN_EXPORT else []
    )
    for path in (out / name for name in names & FILES_OF_AN_EXPORT):
        try:
            match path.suffix:
                case ".json":
                    content = json.loads(path.read_text("utf-8"))
                    if path.name == "summary.json":
                        assert content["engine"] == world.engine, content["engine"]
                case ".svg":
                    assert path.read_text("utf-8").rstrip().endswith("</svg>")
                case ".safetensors":
                    assert load_file(path)
        except (AssertionError, ValueError) as error:
            faults.append(f"{path.name} is incomplete: {error}")
    return faults


# ── the worlds ────────────────────────────────────────────────────────────────────────────────

UNREAD = (
    f"{sys.executable} -c 'import os, sys; r, w = os.pipe(); os.close(r); os.dup2(w, 1);"
    """ os.execvp(sys.argv[1], sys.argv[1:])' "$@\""""
)
NO_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""Plain ASCII."""

STREAMS = {
    "stdout closed": 'exec "$@" >&-',
    "stderr closed": 'exec "$@" 2>&-',
    "stdin closed": 'exec "$@" <&-',
    "all streams closed": 'exec "$@" <&- >&- 2>&-',
    "stdout has no reader": UNREAD,
    "stderr on a full device": 'exec "$@" 2>/dev/full',
}
ENCODINGS: dict[str, dict[str, str]] = {
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "ascii, strict": {"PYTHONIOENCODING": "ascii:strict"},
    "utf-16": {"PYTHONIOENCODING": "utf-16"},
    "no locale": NO_LOCALE,
    "an unknown locale": {"LANG": "xx_YY.ISO-8859-99", "LC_ALL": "xx_YY", "PYTHONUTF8": "0"},
}
PYTHON_VARIABLES = {
    "PYTHONOPTIMIZE": "2",
    "PYTHONWARNINGS": "error",
    "PYTHONHASHSEED": "0",
    "PYTHONUNBUFFERED": "1",
    "PYTHONDEVMODE": "1",
    "PYTHONSAFEPATH": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
NO_XDG = {"XDG_CACHE_HOME": "", "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": ""}
HOMES: dict[str, dict[str, str]] = {
    "HOME is relative": {"HOME": "home", **NO_XDG},
    "HOME is not there": {"HOME": "/nonexistent", **NO_XDG},
    "HOME is a file": {"HOME": "/dev/null", **NO_XDG},
    "XDG folders are relative": dict.fromkeys(NO_XDG, "x"),
    "XDG folders are files": dict.fromkeys(NO_XDG, "/dev/null"),
    "XDG folders cannot be written": dict.fromkeys(NO_XDG, "/proc"),
    "TMPDIR is gone": {"TMPDIR": "/nonexistent"},
}
EMPTY_HOME = 'export HOME= XDG_CACHE_HOME= XDG_STATE_HOME= TMPDIR=; exec "$@"'
NO_HOME = 'unset HOME XDG_CACHE_HOME XDG_STATE_HOME XDG_CONFIG_HOME; exec "$@"'
ODD_COLUMNS = ("²", "0", "abc", "-5", "1", "1000000000")
THREAD_VARIABLES = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "SLURM_CPUS_PER_TASK")
OTHER_VARIABLES = {
    "NUMBA_OPT": "many",
    "NUMBA_CACHE_DIR": "/proc",
    "NO_COLOR": "1",
    "FORCE_COLOR": "1",
    "CI": "true",
    "TERM": "dumb",
    "TTY_COMPATIBLE": "1",
}
IN_THE_WAY = (
    "for m in signal pathlib select dataclasses difflib csv random click json numba; do"
    " echo 'raise SystemExit(\"imported from the current folder\")' > $m.py; done; "
)
"""Files that happen to have the names of modules."""
GONE = 'rmdir "$PWD"; exec "$@"'

WORLDS: tuple[World, ...] = (
    # streams
    *(World(name, "help", shell) for name, shell in STREAMS.items()),
    *(World(name, "wrong", shell, in_ci="stderr" in name) for name, shell in STREAMS.items()),
    *(World(name, "export", shell, in_ci=name == "all streams closed")
      for name, shell in STREAMS.items()),
    World("stdout on a full device", "help", 'exec "$@" >/dev/full', code=1),
    World("stdout on a full device", "list", 'exec "$@" >/dev/full', code=1, in_ci=False),
    World("stdout on a full device", "export", 'exec "$@" >/dev/full', code=1, in_ci=False),
    World("both on a full device", "export", 'exec "$@" >/dev/full 2>&1', code=1, in_ci=False),
    World("stdout has no reader", "list", UNREAD, in_ci=False),
    # encodings
    *(World(name, "help", variables=variables) for name, variables in ENCODINGS.items()),
    *(World(name, task, variables=variables, in_ci=False)
      for name, variables in ENCODINGS.items() for task in ("wrong", "list")),
    *(World(f"odd name, {name}", "export", variables=variables, out="o-Ŵ x̂",
            in_ci=name == "cp1252")
      for name, variables in ENCODINGS.items()),
    World("a name that is not text", "wrong", arguments=("--model", b"tied-\xff\xfe")),
    World("a name that is not text, no locale", "wrong", variables=NO_LOCALE,
          arguments=("--model", b"\xc5\xb4\xff")),
    World("a name of two lines", "wrong", arguments=("--model", "tied\nTraceback")),
    World("a name with colours", "wrong", arguments=("--theme", "\x1b[31mnight\x1b]0;x\x07")),
    World("an endless name", "wrong", arguments=("--model", "t" * 100_000)),
    World("an endless number", "wrong", arguments=("--steps", "9" * 100_000)),
    World("a number too large to write down", "wrong", arguments=("--steps", "1e999999999")),
    World("a folder that is not text", "export", out=os.fsdecode(b"o-\xff"), in_ci=False),
    # Python's own variables
    *(World(f"{name}={value}", "help", variables={name: value}, in_ci=name == "PYTHONOPTIMIZE")
      for name, value in PYTHON_VARIABLES.items()),
    *(World(f"{name}={value}", "export", variables={name: value}, in_ci=False)
      for name, value in PYTHON_VARIABLES.items()),
    World("python -OO", "wrong", python=("-OO",)),
    World("python -X dev -W error", "export", python=("-X", "dev", "-W", "error"), in_ci=False),
    # folders
    *(World(name, "help", variables=variables, in_ci=False) for name, variables in HOMES.items()),
    *(World(name, "export", variables=variables, in_ci=False) for name, variables in HOMES.items()),
    World("HOME is empty", "export", EMPTY_HOME, in_ci=False),
    World("no home, no name", "help", NO_HOME, prefix=WITHOUT_A_NAME),
    World("no home, no name", "export", NO_HOME, prefix=WITHOUT_A_NAME),
    World("the folder is gone", "help", GONE),
    World("the folder is gone", "wrong", GONE, in_ci=False),
    World("the folder is gone", "export", GONE, in_ci=False),
    World("a relative folder in one that is gone", "wrong", GONE,
          arguments=(*SMALL_RUN, "--export", "out")),
    World("umask 777", "help", 'umask 777; exec "$@"', in_ci=False),
    World("umask 777, no name", "export", 'umask 777; exec "$@"', prefix=WITHOUT_A_NAME, code=2,
          in_ci=False),
    World("modules in the way", "help", f'{IN_THE_WAY} exec "$@"'),
    World("modules in the way", "export", f'{IN_THE_WAY} exec "$@"', in_ci=False),
    World("modules in the way of an installed program", "export", f'{IN_THE_WAY} exec "$@"',
          python=("-P",), in_ci=False),
    World("modules in the way, PYTHONPATH ends with nothing", "export",
          f'{IN_THE_WAY} PYTHONPATH="$PYTHONPATH:" exec "$@"', python=("-P",), in_ci=False),
    # terminals and threads
    *(World(f"COLUMNS={columns}", "help", variables={"COLUMNS": columns}, in_ci=False)
      for columns in ODD_COLUMNS),
    *(World(f"COLUMNS={columns}", "export", variables={"COLUMNS": columns}, in_ci=False)
      for columns in ODD_COLUMNS),
    *(World(f"{name}={value}", "export", variables={name: value}, in_ci=False)
      for name in THREAD_VARIABLES for value in ("many", "0", "-1", "1")),
    *(World(f"{name}={value}", "export", variables={name: value}, in_ci=False)
      for name, value in OTHER_VARIABLES.items()),
    World("NUMBA_DISABLE_JIT=1", "export", variables={"NUMBA_DISABLE_JIT": "1"}, engine="torch",
          in_ci=False),
    World("no TERM", "export", 'unset TERM; exec "$@"', in_ci=False),
    # limits
    World("more memory than there is", "wrong", arguments=(
        "--features", "4096", "--hidden", "4096", "--restarts", "100000", "--export", "out")),
    World("more memory than there is, torch", "wrong", arguments=(
        "--features", "4096", "--batch", "1048576", "--restarts", "99", "--engine", "torch",
        "--export", "out")),
    World("a little address space", "wrong", 'ulimit -v 1500000; exec "$@"', arguments=(
        "--features", "2048", "--hidden", "2048", "--export", "out")),
    World("1000 threads", "export", 'ulimit -v 4000000; exec "$@"',
          arguments=(*ARGUMENTS["export"][:-1], "--threads", "1000", "--export"), in_ci=False),
)  # fmt: skip
