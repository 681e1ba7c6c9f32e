"""Learning-rate schedules: the factor on the rate at each step.

To add one, add an entry to ``SCHEDULES``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from superpos_core.errors import lookup


@dataclass(frozen=True)
class Schedule:
    """A schedule; ``factor`` maps the completed share of the run, 0 … 1, to a factor."""

    name: str
    summary: str
    factor: Callable[[NDArray[np.float64]], NDArray[np.float64]]

    def rates(
        self, base: float, first: int, count: int, steps: int, warm_up: int = 0
    ) -> NDArray[np.float64]:
        """The learning rates of ``count`` steps from step ``first``, counted from 0.

        In a run of ``steps`` steps the rate rises linearly from 0 in the first ``warm_up`` steps,
        then follows the schedule from ``base``. Steps beyond the end keep the last rate.
        """
        step = np.minimum(np.arange(first, first + count), steps - 1)
        share = np.maximum(step - warm_up, 0) / max(steps - 1 - warm_up, 1)
        warmth = np.minimum(step, warm_up) / warm_up if warm_up else 1.0
        return base * self.factor(share) * warmth


SCHEDULES: dict[str, Schedule] = {
    schedule.name: schedule
    for schedule in (
        Schedule("constant", "the same rate at every step", np.ones_like),
        Schedule("linear", "down to 0 in a straight line", lambda share: 1 - share),
        Schedule("cosine", "down to 0 as cos(π/2·t)", lambda share: np.cos(np.pi / 2 * share)),
    )
}


def schedule_named(name: str) -> Schedule:
    """The schedule called ``name``; raises ``InvalidValue`` if there is none."""
    return lookup("learning-rate-schedule", SCHEDULES, name)
