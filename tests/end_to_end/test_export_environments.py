"""Exports in broken environments: everything that can be written is written and reported.

Each world is broken in one way and says which files remain: ``everything``, the usual files with
the usual bytes; ``data``, the files that need no matplotlib; ``some``, those that fitted;
``nothing``, since the export is refused before training. In each no traceback is shown, no file is
half written, and the program lists exactly the files that exist.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from tests.core.snapshots import finished

from superpos_core.files.export import export
from superpos_core.task.config import ExperimentConfig

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the worlds are made by a shell")

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 180.0
DATA = {
    "run.json", "weights.safetensors", "loss.csv", "summary.json", "state.safetensors",
    "status.json",
}  # fmt: skip
CONFIG = ExperimentConfig(
    "small", features=5, hidden=2, models=("tied",), sparsities=(0.9,), batch=8, steps=20
)

# A run with a scripted engine, written by the real program in its own process. The files that it
# leaves are recorded at its end: some worlds, such as mounts, disappear with it.
PROGRAM = """
import hashlib, json, sys
from pathlib import Path
from superpos_core.task.config import ExperimentConfig
from superpos_core.engine.choice import EngineChoice
from superpos_core.errors import InvalidValue
from superpos_core.experiments import Trial
from superpos_core.training.run import train
from superpos_tui.headless import drawing_processes, export_headless, runs
from tests.scripted_engine import ScriptedEngine

out, notes, threads, config = Path(sys.argv[1]), *map(eval, sys.argv[2:])
runs.train = lambda config, on_progress, engine, **options: train(
    config, on_progress, ScriptedEngine, **options
)
{before}
try:
    code = export_headless([Trial(config)], out, ("svg",), EngineChoice(threads=threads))
except InvalidValue as error:
    sys.stderr.write(f"superpos-tui: --{{error}}\\n")
    code = 2
left = [path for path in out.glob("*") if path.is_file()]
with open(notes, "w") as file:
    json.dump({{path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in left}}, file)
