"""When Python looks for garbage: frames make thousands of short-lived objects."""

import gc

OBJECTS_BEFORE_COLLECTING = 20_000
"""Collecting at each frame would delay keys."""


class GarbageOfFrames:
    """Excludes imported objects from garbage collection, which would delay keys."""

    def __init__(self) -> None:
        self._is_frozen = False

    def freeze_once(self) -> None:
        """Exclude all objects that there are, the first time: later ones are temporary."""
        if not self._is_frozen:
            self._is_frozen = True
            gc.freeze()
            gc.set_threshold(OBJECTS_BEFORE_COLLECTING)
