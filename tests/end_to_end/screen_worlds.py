"""Environments in which the instrument is opened: it follows its terminal, or says why not.

In each it is opened, resized and left in a pseudo-terminal. To add a world, add an entry to
``SCREEN_WORLDS``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.end_to_end.program import environment
from tests.end_to_end.terminal import Terminal
from tests.end_to_end.worlds import COMPLAINTS, DEADLINE, HOMES, NO_LOCALE, THREAD_VARIABLES

RUN = ("--sparsity", "0,0.9", "--steps", "100000", "--batch", "64")
LAST_KEY = "? help"
SIZES = ((100, 30), (70, 22), (140, 50))


@dataclass(frozen=True)
class ScreenWorld:
    """An environment; ``refused`` is part of the one line printed if the program cannot open."""

    name: str
    variables: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    in_ci: bool = False


def open_in(world: ScreenWorld, folder: Path) -> list[str]:
    """Open the instrument there; return everything that went wrong."""
    variables = environment(folder / "state", **world.variables)
    with Terminal(RUN, environment=variables, folder=folder, size=SIZES[0]) as terminal:
        try:
            if world.refused:
                return _faults_of_refusal(world, terminal)
            for size in SIZES:
                terminal.resize(*size)
                terminal.wait_for(lambda: LAST_KEY in terminal.rows[-1])
                terminal.wait_for_text("● training", "▐tied▌", within=DEADLINE)
            terminal.press("q")
            code = terminal.wait_for_exit()
        except AssertionError as error:  # its message shows the screen
            return [str(error)]
        faults = [f"it ended with {code}"] if code else []
        if complaint := COMPLAINTS.search(bytes(terminal.output).decode(errors="replace")):
            faults.append(complaint.group())
        return faults + terminal.left_behind


def _faults_of_refusal(world: ScreenWorld, terminal: Terminal) -> list[str]:
    code = terminal.wait_for_exit()
    lines = bytes(terminal.output).decode(errors="replace").splitlines()
    if code != 2 or len(lines) != 1 or world.refused not in lines[0]:
        return [f"it ended with {code} and said {lines}"]
    return []


SCREEN_WORLDS: tuple[ScreenWorld, ...] = (
    ScreenWorld("COLUMNS and LINES of a smaller screen", {"COLUMNS": "80", "LINES": "24"},
                in_ci=True),
    ScreenWorld("COLUMNS and LINES of a larger one", {"COLUMNS": "200", "LINES": "60"}),
    ScreenWorld("COLUMNS alone", {"COLUMNS": "100"}),
    ScreenWorld("COLUMNS and LINES are nonsense", {"COLUMNS": "²", "LINES": "0"}),
    ScreenWorld("no TERM", {"TERM": ""}, refused="TERM is not set", in_ci=True),
    ScreenWorld("TERM=dumb", {"TERM": "dumb"}, refused="TERM=dumb"),
    ScreenWorld("TERM=unknown", {"TERM": "unknown"}, refused="TERM=unknown"),
    ScreenWorld("an unknown TERM", {"TERM": "terminal-of-mine"}),
    ScreenWorld("no locale", NO_LOCALE),
    ScreenWorld("PYTHONOPTIMIZE", {"PYTHONOPTIMIZE": "2"}),
    ScreenWorld("PYTHONWARNINGS", {"PYTHONWARNINGS": "error"}),
    ScreenWorld("PYTHONIOENCODING", {"PYTHONIOENCODING": "ascii"}),
    ScreenWorld("NO_COLOR", {"NO_COLOR": "1"}),
    ScreenWorld("CI", {"CI": "true"}),
    ScreenWorld("an unknown colour system", {"TEXTUAL_COLOR_SYSTEM": "bogus"},
                refused="TEXTUAL_COLOR_SYSTEM bogus: there is no such", in_ci=True),
    ScreenWorld("a colour system in capitals", {"TEXTUAL_COLOR_SYSTEM": "TrueColor"}),
    *(ScreenWorld(f"{name}={value}", {name: value})
      for name, value in {
          "TEXTUAL_FPS": "x", "TEXTUAL_ANIMATIONS": "x", "TEXTUAL_DRIVER": "os:nope",
          "TEXTUAL_THEME": "x", "TEXTUAL_LOG": "/proc/x", "TEXTUAL_PRESS": "q",
          "TEXTUAL_SCREENSHOT": "0", "TEXTUAL_FILTERS": "x", "TEXTUAL_DIM_FACTOR": "x",
          "TEXTUAL_COLOR_SYSTEM": " ", "ESCDELAY": "x", "TEXTUAL": "devtools,bogus",
      }.items()),
    *(ScreenWorld(name, variables) for name, variables in HOMES.items()),
    *(ScreenWorld(f"{name} is nonsense", {name: "many"}) for name in THREAD_VARIABLES),
)  # fmt: skip
