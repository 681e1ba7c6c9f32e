"""How fast training runs."""

from collections import deque

RATE_WINDOW_SECONDS = 1.0


class Rate:
    """Steps per second, over the last second, or over the last slice if that took longer."""

    def __init__(self) -> None:
        self._slices: deque[tuple[float, int]] = deque()

    def add(self, now: float, steps: int) -> None:
        self._slices.append((now, steps))
        while len(self._slices) > 2 and now - self._slices[0][0] > RATE_WINDOW_SECONDS:
            self._slices.popleft()

    def per_second(self) -> float:
        """0 until two slices are known: the first has no start time."""
        if len(self._slices) < 2:
            return 0.0
        (started, first_steps), (ended, _) = self._slices[0], self._slices[-1]
        steps = sum(steps for _, steps in self._slices) - first_steps
        return steps / max(ended - started, 1e-9)
