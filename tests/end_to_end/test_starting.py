"""Starting: the screen appears before the engine is loaded, and a low priority is fine."""

import json
import os
import shutil
from pathlib import Path

import pytest
from tests.end_to_end.instrument import HELD_BACK, SMALL, started, wait_for_a_step_after
from tests.end_to_end.program import environment
from tests.end_to_end.terminal import Terminal

from superpos_tui.views.registry import VIEWS

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


# Once the file {asked} exists, writes to {report} what is loaded and how often garbage was sought.
REPORTED = """
import gc, json, os, threading, time

collections = []
gc.callbacks.append(lambda phase, information: collections.append(phase))

def report():
    while not os.path.exists({asked!r}):
        time.sleep(0.01)
    found = {{"modules": list(sys.modules), "collections": collections.count("start")}}
    with open({report!r} + ".part", "w") as file:
        json.dump(found, file)
    os.replace({report!r} + ".part", {report!r})

threading.Thread(target=report, daemon=True).start()
"""
LATER = {
    "importlib.metadata", "tomllib",
    "superpos_core.figures.registry", "superpos_core.files.runs.glance",
    "superpos_core.files.runs.reader",
    "superpos_tui.dialogs.form", "superpos_tui.dialogs.gallery", "superpos_tui.dialogs.help",
    "superpos_tui.runs.screen",
}  # fmt: skip
"""What nobody needs who has pressed no key."""
FEW_COLLECTIONS = 40
"""By default, the imports before the first frame alone cause 200."""


def test_before_the_first_frame_it_loads_what_is_on_it_and_looks_for_no_garbage(
    tmp_path: Path,
) -> None:
    gate, asked, report = (tmp_path / name for name in ("gate", "asked", "report"))
    reported = REPORTED.format(asked=str(asked), report=str(report))
    (tmp_path / "sitecustomize.py").write_text(HELD_BACK.format(gate=str(gate)) + reported)
    sources = environment(tmp_path)["PYTHONPATH"]
    with started(tmp_path, PYTHONPATH=f"{tmp_path}{os.pathsep}{sources}") as terminal:
        terminal.wait_for_text("◌ loading", "▐tied▌")
        asked.touch()
        terminal.wait_for(report.exists)
        gate.touch()
    found = json.loads(report.read_text())
    first, *others = VIEWS.values()
    shown, hidden = (
        {panel.draw.__module__ for view in views for panel in view.panels.values()}
        for views in ([first], others)
    )
    assert shown <= set(found["modules"])
    too_early = (hidden | LATER) & set(found["modules"])
    assert too_early == set()
    assert found["collections"] <= FEW_COLLECTIONS


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
