"""Is there a terminal that can show the program, and what native code writes to it."""

import faulthandler
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TextIO

from superpos_tui.process.log_file import log_descriptor

TERMINALS_THAT_SHOW_NOTHING = ("dumb", "unknown")
EXPORT_HINT = "superpos-tui --export DIR works without one"


def why_no_terminal(environment: Mapping[str, str]) -> str | None:
    """The reason why the program cannot be shown, or ``None`` if it can."""
    streams = {"input": sys.__stdin__, "output": sys.__stdout__, "error output": sys.__stderr__}
    for name, stream in streams.items():
        if stream is None or not _is_terminal(stream):
            return f"standard {name} is not a terminal; {EXPORT_HINT}"
    return _why_it_shows_nothing(environment)


def _why_it_shows_nothing(environment: Mapping[str, str]) -> str | None:
    term = environment.get("TERM", "")
    if term.lower() in TERMINALS_THAT_SHOW_NOTHING:
        return f"TERM={term} cannot show it; {EXPORT_HINT}"
    if not term and sys.platform != "win32":  # consoles of Windows have none
        return (
            "TERM is not set, so nobody knows what this terminal can show; set it, such as"
            f" TERM=xterm-256color ({EXPORT_HINT})"
        )
    return None


def _is_terminal(stream: TextIO) -> bool:
    try:
        return os.isatty(stream.fileno())
    except (OSError, ValueError):
        return False


@contextmanager
def native_output_kept_off_the_screen() -> Iterator[None]:
    """Send what native code writes to file descriptor 2, a crash's trace too, into the log.

    Textual draws on ``sys.__stderr__``; a warning that torch or a driver writes to the same
    descriptor would land in the middle of the picture.
    """
    if sys.__stderr__ is None:
        yield
        return
    screen_descriptor = os.dup(2)
    screen = os.fdopen(screen_descriptor, "w", encoding="utf-8", closefd=True)
    before = sys.__stderr__
    os.dup2(log_descriptor(), 2)
    faulthandler.enable(log_descriptor())
    sys.__stderr__ = screen  # type: ignore[misc]
    try:
        yield
    finally:
        os.dup2(screen_descriptor, 2)
        sys.__stderr__ = before  # type: ignore[misc]
        with suppress(OSError):  # a terminal that is gone takes no last words
            screen.close()
