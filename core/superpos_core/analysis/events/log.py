"""All events of lanes of models, sorted by step.

An event found early in a run is found again in the whole run, at the same step, as long as the same
moments are kept.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from superpos_core.analysis.events.divergence import DIVERGED
from superpos_core.analysis.events.event import Event, events_found
from superpos_core.analysis.events.loss_levels import LOSS_FALLS
from superpos_core.analysis.events.plateaus import DIMENSIONALITY
from superpos_core.analysis.events.represented import LOST, REPRESENTED
from superpos_core.analysis.events.trace import FeatureTrace, Rule, finite_part
from superpos_core.arrays import FloatArray, IntArray
from superpos_core.record.lanes import Cohort
from superpos_core.record.timeline import feature_vectors_over


def events_of_lane(
    lane: int,
    timeline_steps: Sequence[int] | IntArray,
    vectors: FloatArray,
    loss_steps: Sequence[int] | IntArray,
    losses: FloatArray,
) -> tuple[Event, ...]:
    """All events of one lane, sorted by step; those of one step in the order of ``RULES``.

    ``vectors`` are its feature vectors at ``timeline_steps``, shape (moments, n, m); ``losses``
    its mean losses at ``loss_steps``, shape (points,). Steps ascend. ``lane`` only labels the
    events.
    """
    trace = _trace(np.asarray(timeline_steps), vectors, np.asarray(loss_steps), losses)
    return events_found(lane, trace, RULES.values())


def events_of_lanes(cohort: Cohort, lanes: Iterable[int]) -> list[Event]:
    """The events of these lanes of a model so far, sorted by step."""
    nbytes = cohort.parameters.nbytes // len(cohort.lanes)
    timeline, losses = cohort.timeline.thinned(nbytes), cohort.losses
    found = [
        event
        for lane in lanes
        for event in events_of_lane(
            lane,
            timeline.steps,
            feature_vectors_over(timeline, cohort.model, lane),
            losses.steps,
            losses.mean[lane],
        )
    ]
    return sorted(found, key=lambda event: event.step)


def _trace(
    steps: IntArray, vectors: FloatArray, loss_steps: IntArray, losses: FloatArray
) -> FeatureTrace:
    """The trace up to the first loss or weight that is not finite."""
    is_finite = np.asarray(np.isfinite(vectors).all(axis=(1, 2)))
    moments, points, end = finite_part(steps, is_finite, loss_steps, losses)
    return FeatureTrace(
        steps[:moments], loss_steps[:points], losses[:points], vectors[:moments], diverged_at=end
    )


RULES: dict[str, Rule[FeatureTrace]] = {
    rule.kind: rule for rule in (REPRESENTED, LOST, DIMENSIONALITY, LOSS_FALLS, DIVERGED)
}
