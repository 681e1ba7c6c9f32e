"""Whether a pressed key waits for its effect: other work on the screen lets it go first."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 0.1
"""How long a key goes first: many have no effect that would show."""
MAX_BEFORE = 3
"""How many frames in a row are left out for keys: a key that is held down stops none for long."""


class PressedKeys:
    """Follows the last key from the terminal, where another thread reads it, to the screen."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._read_at = self._answered_at = self._shown_at = -float("inf")
        self._before = 0

    def note(self) -> None:
        """A key has been read; called in the thread that reads."""
        self._read_at = self._clock()

    def answer(self) -> None:
        """The action of the last key has been carried out."""
        self._answered_at = self._clock()

    def show(self) -> None:
        """A frame has been shown: if the last key was answered, with its effect."""
        self._shown_at = self._answered_at

    def go_first(self) -> bool:
        """Whether a key goes before a frame, which is left out; never before many in a row."""
        self._before = self._before + 1 if self.are_waiting and self._before < MAX_BEFORE else 0
        return self._before > 0

    @property
    def are_waiting(self) -> bool:
        """Whether the effect of the last key is still to be shown."""
        read_at = self._read_at
        return self._shown_at < read_at and self._clock() - read_at < PATIENCE_SECONDS
