"""How fast a run plays: from the first steps one by one to thousands per second."""

import math
from dataclasses import dataclass

KEEPS_UP = 0.5
"""The share of a pace's speed from which a run follows it: a measured speed lags behind."""


@dataclass(frozen=True)
class Pace:
    """A run's speed. ``seconds`` is the intended total duration; ``None`` means full speed.

    The step grows exponentially with time, because most of what is worth seeing happens early.
    """

    name: str
    summary: str
    seconds: float | None
    growth: float = 5.0

    def step_at(self, elapsed: float, steps: int) -> int:
        """The step that a run of ``steps`` should have reached after ``elapsed`` seconds."""
        if self.seconds is None or elapsed >= self.seconds:
            return steps
        share = math.expm1(self.growth * elapsed / self.seconds) / math.expm1(self.growth)
        return int(steps * share)

    def elapsed_at(self, step: int, steps: int) -> float:
        """The inverse of ``step_at``: the time on this pace's clock at which ``step`` is due."""
        if self.seconds is None:
            return 0.0
        share = step / steps
        return self.seconds * math.log1p(share * math.expm1(self.growth)) / self.growth

    def seconds_left(self, step: int, steps: int, steps_per_second: float) -> float:
        """How long the rest of a run takes that advances at ``steps_per_second`` now.

        A machine that cannot keep up with the pace is expected to stay as fast as it is. Infinite
        while nothing advances.
        """
        by_rate = (steps - step) / steps_per_second if steps_per_second > 0 else math.inf
        if self.seconds is None:
            return by_rate
        grown = step + steps / math.expm1(self.growth)
        due_per_second = grown * self.growth / self.seconds
        if steps_per_second < KEEPS_UP * due_per_second:
            return by_rate
        return self.seconds - self.elapsed_at(step, steps)


PACES: dict[str, Pace] = {
    pace.name: pace
    for pace in (
        Pace("watch", "about 20 seconds per run, slowly at first", seconds=20),
        Pace("slow", "about a minute per run, slowly at first", seconds=60),
        Pace("full", "as fast as the machine can", seconds=None),
    )
}
