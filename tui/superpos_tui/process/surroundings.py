"""What the program makes of its environment before anything else: harmless, or left out.

Some variables are read by libraries that end with a traceback where they make no sense.
"""

import os
import sys
import warnings
from collections.abc import MutableMapping

from superpos_core.errors import known_name

SIZES = ("COLUMNS", "LINES")
LARGEST_SIZE = 10_000
"""Of a terminal, or cores of a machine; more is a mistake."""
COLOURS = "TEXTUAL_COLOR_SYSTEM"
COLOUR_SYSTEMS = ("auto", "standard", "256", "truecolor", "windows")
FOR_DEVELOPERS = ("TEXTUAL_DRIVER", "TEXTUAL_LOG", "TEXTUAL_PRESS", "TEXTUAL_SCREENSHOT")
"""Variables of Textual's by which another driver is imported, or keys are pressed by nobody."""


def settle() -> None:
    """Make the environment of this process, and of those that it starts, one to rely on."""
    make_sensible(os.environ)
    let_warnings_be_warnings(os.environ)


def make_sensible(environment: MutableMapping[str, str]) -> None:
    """Take away what says nothing, so that what is there by default is taken."""
    for name in SIZES:
        if not _is_size(environment.get(name, "")):
            environment.pop(name, None)
    for name in ("HOME", "TMPDIR"):
        if not environment.get(name):
            environment.pop(name, None)
    if not _is_size(environment.get("NUMBA_NUM_THREADS", "")):
        environment.pop("NUMBA_NUM_THREADS", None)  # numba would not work, or show how it failed


def make_fit_for_textual(environment: MutableMapping[str, str]) -> None:
    """Leave Textual only what suits this program; raises ``InvalidValue``.

    The terminal itself says how large it is: what a shell exports, no resize changes.
    """
    for name in (*SIZES, *FOR_DEVELOPERS):
        environment.pop(name, None)
    asked = environment.pop(COLOURS, "").strip()
    if asked:
        environment[COLOURS] = known_name(COLOURS, asked, COLOUR_SYSTEMS)


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
