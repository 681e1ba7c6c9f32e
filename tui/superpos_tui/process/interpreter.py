"""How Python runs: garbage delays neither the start nor keys, and other threads no keys."""

import gc
import sys

SWITCH_SECONDS = 0.001
"""How long one thread may keep the interpreter from another: a fifth of Python's default. A key
passes through three, and the training thread is a fourth."""
OBJECTS_BEFORE_COLLECTING = 20_000
"""Imports make hundreds of thousands of objects that stay, and frames thousands that do not;
looking for garbage as often as by default would delay the first frame, and keys."""


def collect_seldom() -> None:
    """Look for garbage less often than by default; call it before the imports."""
    gc.set_threshold(OBJECTS_BEFORE_COLLECTING)


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
            collect_seldom()