sys.exit(code)
"""

Left = Literal["everything", "data", "some", "nothing"]


@dataclass(frozen=True)
class World:
    """How the environment is broken, and which files are left.

    ``message`` is part of standard error. ``shell`` is run by sh in an empty folder, with ``$out``
    for the export's folder and ``"$@"`` for the program; ``mounts`` says that it mounts file
    systems, in its own namespace. ``before`` is run by Python before the export; ``shadows`` are
    modules that every Python finds first. ``threads`` is how many processes draw.
    """

    left: Left
    message: str = ""
    shell: str = 'exec "$@"'
    variables: Mapping[str, str] = field(default_factory=dict)
    shadows: Mapping[str, str] = field(default_factory=dict)
    before: str = ""
    mounts: bool = False
    threads: int = 1

    @property
    def code(self) -> int:
        """The exit code."""
        return {"everything": 0, "nothing": 2}.get(self.left, 1)


KILLED = (
    "drawing_processes.PROGRAM = drawing_processes.PROGRAM.replace('main()', 'import os, signal; "
    "import superpos_core.figures.drawing_process as here; "
    "here.draw_one = lambda *_: os.kill(os.getpid(), signal.SIGKILL); main()')"
)

WORLDS: dict[str, World] = {
    # matplotlib
    "the backend of a notebook": World(
        "everything",
        variables={"MPLBACKEND": "module://matplotlib_inline.backend_inline"},
    ),
    "settings of matplotlib that are not text": World(
        "everything",
        shell=r"""printf '\377\376: nonsense' > rc; MATPLOTLIBRC=rc exec "$@" """,
    ),
    "no folder for matplotlib": World("everything", variables={"MPLCONFIGDIR": "/dev/null"}),
    "matplotlib cannot be imported": World(
        "data",
        "no figure could be drawn: RuntimeError: this one is broken",
        shadows={"matplotlib": 'raise RuntimeError("this one is broken")'},
    ),
    "a part of matplotlib is gone": World(
        "data",
        "6 figures could not be drawn: ModuleNotFoundError: ",
        shadows={
            "sitecustomize": "import sys; sys.modules['matplotlib.backends.backend_svg'] = None"
        },
    ),
    # drawing processes
    "no shared memory": World(
        "everything", shell='mount -t tmpfs -o ro none /dev/shm; exec "$@"', mounts=True, threads=2
    ),
    "few files may be open": World("everything", shell='ulimit -n 12; exec "$@"', threads=2),
    "some files may be open": World("everything", shell='ulimit -n 24; exec "$@"', threads=2),
    "processes that cannot start": World(
        "everything",
        "a drawing process cannot start (",
        before="sys.executable = '/nonexistent'",
        threads=2,
    ),
    "processes that are killed": World(
        "everything", "a drawing process has ended", before=KILLED, threads=2
    ),
    "modules in the current folder": World(
        "everything",
        shell="for m in signal pickle queue threading numpy matplotlib superpos_core; do"
        """ echo 'raise SystemExit("imported from here")' > $m.py; done; exec "$@" """,
        threads=2,
    ),
    # disks
    "nothing but the folder can be written": World(
        "everything",
        shell='mkdir "$out"; mount -t tmpfs none "$out"; mount -o remount,bind,ro /; cd /;'
        ' unset TMPDIR; exec "$@"',
        mounts=True,
    ),
    "a disk that is full after the weights": World(
        "some",
        "no space left on device",
        shell='mkdir "$out"; mount -t tmpfs -o size=16k none "$out"; exec "$@"',
        mounts=True,
    ),
    "a disk that is full after a figure": World(
        "some",
        "no space left on device",
        shell='mkdir "$out"; mount -t tmpfs -o size=64k none "$out"; exec "$@"',
        mounts=True,
    ),
    "a folder that cannot be written": World(
        "nothing",
        "read-only file system",
        shell='mkdir "$out"; mount -t tmpfs -o ro none "$out"; exec "$@"',
        mounts=True,
    ),
    "a link that leads nowhere": World(
        "nothing",
        "it is a link to nowhere, which does not exist",
        shell='ln -s nowhere "$out"; exec "$@"',
    ),
    "a link that leads to itself": World("nothing", "link", shell='ln -s out "$out"; exec "$@"'),
}


@cache
def can_mount() -> bool:
    """Whether we may mount file systems in our own namespace."""
    mount = ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]
    return shutil.which("unshare") is not None and not subprocess.call(
        mount, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@cache
def usual_files() -> Mapping[str, str]:
    """The files of the same export in an intact environment, with their digests."""
    with tempfile.TemporaryDirectory() as folder:
        paths = export(finished(CONFIG), Path(folder), ("svg",), 1.0)
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.sampled(9)
def test_everything_that_can_be_written_is_written_and_reported(name: str, tmp_path: Path) -> None:
    world = WORLDS[name]
    if world.mounts and not can_mount():
        pytest.skip("mounting is not allowed on this machine")
    out, here, shadows = (tmp_path / each for each in ("out", "here", "shadows"))
    here.mkdir()
    shadows.mkdir()
    for module, text in world.shadows.items():
        (shadows / f"{module}.py").write_text(text, encoding="utf-8")
    sources = (shadows, *(ROOT / source for source in ("core", "tui", ".")))
    with tempfile.TemporaryFile("w+", encoding="utf-8") as notes:
        done = subprocess.run(
            [
                *(["unshare", "-m"] if world.mounts else []),
                *("sh", "-c", f"out={out}; {world.shell}", "sh"),
                *(sys.executable, "-P", "-c", PROGRAM.format(before=world.before)),
                *(str(out), str(notes.fileno()), str(world.threads), repr(CONFIG)),
            ],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, sources)), **world.variables},
            cwd=here,
            capture_output=True,
            pass_fds=[notes.fileno()],
            text=True,
            encoding="utf-8",
            timeout=DEADLINE,
            check=False,
        )
        notes.seek(0)
        left: dict[str, str] = json.load(notes)
    assert done.returncode == world.code, done.stderr
    assert "Traceback" not in done.stderr
    assert world.message in done.stderr
    assert ("drawing process" in done.stderr) == ("drawing process" in world.message)
    reported = {Path(line).name for line in done.stdout.splitlines()}
    # What is written during training is reported at the end.
    assert reported <= left.keys() if world.left == "some" else reported == left.keys()
    if world.code == 1:
        _, _, listed = done.stderr.splitlines()[-1].partition(f"written to {out}: ")
        assert set(listed.split(", ")) - {"timeline"} == set(left)
    expected = {"everything": usual_files().keys(), "data": DATA, "nothing": set()}
    assert left.keys() <= usual_files().keys()
    assert left.keys() == expected.get(world.left, left.keys())
    # The training time differs, and so do the planned figures where none can be drawn.
    same = left.keys() - {"summary.json", "run.json", "state.safetensors", "status.json"}
    if world.left == "some":
        same -= {"loss.csv"}  # rows that had no room come later
    assert {file: left[file] for file in same} == {file: usual_files()[file] for file in same}
