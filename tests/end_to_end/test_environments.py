"""In any environment: no traceback, complete files, and the exit codes promised in README.

These tests visit some of the worlds in ``worlds`` and ``screen_worlds``; ``python
tests/environments`` visits all.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.end_to_end.program import PROGRAM, environment
from tests.end_to_end.screen_worlds import SCREEN_WORLDS, ScreenWorld, open_in
from tests.end_to_end.worlds import WORLDS, World, can_be_made, visit

pytestmark = pytest.mark.skipif(os.name == "nt", reason="worlds are made by sh")

CHEAP_SCREENS = [world for world in SCREEN_WORLDS if world.in_ci]
CHEAP_WORLDS = [world for world in WORLDS if world.in_ci]


@pytest.mark.parametrize("world", CHEAP_WORLDS, ids=[world.title for world in CHEAP_WORLDS])
@pytest.mark.sampled(9)
def test_the_program_is_well_behaved(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not can_be_made(world):
        pytest.skip("this machine cannot make such a world")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # figures drawn in one process: that is quicker
    faults = visit(world, tmp_path)
    assert not faults, faults


@pytest.mark.parametrize("world", CHEAP_SCREENS, ids=[world.name for world in CHEAP_SCREENS])
def test_the_instrument_follows_its_terminal_or_says_why_not(
    world: ScreenWorld, tmp_path: Path
) -> None:
    faults = open_in(world, tmp_path)
    assert not faults, faults


IMPORTS_THAT_END = {
    "KeyboardInterrupt": (130, ""),
    "ImportError('nothing there')": (1, "a library cannot be loaded (nothing there)"),
    "MemoryError": (1, "not enough memory"),
    "RecursionError('too deep')": (1, "too deep"),
    "OSError(24, 'Too many open files', 'click.py')": (1, "click.py: Too many open files"),
}


@pytest.mark.parametrize("error", IMPORTS_THAT_END)
def test_an_error_while_the_program_loads_takes_one_line(error: str, tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text(f"raise {error}")
    code, words = IMPORTS_THAT_END[error]
    sources = environment(tmp_path)["PYTHONPATH"]
    done = subprocess.run(
        [sys.executable, *PROGRAM, "--help"],
        env=environment(tmp_path, PYTHONPATH=f"{tmp_path}{os.pathsep}{sources}"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == bool(words)


def test_titles_of_worlds_are_unique() -> None:
    titles = [world.title for world in WORLDS]
    assert len(set(titles)) == len(titles) >= 40
