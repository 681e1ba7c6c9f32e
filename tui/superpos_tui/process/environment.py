"""Cleans the environment before anything else: drops variables that make no sense.

Libraries that read such variables end with a traceback.
"""

import os
import sys
import warnings
from collections.abc import Mapping, MutableMapping

from superpos_core.errors import known_name

SIZES = ("COLUMNS", "LINES")
MAX_SIZE = 10_000
"""Maximum size of a terminal, or number of cores; anything larger is a mistake."""
COLOURS = "TEXTUAL_COLOR_SYSTEM"
COLOUR_SYSTEMS = ("auto", "standard", "256", "truecolor", "windows")
SYSTEMS_OF_DEPTHS = {"truecolor": "truecolor", "256": "256", "16": "standard"}
COLOUR_DEPTHS = ("auto", *SYSTEMS_OF_DEPTHS, "none")
"""What ``--colour`` may be."""
DEFAULT_DEPTH = "auto"
TRUECOLOR = ("truecolor", "24bit")
"""What terminals with all colours set COLORTERM to."""
FOR_DEVELOPERS = ("TEXTUAL_DRIVER", "TEXTUAL_LOG", "TEXTUAL_PRESS", "TEXTUAL_SCREENSHOT")
"""Textual's variables that import another driver, or press keys on their own."""


SERVED = "_SUPERPOS_TUI_SERVED"
"""Set for a process that a browser shows, through a server on this machine."""


def is_served(environment: Mapping[str, str]) -> bool:
    """Whether a browser shows this process, which has no terminal."""
    return SERVED in environment


def clean_environment() -> None:
    """Make the environment reliable, for this process and those that it starts."""
    drop_invalid_values(os.environ)
    never_raise_warnings(os.environ)


def drop_invalid_values(environment: MutableMapping[str, str]) -> None:
    """Remove empty or invalid variables, so that defaults apply."""
    for name in SIZES:
        if not _is_size(environment.get(name, "")):
            environment.pop(name, None)
    for name in ("HOME", "TMPDIR"):
        if not environment.get(name):
            environment.pop(name, None)
    if not _is_size(environment.get("NUMBA_NUM_THREADS", "")):
        environment.pop("NUMBA_NUM_THREADS", None)  # numba would fail, with a traceback


def prepare_for_textual(environment: MutableMapping[str, str]) -> None:
    """Leave Textual only the variables that suit this program; raises ``InvalidValue``.

    The terminal itself reports its size: exported variables do not follow a resize. For a browser
    the server has set everything.
    """
    if is_served(environment):
        return
    for name in (*SIZES, *FOR_DEVELOPERS):
        environment.pop(name, None)
    wanted = environment.pop(COLOURS, "").strip()
    if wanted:
        environment[COLOURS] = known_name(COLOURS, wanted, COLOUR_SYSTEMS)


def choose_colours(depth: str, environment: MutableMapping[str, str]) -> None:
    """Make Textual use a colour depth: one of ``COLOUR_DEPTHS``.

    ``auto`` is what the variables say about the terminal, but over SSH 256 colours at most unless
    ``TEXTUAL_COLOR_SYSTEM`` asks for more: their frames are a third smaller.
    """
    if depth == "none":
        environment["NO_COLOR"] = "1"
    elif depth in SYSTEMS_OF_DEPTHS:
        environment.pop("NO_COLOR", None)
        environment[COLOURS] = SYSTEMS_OF_DEPTHS[depth]
    elif (
        "SSH_CONNECTION" in environment
        and environment.get("COLORTERM", "").strip().lower() in TRUECOLOR
    ):
        environment.setdefault(COLOURS, "256")


def never_raise_warnings(environment: MutableMapping[str, str]) -> None:
    """Show a library's warning in one line instead of raising it, in child processes too."""
    warnings.formatwarning = _in_one_line
    if any(action == "error" for action, *_ in warnings.filters):
        warnings.simplefilter("default")
        sys.warnoptions[:] = [option for option in sys.warnoptions if not _ends_runs(option)]
        options = environment.pop("PYTHONWARNINGS", "").split(",")
        environment["PYTHONWARNINGS"] = ",".join(o for o in options if not _ends_runs(o))


def _in_one_line(
    message: Warning | str, category: object, filename: str, lineno: int, line: str | None = None
) -> str:
    """The first line of a warning: some libraries put a whole traceback into one."""
    first, *_ = str(message).splitlines() or [type(message).__name__]
    return f"superpos-tui: {first}\n"


def _ends_runs(option: str) -> bool:
    action = option.partition(":")[0].strip()
    return bool(action) and "error".startswith(action)


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < float(text) <= MAX_SIZE
