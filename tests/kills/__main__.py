"""`python tests/kills`: whether a run that is killed at any moment can be opened and resumed.

Each time a run is trained in a process of its own, which is killed (SIGKILL) at a random moment.
Then the folder has to open, to be at most two seconds old, and to be resumed to exactly the weights
of a run that was never interrupted. ``--count N`` kills N runs of lanes and N of a phase map.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / source) for source in ("core", "tui", ".")]

import numpy as np  # noqa: E402  the line above makes the next ones importable
from tests.kills.trained import KINDS  # noqa: E402

from superpos_core.array_files.array_file import ArrayFile  # noqa: E402
from superpos_core.files.runs.layout import STATE_FILE  # noqa: E402
from superpos_core.files.runs.reader import RunReader  # noqa: E402

MAX_SECONDS_LOST = 2.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill as many runs as requested; returns 1 if one of them was not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=50, metavar="N", help="of each kind")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    options = parser.parse_args(arguments)
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as temporary:
        faults = [
            fault
            for kind in KINDS
            for fault in _killed(kind, options.count, chance, Path(temporary))
        ]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def _killed(kind: str, count: int, chance: random.Random, parent: Path) -> list[str]:
    """Kill runs of one kind, and print how they were found; returns what was wrong."""
    _train(kind, parent / f"{kind}-first").wait()  # which may compile
    whole = parent / f"{kind}-whole"
    started = time.monotonic()
    _train(kind, whole).wait()
    longest = time.monotonic() - started
    expected = _weights(whole)
    faults, lost, empty = [], [], 0
    for number in range(count):
        folder = parent / f"{kind}-{number}"
        process = _train(kind, folder)
        time.sleep(chance.uniform(0, longest))
        process.kill()
        killed_at = time.time()
        process.wait()
        seconds = _seconds_lost(folder, killed_at)
        fault = _fault(kind, folder, seconds, expected)
        if fault:
            faults.append(f"{kind} {number}: {fault}")
        if seconds is None:
            empty += 1
        lost.append(seconds or 0)
        shutil.rmtree(folder, ignore_errors=True)
    print(
        f"{kind}: {count} killed within {longest:.1f} s, {empty} of them before the first state; "
        f"at most {max(lost):.2f} s lost, {len(faults)} faults"
    )
    return faults


def _train(kind: str, folder: Path) -> "subprocess.Popen[bytes]":
    """Train the run in ``folder``, from where it is, in a process of its own."""
    command = [sys.executable, "-P", str(Path(__file__).with_name("trained.py")), kind, str(folder)]
    return subprocess.Popen(command)


def _seconds_lost(folder: Path, killed_at: float) -> float | None:
    """How much older the state is than the kill; ``None`` if there is no state yet.

    A run that was finished before has lost nothing.
    """
    state = folder / STATE_FILE
    if not state.exists():
        return None
    return 0.0 if _is_finished(folder) else max(killed_at - state.stat().st_mtime, 0)


def _fault(kind: str, folder: Path, seconds: float | None, expected: dict[str, np.ndarray]) -> str:
    """What is wrong with a killed run; empty if nothing is."""
    if seconds is not None and seconds > MAX_SECONDS_LOST:
        return f"{seconds:.1f} s are lost"
    if seconds is not None:
        reader = RunReader(folder)
        reader.refresh()
        if reader.snapshot is None:
            return "it does not open"
    if _train(kind, folder).wait() != 0:
        return "it is not resumed"
    found = _weights(folder)
    if found.keys() != expected.keys():
        return "its weights have other names"
    different = [name for name in found if found[name].tobytes() != expected[name].tobytes()]
    return f"other weights: {', '.join(different)}" if different else ""


def _is_finished(folder: Path) -> bool:
    """Whether it was killed after its last step."""
    reader = RunReader(folder)
    reader.refresh()
    return reader.state == "finished"


def _weights(folder: Path) -> dict[str, np.ndarray]:
    """The parameters in the state of a run, or the arrays of its map."""
    with ArrayFile(folder / STATE_FILE) as file:
        names = [name for name in file.arrays if name.startswith(("parameters/", "map/"))]
        return {name: file.read(name) for name in names}


if __name__ == "__main__":
    sys.exit(main())
