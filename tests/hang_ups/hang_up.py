"""One hang-up: a program is brought to a phase and made to leave; what does it leave behind?"""

import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.end_to_end.program import environment, no_kernels
from tests.end_to_end.terminal import PUMP_SECONDS, Terminal
from tests.hang_ups.phases import Phase
from tests.hang_ups.tmux import TmuxTerminal
from tests.hang_ups.ways import Way

PATIENCE = 240.0
"""Seconds for a program to reach its phase, beside others that compete for the same cores."""


@dataclass
class Outcome:
    """How a hang-up went: whether the program was gone before the deadline, and how soon.

    ``faults`` describes everything else that went wrong.
    """

    phase: str
    way: str
    is_gone: bool
    seconds: float
    faults: list[str] = field(default_factory=list)


def hang_up(phase: Phase, way: Way, folder: Path, deadline: float) -> Outcome:
    """Start the program in an empty ``folder``, and make it leave.

    Raises ``AssertionError`` if it does not even reach the phase.
    """
    state, current = folder / "state", folder / "here"
    current.mkdir()
    caches = no_kernels(folder) if phase.empty_cache else {}
    terminal_class = TmuxTerminal if way.in_tmux else Terminal
    with terminal_class(
        phase.arguments,
        environment=environment(state, **caches),
        folder=current,
        ignore_hang_up=way.ignore_hang_up,
        shell=phase.shell,
        patience=PATIENCE,
    ) as terminal:
        phase.reach(terminal)
        start = time.monotonic()
        way.leave(terminal)
        while terminal.state and time.monotonic() < start + deadline:
            terminal.read_output() if terminal.is_open else time.sleep(PUMP_SECONDS)
        outcome = Outcome(phase.name, way.name, not terminal.state, time.monotonic() - start)
        if outcome.is_gone:
            outcome.faults += _faults_of(terminal, phase, way)
            outcome.faults += [f"left {path.name}" for path in current.rglob("*.part")]
    return outcome


def _faults_of(terminal: Terminal, phase: Phase, way: Way) -> list[str]:
    """A wrong exit code, and anything left behind in a terminal that still exists."""
    faults = []
    if way.in_tmux:
        return []  # the server, whose child it was, is gone too
    if not phase.shell:
        code = terminal.wait_for_exit()
        # A late second signal ends it as it would any other program.
        fine = {way.code, 128 - way.code} if way.insists else {way.code}
        if code not in fine and not phase.is_early:
            faults.append(f"exit code {code}, not {way.code}")
    elif (
        way.keeps_terminal and phase.hears_keys and (code := terminal.wait_for_prompt()) != way.code
    ):
        faults.append(f"exit code {code}, not {way.code}")
    if way.keeps_terminal:
        faults += terminal.left_behind
    return faults
