"""What the instrument is doing when it has to leave."""

import signal
from collections.abc import Callable
from dataclasses import dataclass

from tests.end_to_end.terminal import Terminal

SMALL = ("--sparsity", "0,0.7,0.9", "--batch", "64", "--steps", "1000000")
"""Cheap steps, and more of them than any test waits for."""


@dataclass(frozen=True)
class Phase:
    """A phase and how to reach it.

    With an ``empty_cache`` the program has to compile its kernels; a ``shell`` can stop and resume
    it. ``hears_keys``: it reads keys. ``is_early``: it may not handle signals yet.
    """

    name: str
    reach: Callable[[Terminal], None]
    arguments: tuple[str, ...] = SMALL
    empty_cache: bool = False
    shell: bool = False
    hears_keys: bool = True
    is_early: bool = False


def _start(terminal: Terminal) -> None:
    """The program itself runs, not the code that prepares the terminal for it."""
    terminal.wait_for(lambda: terminal.has_started)


def _draw_something(terminal: Terminal) -> None:
    terminal.wait_for(lambda: b"\x1b[?1049h" in terminal.output)


def _train(terminal: Terminal) -> None:
    terminal.wait_for_text("● training")


def _compile(terminal: Terminal) -> None:
    terminal.wait_for_text("compiling the training kernel")


def _pause(terminal: Terminal) -> None:
    _press_in_training(terminal, "space", "○ paused")


def _film(terminal: Terminal) -> None:
    _press_in_training(terminal, "g", "drawing every moment", ".gif")


def _export(terminal: Terminal) -> None:
    _press_in_training(terminal, "e", "writing figures", "files in")


def _open_help(terminal: Terminal) -> None:
    _press_in_training(terminal, "?", "esc closes")


def _open_form(terminal: Terminal) -> None:
    _press_in_training(terminal, "F", "enter starts")


def _leave_a_map(terminal: Terminal) -> None:
    """Enter opens a cell: the training of the map has to end first."""
    _train(terminal)
    terminal.press("enter")


def _stop(terminal: Terminal) -> None:
    _train(terminal)
    terminal.send(signal.SIGTSTP)
    terminal.wait_for(lambda: terminal.state == "T")


def _stop_and_go_on(terminal: Terminal) -> None:
    _stop(terminal)
    terminal.wait_for_prompt()
    terminal.type("fg")
    terminal.wait_for_text("● training")


def _press_in_training(terminal: Terminal, key: str, *answers: str) -> None:
    """Wait for any of the answers: on a busy machine the first may be gone already."""
    _train(terminal)
    terminal.press(key)
    terminal.wait_for(lambda: any(answer in terminal.text for answer in answers))


MAP = ("--experiment", "phase")

PHASES = {
    phase.name: phase
    for phase in (
        Phase("at the start", _start, hears_keys=False, is_early=True),
        Phase("at the first frame", _draw_something, hears_keys=False),
        Phase("training", _train),
        Phase("paused", _pause),
        Phase("compiling", _compile, empty_cache=True),
        Phase("a map", _train, MAP),
        Phase("leaving a map", _leave_a_map, MAP),
        Phase("a film", _film),
        Phase("an export", _export),
        Phase("a dialog", _open_help),
        Phase("a form", _open_form),
        Phase("stopped", _stop, shell=True, hears_keys=False),
        Phase("stopped and back", _stop_and_go_on, shell=True),
    )
}
