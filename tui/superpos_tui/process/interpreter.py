"""How Python runs: garbage delays neither the start nor keys, and other threads no keys."""

import gc
import sys

SWITCH_SECONDS = 0.001
"""How long one thread may keep the interpreter from another: a fifth of Python's default. A key
passes through three, and the training thread is a fourth."""
OBJECTS_BEFORE_COLLECTING = 20_000
"""Frames make thousands of objects that do not stay; to look for garbage as often as by default
would delay keys."""


def collect_nothing() -> None:
    """Do not look for garbage: what imports and the first widgets leave stays, and is much."""
    gc.disable()


def collect_seldom() -> None:
    """Look for garbage, less often than by default, among what is made from now on."""
    gc.freeze()
    gc.set_threshold(OBJECTS_BEFORE_COLLECTING)
    gc.enable()


class InterpreterOfFrames:
    """Sets the interpreter for a program with frames."""

    def __init__(self) -> None:
        self._has_data = False

    def before_first_frame(self) -> None:
        """Let threads take turns more often than by default, and look for garbage from now on."""
        sys.setswitchinterval(SWITCH_SECONDS)
        collect_seldom()

    def at_first_data(self) -> None:
        """Leave out all that exists when the first data are shown: what comes is temporary."""
        if not self._has_data:
            self._has_data = True
            collect_seldom()
