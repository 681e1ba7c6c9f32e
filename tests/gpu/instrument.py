"""The instrument in a terminal, training on the device."""

import os
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.gpu.exports import environment as with_sources
from tests.gpu.exports import on_device
from tests.gpu.parts import Finding, Target, checked, skipped

if TYPE_CHECKING:
    from tests.end_to_end.terminal import Terminal

SECONDS = 60.0
"""To load torch, start CUDA and record the first steps; everything else is fast."""
STEPS = 1_000_000
TINY = ("--batch", "16", "--sparsity", "0,0.9")


def check(target: Target) -> Iterator[Finding]:
    """Check one session: it opens, trains, shows every view, responds to keys, and ends."""
    if os.name != "posix":
        yield skipped("a terminal", "this system has no pseudo-terminals")
        return
    from tests.end_to_end.program import environment
    from tests.end_to_end.terminal import Terminal

    arguments = [*on_device(target), "--steps", str(STEPS), "--focus", "tied,0"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Terminal(
            [*arguments, *(TINY if target.tiny else ())],
            environment=environment(folder, PYTHONPATH=with_sources(name)["PYTHONPATH"]),
            folder=folder,
            size=(140, 40),
        ) as terminal:
            yield checked("the first frame", _first_frame, terminal)
            yield checked("training", _training, target, terminal)
            yield checked("every view", _views, terminal)
            yield checked("models, one of which joins", _models, terminal)
            yield checked("pausing, and one step", _one_step, terminal)
            yield checked("a dial turned and undone", _dial, terminal)
            yield checked("leaving", _leaving, terminal)


def _first_frame(terminal: "Terminal") -> str:
    terminal.wait_for_text("▐1 Live▌", "▐tied▌", within=SECONDS)
    return "shown"


def _training(target: Target, terminal: "Terminal") -> str:
    terminal.wait_for_text("● training", "W·Wᵀ and b", within=SECONDS)
    _wait_for_more_steps(terminal)
    terminal.press("f")
    terminal.wait_for(lambda: terminal.find(r"([\d,]+) steps/s") not in ("", "0"))
    where = terminal.find(r"torch on (\S+)")
    assert where.startswith(target.device), f"on {where or 'nothing'}"
    return f"on {where}, {terminal.find(r'([0-9,]+) steps/s')} steps/s"


def _views(terminal: "Terminal") -> str:
    from superpos_tui.views.registry import VIEWS

    for view in VIEWS.values():
        terminal.press(view.key)
        terminal.wait_for_text(f"▐{view.key} {view.title}▌")
        _wait_for_more_steps(terminal)
    terminal.press("1")
    terminal.wait_for_text("▐1 Live▌")
    return f"{len(VIEWS)}, and training continues"


def _models(terminal: "Terminal") -> str:
    terminal.press("m")
    terminal.wait_for_text("▐untied▌", "W₁·W₂ and b")
    terminal.press("m")
    terminal.wait_for_text("▐linear▌")
    terminal.wait_for(lambda: _step(terminal) > 0, within=SECONDS)
    _wait_for_more_steps(terminal)
    terminal.press("M", "M")
    terminal.wait_for_text("▐tied▌")
    return "untied, linear"


def _one_step(terminal: "Terminal") -> str:
    terminal.press("space")
    terminal.wait_for_text("○ paused")
    here = _step(terminal)
    terminal.press("n")
    terminal.wait_for(lambda: _step(terminal) == here + 1)
    terminal.press("space")
    terminal.wait_for_text("● training")
    return "space, n"


def _dial(terminal: "Terminal") -> str:
    """A new engine continues from the state of the previous one."""
    before = _step(terminal)
    for keys, is_dense in ((("d", "right", "escape"), False), (("u",), True)):
        terminal.press(*keys)
        terminal.wait_for(partial(_is_dense, terminal, is_dense))
        terminal.wait_for(lambda: _step(terminal) >= before, within=SECONDS)
        _wait_for_more_steps(terminal)
    return "continues from the same weights"


def _is_dense(terminal: "Terminal", expected: bool) -> bool:
    return ("▐0▌" in terminal.text) is expected


def _leaving(terminal: "Terminal") -> str:
    terminal.press("q")
    code = terminal.wait_for_exit()
    assert code == 0, f"exit code {code}"
    assert not terminal.left_behind, ", ".join(terminal.left_behind)
    return "exit code 0, terminal restored"


def _step(terminal: "Terminal") -> int:
    """The step in the status line; −1 if it shows none."""
    return int(terminal.find(r"([\d,]+)/[\d,]{7,}").replace(",", "") or -1)


def _wait_for_more_steps(terminal: "Terminal") -> None:
    here = _step(terminal)
    terminal.wait_for(lambda: _step(terminal) > here)
