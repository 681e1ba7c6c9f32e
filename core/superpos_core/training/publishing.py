"""When snapshots are due."""

PUBLISH_SECONDS = 1 / 30
PUBLISHING_SHARE = 0.05
"""How much of the time snapshots may take: those of a thousand lanes are fewer."""
MAX_WAIT_SECONDS = 1.0
"""But at least about one per second, however long it takes."""


class PublishTimes:
    """Thirty snapshots per second, or fewer, down to one, if they take long.

    The quicker of the last two counts, so that one that took long by chance changes nothing.
    """

    def __init__(self) -> None:
        self._seconds = (0.0, 0.0)
        self._last_at = -float("inf")

    def add(self, seconds: float, now: float) -> None:
        """A snapshot has taken ``seconds``; the wait for the next begins ``now``."""
        self._seconds = (self._seconds[1], seconds)
        self._last_at = now

    def is_due(self, now: float) -> bool:
        """Whether it is time for the next."""
        wait = max(PUBLISH_SECONDS, min(self._seconds) / PUBLISHING_SHARE)
        return now - self._last_at >= min(wait, MAX_WAIT_SECONDS)
