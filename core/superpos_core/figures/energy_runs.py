"""The lanes whose energy levels are drawn, and the data drawn for each."""

from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.energy_levels import Jump, jumps_of_lane
from superpos_core.analysis.events.event import Event
from superpos_core.analysis.events.log import events_of_lanes
from superpos_core.analysis.stages import loss_over, settling_steps
from superpos_core.arrays import FloatArray, IntArray
from superpos_core.figures.tools.log_axes import steps_from
from superpos_core.figures.tools.placing import evenly
from superpos_core.geometry.feature_vectors import feature_vectors
from superpos_core.geometry.measures import REPRESENTED_NORM, feature_norms
from superpos_core.record.lanes import Cohort
from superpos_core.record.timeline import feature_dimensionality_over
from superpos_core.task.config import ExperimentConfig

MAX_SETTINGS = 3
MAX_RESTARTS = 2
"""Maximum number of jumping restarts drawn side by side if there is one setting."""
SUDDEN = ("dimensionality", "loss", "diverged")
"""The kinds of events that are marked: jumps between shapes, and falls of the loss."""


@dataclass(frozen=True)
class Run:
    """The data drawn for a lane.

    ``dimensionality`` has shape (moments, n); ``settled``, shape (n,), has the steps from which it
    stays above half its final value, NaN for features that are ignored in the end.
    """

    lane: int
    steps: IntArray
    dimensionality: FloatArray
    settled: FloatArray
    losses: FloatArray
    events: tuple[Event, ...]
    jumps: tuple[Jump, ...]

    @classmethod
    def of(cls, config: ExperimentConfig, cohort: Cohort, lane: int) -> "Run":
        steps = cohort.timeline.steps
        dimensionality = feature_dimensionality_over(cohort.timeline, cohort.model, lane)
        last = feature_vectors(cohort.model, cohort.timeline.moments[-1].parameters.take(lane))
        settled = settling_steps(steps, dimensionality)
        settled[~(feature_norms(last) > REPRESENTED_NORM)] = np.nan
        losses = loss_over(config, cohort.lanes[lane], cohort.timeline, lane)
        jumps = jumps_of_lane(cohort, config, lane)
        events = [
            event
            for event in events_of_lanes(cohort, [lane])
            if event.kind in SUDDEN and event.step >= steps_from(steps)
        ]
        # A jump is marked as a whole; other sudden events have the same cause.
        shown = () if jumps else tuple(events)
        return cls(lane, steps, dimensionality, settled, losses, shown, jumps)


@dataclass(frozen=True)
class Choice:
    """The lanes to draw, and the number of restarts that jump if there is one setting."""

    lanes: tuple[int, ...]
    jumping: int

    @classmethod
    def of(cls, config: ExperimentConfig, cohort: Cohort) -> "Choice":
        """The best lane of each setting, or for a single setting restarts that jump, if any."""
        settings = range(len(config.settings))
        if len(settings) > 1:
            chosen = evenly(settings, MAX_SETTINGS)
            return cls(tuple(cohort.ranked(setting)[0] for setting in chosen), 0)
        ranked = [int(lane) for lane in cohort.ranked(0)]
        sizes = {lane: _changing(jumps_of_lane(cohort, config, lane)) for lane in ranked}
        jumping = [lane for lane in ranked if sizes[lane] > 0]
        if not jumping:
            return cls((ranked[0],), 0)
        largest = max(jumping, key=lambda lane: sizes[lane])
        others = [lane for lane in jumping if lane != largest]
        return cls((largest, *others)[:MAX_RESTARTS], len(jumping))


def _changing(jumps: tuple[Jump, ...]) -> int:
    """The number of represented features that change their D_i in these jumps."""
    return sum(len(jump.changes) for jump in jumps)
