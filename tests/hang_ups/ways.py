"""How the instrument is made to leave, and the exit code that it should have."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.end_to_end.terminal import Terminal
from tests.hang_ups.phases import Phase
from tests.hang_ups.tmux import HAS_TMUX, TmuxTerminal

HANG_UP = 128 + signal.SIGHUP


@dataclass(frozen=True)
class Way:
    """One way to leave.

    ``code`` is the expected exit code. ``keeps_terminal``: the terminal still exists afterwards,
    and should be as it was before. ``insists``: a second signal follows, which may arrive when the
    program no longer handles signals.
    """

    name: str
    leave: Callable[[Terminal], None]
    code: int
    keeps_terminal: bool = True
    ignore_hang_up: bool = False
    by_keys: bool = False
    insists: bool = False
    in_tmux: bool = False

    def suits(self, phase: Phase) -> bool:
        """Whether it makes sense in a phase."""
        if self.in_tmux and phase.shell:
            return False
        return phase.hears_keys or not self.by_keys


def _close(terminal: Terminal) -> None:
    terminal.hang_up()


def _kill_tmux(terminal: Terminal) -> None:
    assert isinstance(terminal, TmuxTerminal)
    terminal.kill_server()


def _quit(terminal: Terminal) -> None:
    """Press repeatedly, as an impatient user would: keys typed at a bad moment are lost."""
    for _ in range(3):
        if terminal.state:
            terminal.press("ctrl+q")
            terminal.read_output(wait=1.0)


def _continue_three_times_and_quit(terminal: Terminal) -> None:
    """Send SIGCONT, as the kernel does to a stopped program, three times."""
    for _ in range(3):
        terminal.send(signal.SIGCONT)
        time.sleep(0.1)  # simultaneous signals of one kind are merged
    _quit(terminal)


def _hang_up_by_hand_and_close(terminal: Terminal) -> None:
    terminal.send(signal.SIGHUP)
    time.sleep(0.25)
    if terminal.state:
        terminal.send(signal.SIGCONT)
    terminal.hang_up()


def _signal(name: str, *, twice: bool = False) -> Callable[[Terminal], None]:
    def send(terminal: Terminal) -> None:
        terminal.send(signal.Signals[name])
        if twice:
            time.sleep(0.05)
            if terminal.state:
                terminal.send(signal.Signals[name])
        if terminal.state == "T":
            terminal.send(signal.SIGCONT)

    return send


def _by_signal(name: str) -> Way:
    return Way(name, _signal(name), 128 + signal.Signals[name])


WAYS = {
    way.name: way
    for way in (
        Way("terminal closed", _close, HANG_UP, False),
        Way("closed under nohup", _close, HANG_UP, False, ignore_hang_up=True),
        Way("SIGHUP, SIGCONT, closed", _hang_up_by_hand_and_close, HANG_UP, False, insists=True),
        *([Way("tmux killed", _kill_tmux, HANG_UP, False, in_tmux=True)] if HAS_TMUX else []),
        *(_by_signal(name) for name in ("SIGHUP", "SIGTERM", "SIGINT", "SIGQUIT")),
        Way("SIGTERM twice", _signal("SIGTERM", twice=True), 128 + signal.SIGTERM, insists=True),
        Way("three SIGCONT, quit", _continue_three_times_and_quit, 0, by_keys=True),
        Way("ctrl+c", lambda terminal: terminal.press("ctrl+c"), 130, by_keys=True),
        Way("quit", _quit, 0, by_keys=True),
    )
}  # fmt: skip
