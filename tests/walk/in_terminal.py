"""Random walks in a terminal: the real program with its real engine, as a black box."""

import random
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.end_to_end.program import environment
from tests.end_to_end.terminal import KEYS as SENT
from tests.end_to_end.terminal import Terminal
from tests.walk.walker import HELD, SIZES, Hang

TYPED = "12345678vVmM[]scplbjk<>aCGNPXn.f+-duFrRtwzTy(){}?xh0 "
SPECIAL = (*SENT.keys() - {"ctrl+c"}, "\x1b[A", "\x1b[B", "\x1b[5~", "\x1b[6~", "\x7f", "\x10")
FAULT = "this failed; everything else continues"
AT_REST = (120, 40)
PATIENCE = 60.0


@dataclass
class TerminalWalk:
    """A walk that starts with an experiment at its quick settings, in ``folder``."""

    experiment: str
    seed: int
    actions: int
    folder: Path
    story: list[str] = field(default_factory=list)

    def take(self) -> None:
        """Walk, then check that the program still responds and can be left."""
        chance = random.Random(f"terminal {self.experiment} {self.seed}")
        arguments = ("--experiment", self.experiment, "--quick", "--seed", str(self.seed))
        with Terminal(
            arguments, environment=environment(self.folder), folder=self.folder, size=AT_REST
        ) as terminal:
            terminal.wait_for_text("superpos")
            for _ in range(self.actions):
                self.story.append(self._act(terminal, chance))
                terminal.read_output()
                if not terminal.is_running:
                    if terminal.wait_for_exit() == 0:
                        return  # a click on "quit"
                    raise AssertionError(f"the program has ended; the screen:\n{terminal.text}")
                if FAULT in terminal.text:
                    raise AssertionError(terminal.text)
            self._come_to_rest(terminal)

    def _act(self, terminal: Terminal, chance: random.Random) -> str:
        deed = chance.random()
        if deed < 0.06:
            size = chance.choice(SIZES)
            terminal.resize(*size)
            return f"resize {size}"
        if deed < 0.2:
            cell = chance.randint(1, 120), chance.randint(1, 39)
            terminal.click(*cell)
            return f"click {cell}"
        if deed < 0.3:
            key, times = chance.choice([key for key in HELD if key in SENT or len(key) == 1]), 20
            terminal.press(*[key] * times)
            return f"{key} × {times}"
        key = chance.choice(SPECIAL if deed < 0.5 else TYPED)
        terminal.press(key)
        return repr(key)

    def _come_to_rest(self, terminal: Terminal) -> None:
        """Close everything that is open; then the screen is as at the start, and q ends it."""
        try:
            terminal.resize(*AT_REST)
            deadline = time.monotonic() + PATIENCE
            # A command chosen in the palette may open its dialog only now.
            while "▐1 Live▌" not in terminal.text or "╭─ restart with" in terminal.text:
                if time.monotonic() > deadline:
                    raise AssertionError(f"keys have no effect; the screen:\n{terminal.text}")
                terminal.press("escape")
                terminal.read_output(0.5)
                terminal.press("1")
                terminal.read_output(0.5)
            terminal.press("escape")
            terminal.read_output(0.5)
            terminal.press("q")
            code = terminal.wait_for_exit(within=PATIENCE)
        except AssertionError as error:
            raise Hang(str(error)) from error
        assert code == 0, f"exit code {code}"
        assert not terminal.left_behind, terminal.left_behind
