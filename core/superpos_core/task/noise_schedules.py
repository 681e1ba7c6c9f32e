"""Schedules of the noise on the hidden layer: the factor on σ at each step of a run.

σ is constant on plateaus, so that models have time to settle and an engine takes many steps at one
σ. To add a schedule, add an entry to ``NOISE_SCHEDULES``.
"""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import lookup

STAIRS = 20
"""Number of steps from no noise up to all of it."""
CONSTANT = "constant"


@dataclass(frozen=True)
class NoiseSchedule:
    """A schedule: ``factors`` on σ, one for each of the plateaus that share a run equally."""

    name: str
    summary: str
    factors: tuple[float, ...]

    def changes(self, steps: int) -> tuple[int, ...]:
        """The first step of each plateau but the first, in a run of ``steps`` steps.

        If there are fewer steps than plateaus, several plateaus start at one step: the last counts.
        """
        count = len(self.factors)
        return tuple(plateau * steps // count for plateau in range(1, count))

    def factors_from(self, first: int, count: int, steps: int) -> FloatArray:
        """The factors of ``count`` steps from step ``first``, counted from 0, shape (count,).

        Steps beyond the end keep the last factor.
        """
        taken = np.arange(first, first + count)
        plateaus = np.searchsorted(self.changes(steps), taken, side="right")
        factors: FloatArray = np.array(self.factors)[plateaus]
        return factors


def _up_and_down(stairs: int) -> tuple[float, ...]:
    up = [stair / stairs for stair in range(stairs + 1)]
    return (*up, *up[-2::-1])


NOISE_SCHEDULES: dict[str, NoiseSchedule] = {
    schedule.name: schedule
    for schedule in (
        NoiseSchedule(CONSTANT, "the same noise at every step", (1.0,)),
        NoiseSchedule(
            "up-and-down", f"up from 0 in {STAIRS} stairs, and down again", _up_and_down(STAIRS)
        ),
    )
}


def noise_schedule_named(name: str) -> NoiseSchedule:
    """The schedule called ``name``; raises ``InvalidValue`` if there is none."""
    return lookup("hidden-noise-schedule", NOISE_SCHEDULES, name)
