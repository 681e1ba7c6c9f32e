"""Checks that a usable terminal exists and keeps native output off it."""

import faulthandler
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TextIO

from superpos_tui.process.environment import is_served
from superpos_tui.process.log_file import log_descriptor

TERMINALS_THAT_SHOW_NOTHING = ("dumb", "unknown")
EXPORT_HINT = "superpos-tui --export DIR works without one"


def terminal_problem(environment: Mapping[str, str]) -> str | None:
    """Why the program cannot be shown here, or ``None`` if it can."""
    if is_served(environment):
        return None
    streams = {"input": sys.__stdin__, "output": sys.__stdout__, "error output": sys.__stderr__}
    for name, stream in streams.items():
        if stream is None or not _is_terminal(stream):
            return f"standard {name} is not a terminal; {EXPORT_HINT}"
    return _term_problem(environment)


def why_no_clipboard(environment: Mapping[str, str]) -> str:
    """Why this terminal surely takes no text for its clipboard; empty if it may.

    It is asked by OSC 52, to which no terminal replies.
    """
    if environment.get("TERM") == "linux":
        return "the Linux console has no clipboard"
    if "TMUX" in environment:
        return ""
    if "STY" in environment:
        return "screen passes no text on to the clipboard"
    if environment.get("TERM_PROGRAM") == "Apple_Terminal":
        return "the Terminal of macOS takes no text from programs"
    if "VTE_VERSION" in environment:
        return "this terminal takes no text from programs"
    return ""


def _term_problem(environment: Mapping[str, str]) -> str | None:
    term = environment.get("TERM", "")
    if term.lower() in TERMINALS_THAT_SHOW_NOTHING:
        return f"TERM={term} cannot show the interface; {EXPORT_HINT}"
    if not term and sys.platform != "win32":  # consoles of Windows have none
        return (
            "TERM is not set, so the terminal's abilities are unknown; set it, for example"
            f" TERM=xterm-256color ({EXPORT_HINT})"
        )
    return None


def _is_terminal(stream: TextIO) -> bool:
    try:
        return os.isatty(stream.fileno())
    except (OSError, ValueError):
        return False


@contextmanager
def redirect_native_stderr() -> Iterator[None]:
    """Send what native code writes to file descriptor 2, including crash traces, to the log.

    Textual draws on ``sys.__stderr__``; a warning that torch or a driver writes to the same
    descriptor would land in the middle of the screen.
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
        with suppress(OSError):  # the terminal is gone
            screen.close()
