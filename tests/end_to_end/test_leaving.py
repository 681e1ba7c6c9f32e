"""Leaving: whatever the instrument is doing, it ends and leaves nothing behind."""

import os
import sys
from pathlib import Path

import pytest
from tests.end_to_end.instrument import AT_ONCE, started
from tests.end_to_end.program import environment
from tests.end_to_end.terminal import Terminal
from tests.hang_ups.hang_up import hang_up
from tests.hang_ups.phases import PHASES
from tests.hang_ups.ways import WAYS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")

DEADLINE = 40.0
"""Seconds for what takes at most one on an idle machine."""
HANG_UPS = [
    ("at the first frame", "SIGTERM"),
    ("training", "ctrl+c"),
    ("training", "SIGHUP"),
    ("training", "SIGHUP, SIGCONT, closed"),
    ("training", "three SIGCONT, quit"),
    ("training", "closed under nohup"),
    ("compiling", "quit"),
    ("leaving a map", "terminal closed"),
    ("a film", "SIGQUIT"),
    ("an export", "quit"),
    ("a dialog", "SIGINT"),
    ("stopped", "SIGTERM"),
]
"""A selection; `tests/hang_ups` runs all."""

# Simulates an unforeseen error: changes a module once it is loaded.
AFTER_LOADING = """
import importlib.machinery, sys

class Gate:
    def find_spec(self, name, path=None, target=None):
        if name != {module!r}:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        load = spec.loader.exec_module

        def load_and_change(module):
            load(module)
            exec({change!r}, vars(module))

        spec.loader.exec_module = load_and_change
        return spec

sys.meta_path.insert(0, Gate())
"""


@pytest.mark.parametrize(("phase", "way"), HANG_UPS)
@pytest.mark.sampled(6)
def test_nothing_is_left_behind(phase: str, way: str, tmp_path: Path) -> None:
    outcome = hang_up(PHASES[phase], WAYS[way], tmp_path, DEADLINE)
    assert outcome.is_gone
    assert outcome.faults == []


def test_leaving_does_not_wait_for_a_kernel_to_compile(tmp_path: Path) -> None:
    """A kernel that had compiled to the end would be in the cache."""
    outcome = hang_up(PHASES["compiling"], WAYS["SIGTERM"], tmp_path, DEADLINE)
    assert outcome.is_gone
    assert not list(tmp_path.rglob("*.kernel"))


def changed(tmp_path: Path, module: str, change: str) -> Terminal:
    """A program with a changed module."""
    text = AFTER_LOADING.format(module=module, change=change)
    (tmp_path / "sitecustomize.py").write_text(text)
    sources = environment(tmp_path)["PYTHONPATH"]
    return started(tmp_path, PYTHONPATH=f"{tmp_path}{os.pathsep}{sources}")


def the_log(tmp_path: Path) -> Path:
    (log,) = tmp_path.glob("state/superpos-tui/log/*.log")
    return log


def test_a_good_end_leaves_no_log(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        terminal.wait_for_text("● training")
        assert the_log(tmp_path).stat().st_size == 0
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.left_behind == []
    assert not list(tmp_path.glob("state/superpos-tui/log/*"))


@pytest.mark.thorough
def test_a_terminal_that_goes_away_during_heavy_drawing_ends_the_program(
    tmp_path: Path,
) -> None:
    """Under nohup only the program's own check of the terminal can notice."""
    for _ in range(2):
        with started(tmp_path, ignore_hang_up=True) as terminal:
            terminal.wait_for_text("● training")
            draw_and_hang_up(terminal)
            assert terminal.wait_for_exit(AT_ONCE / 2) == 129


def draw_and_hang_up(terminal: Terminal) -> None:
    """Leave the program with hundreds of keys to handle and nowhere to draw."""
    drawn = len(terminal.output)
    terminal.press(*["]", "["] * 400)
    terminal.wait_for(lambda: len(terminal.output) > drawn)
    terminal.hang_up()


FAIL_AT_THE_FIRST_FRAME = """
def show_status(self, status):
    raise KeyError("matrix")
StatusBar.show_status = show_status
"""
FAIL_IN_A_THREAD = """
class Broken(WriterThread):
    def run(self):
        for _ in range(40):
            self._file.write(self._queue.get())
        raise OSError(5, "no more ink")
WriterThread = Broken
"""


@pytest.mark.parametrize(
    ("module", "change", "error"),
    [
        ("superpos_tui.bars.header", FAIL_AT_THE_FIRST_FRAME, "KeyError: 'matrix'"),
        ("textual.drivers._writer_thread", FAIL_IN_A_THREAD, "OSError: [Errno 5] no more ink"),
    ],
    ids=["at the first frame", "in a thread"],
)
@pytest.mark.sampled(2)
def test_an_unexpected_end_takes_one_line_that_names_the_log(
    module: str, change: str, error: str, tmp_path: Path
) -> None:
    with changed(tmp_path, module, change) as terminal:
        assert terminal.wait_for_exit() == 1
        assert terminal.left_behind == []
        said = "".join(row.strip() for row in terminal.rows)
    log = the_log(tmp_path)
    assert f"superpos-tui: {error}; its traceback is in {log}" in said
    assert "Traceback" not in said
    assert "Traceback" in log.read_text(encoding="utf-8")
    assert error in log.read_text(encoding="utf-8")
