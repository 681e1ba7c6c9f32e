"""The instrument in a terminal: how to start it, and what its screen says about training."""

from pathlib import Path

from tests.end_to_end.program import environment
from tests.end_to_end.terminal import Terminal

SMALL = ("--sparsity", "0,0.7,0.9", "--batch", "64", "--steps", "20000")
"""Cheap steps, and more of them than any test waits for."""
AT_ONCE = 10.0
"""Seconds for what takes at most one on an idle machine."""

# Simulates a slow disk: the engines' libraries load once the file {gate} exists.
HELD_BACK = """
import importlib.machinery, pathlib, sys, time

class Gate:
    def find_spec(self, name, path=None, target=None):
        if name not in {{"torch", "numba"}}:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        load = spec.loader.exec_module

        def load_when_open(module):
            while not pathlib.Path({gate!r}).exists():
                time.sleep(0.01)
            load(module)

        spec.loader.exec_module = load_when_open
        return spec

sys.meta_path.insert(0, Gate())
"""


def started(
    tmp_path: Path, *, folder: Path | None = None, ignore_hang_up: bool = False, **changes: str
) -> Terminal:
    """A program for one test, in ``folder``, with these changes to its environment."""
    return Terminal(
        SMALL,
        environment=environment(tmp_path / "state", **changes),
        folder=folder or tmp_path,
        ignore_hang_up=ignore_hang_up,
    )


def step(terminal: Terminal) -> int:
    """The step in the status line; −1 if it shows none."""
    return int(terminal.find(r"([\d,]+)/20,000").replace(",", "") or -1)


def wait_for_a_step_after(terminal: Terminal, earlier: int) -> None:
    terminal.wait_for(lambda: step(terminal) > earlier)
