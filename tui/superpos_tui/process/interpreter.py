"""How Python runs while there is a screen: other threads and garbage should not delay keys."""

import gc
import sys

SWITCH_SECONDS = 0.001
"""How long one thread may keep the interpreter from another: a fifth of Python's default. A key
passes through three, and the training thread is a fourth."""
OBJECTS_BEFORE_COLLECTING = 20_000
"""Frames make thousands of short-lived objects; looking for garbage at each would delay keys."""


class InterpreterOfFrames:
    """Sets the interpreter for a program with frames."""

    def __init__(self) -> None:
        self._is_frozen = False

    def switch_soon(self) -> None:
        """Let threads take turns more often than by default."""
        sys.setswitchinterval(SWITCH_SECONDS)

    def freeze_once(self) -> None:
        """Exclude all objects from garbage collection, the first time: later ones are temporary."""
        if not self._is_frozen:
            self._is_frozen = True
            gc.freeze()
            gc.set_threshold(OBJECTS_BEFORE_COLLECTING)
