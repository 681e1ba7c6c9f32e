"""Starting: the screen appears before the engine is loaded, and a low priority is fine."""

import os
import shutil
from pathlib import Path

import pytest
from tests.end_to_end.instrument import HELD_BACK, SMALL, started, wait_for_a_step_after
from tests.end_to_end.program import environment
from tests.end_to_end.terminal import Terminal

LOWEST_PRIORITY = 19


def test_the_screen_is_drawn_and_keys_work_before_the_engine_is_loaded(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    (tmp_path / "sitecustomize.py").write_text(HELD_BACK.format(gate=str(gate)))
    sources = environment(tmp_path)["PYTHONPATH"]
    with started(tmp_path, PYTHONPATH=f"{tmp_path}{os.pathsep}{sources}") as terminal:
        terminal.wait_for_text("◌ loading", "▐tied▌", "▐0▌", "q quit")
        terminal.press("]", "m")
        terminal.wait_for_text("▐0.7▌", "▐untied▌")
        terminal.press("?")
        terminal.wait_for_text("esc closes")
        terminal.press("escape")
        terminal.wait_for(lambda: "esc closes" not in terminal.text)
        assert "◌ loading" in terminal.text
        gate.touch()
        terminal.wait_for_text("● training", "W₁·W₂ and b", "S 0.7 ◀")
        wait_for_a_step_after(terminal, 0)


@pytest.mark.skipif(shutil.which("nice") is None, reason="no nice here")
def test_it_trains_under_nice(tmp_path: Path) -> None:
    """Only root may raise its own priority."""
    with Terminal(
        SMALL,
        environment=environment(tmp_path / "state"),
        folder=tmp_path,
        runner=("nice", "-n", "10"),
    ) as terminal:
        terminal.wait_for_text("● training")
        lowered = min(os.getpriority(os.PRIO_PROCESS, 0) + 10, LOWEST_PRIORITY)
        assert os.getpriority(os.PRIO_PROCESS, terminal.pid) == lowered
