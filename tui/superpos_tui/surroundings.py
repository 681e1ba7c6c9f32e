"""What the program makes of its environment before anything else: harmless, or left out.

Some variables are read by libraries that end with a traceback where they make no sense, or run what
lies where the user happens to stand.
"""

import os
import sys
import warnings
from collections.abc import MutableMapping
from pathlib import Path

import superpos_core
import superpos_tui
from superpos_core.errors import known_name

SIZES = ("COLUMNS", "LINES")
LARGEST_SIZE = 10_000
"""Of a terminal; more is a mistake."""
COLOURS = "TEXTUAL_COLOR_SYSTEM"
COLOUR_SYSTEMS = ("auto", "standard", "256", "truecolor", "windows")
FOR_DEVELOPERS = ("TEXTUAL_DRIVER", "TEXTUAL_LOG", "TEXTUAL_PRESS", "TEXTUAL_SCREENSHOT")
"""Variables of Textual's by which another driver is imported, or keys are pressed by nobody."""


def settle() -> None:
    """Make the environment of this process, and of those that it starts, one to rely on."""
    make_sensible(os.environ)
    forget_current_folder(os.environ)
    let_warnings_be_warnings(os.environ)


def make_sensible(environment: MutableMapping[str, str]) -> None:
    """Take away what says nothing, so that what is there by default is taken."""
    for name in SIZES:
        if not _is_size(environment.get(name, "")):
            environment.pop(name, None)
    for name in ("HOME", "TMPDIR"):
        if not environment.get(name):
            environment.pop(name, None)
    if not environment.get("NUMBA_NUM_THREADS", "").isdecimal():
        environment.pop("NUMBA_NUM_THREADS", None)  # numba would show how its parser failed


def make_fit_for_textual(environment: MutableMapping[str, str]) -> None:
    """Leave Textual only what suits this program; raises ``InvalidValue``.

    The terminal itself says how large it is: what a shell exports, no resize changes.
    """
    for name in (*SIZES, *FOR_DEVELOPERS):
        environment.pop(name, None)
    asked = environment.pop(COLOURS, "").strip()
    if asked:
        environment[COLOURS] = known_name(COLOURS, asked, COLOUR_SYSTEMS)


def forget_current_folder(environment: MutableMapping[str, str]) -> None:
    """Import nothing that happens to lie where the user stands, here or in another process.

    ``python -m`` and an empty item in ``PYTHONPATH`` put that folder in front of the library.
    """
    environment["PYTHONSAFEPATH"] = "1"
    try:
        here = Path.cwd()
    except OSError:  # it is gone, and nothing can lie there
        return
    if not _is_of_the_program(here):
        sys.path[:] = [entry for entry in sys.path if not _is(here, entry)]
    if "PYTHONPATH" in environment:
        entries = environment["PYTHONPATH"].split(os.pathsep)
        kept = [str(here / entry) for entry in entries if not _is(here, entry)]
        environment["PYTHONPATH"] = os.pathsep.join(kept)


def let_warnings_be_warnings(environment: MutableMapping[str, str]) -> None:
    """A warning of a library's takes a line, and is no reason to end, here or elsewhere."""
    warnings.formatwarning = _in_one_line
    if any(action == "error" for action, *_ in warnings.filters):
        warnings.simplefilter("default")
        sys.warnoptions[:] = [option for option in sys.warnoptions if not _ends_runs(option)]
        options = environment.pop("PYTHONWARNINGS", "").split(",")
        environment["PYTHONWARNINGS"] = ",".join(o for o in options if not _ends_runs(o))


def _in_one_line(
    message: Warning | str, category: object, filename: str, lineno: int, line: str | None = None
) -> str:
    """Some libraries put a whole traceback into a warning."""
    first, *_ = str(message).splitlines() or [type(message).__name__]
    return f"superpos-tui: {first}\n"


def _ends_runs(option: str) -> bool:
    action = option.partition(":")[0].strip()
    return bool(action) and "error".startswith(action)


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < float(text) <= LARGEST_SIZE


def _is_of_the_program(folder: Path) -> bool:
    """Whether Python, or this program, is installed or checked out there."""
    own = [str(Path(package.__path__[0]).parent) for package in (superpos_core, superpos_tui)]
    return any(folder.is_relative_to(each) for each in (sys.prefix, sys.base_prefix, *own))


def _is(here: Path, entry: str) -> bool:
    """Whether an item of a path is the current folder; an empty one is."""
    try:
        return (here / entry).resolve() == here
    except (OSError, ValueError):
        return False
