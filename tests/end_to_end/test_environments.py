"""Wherever it is started: no traceback, whole files, and the exit codes that README promises.

A part of the worlds in ``worlds``; ``python tests/environments`` visits all of them.
"""

import os
from pathlib import Path

import pytest
from tests.end_to_end.worlds import WORLDS, World, can_be_made, visit

pytestmark = pytest.mark.skipif(os.name == "nt", reason="worlds are made by sh")

CHEAP_WORLDS = [world for world in WORLDS if world.in_ci]


@pytest.mark.parametrize("world", CHEAP_WORLDS, ids=[world.title for world in CHEAP_WORLDS])
def test_the_program_keeps_its_manners(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not can_be_made(world):
        pytest.skip("this machine cannot make such a world")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # each figure drawn where it is: that is quicker
    report = visit(world, tmp_path)
    assert not report.faults, report.faults


def test_titles_tell_worlds_apart() -> None:
    titles = [world.title for world in WORLDS]
    assert len(set(titles)) == len(titles) >= 40
