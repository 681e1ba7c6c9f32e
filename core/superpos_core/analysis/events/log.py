"""All events of lanes, sorted by step.

An event found early in a run is found again in the whole run, at the same step, as long as the same
moments are kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.events.loss_levels import LOSS_FALLS
from superpos_core.analysis.events.plateaus import DIMENSIONALITY
from superpos_core.analysis.events.represented import LOST, REPRESENTED
from superpos_core.analysis.events.trace import Finding, Rule, Trace
from superpos_core.arrays import FloatArray, IntArray
from superpos_core.record.lanes import Cohort
from superpos_core.record.timeline import feature_vectors_over


@dataclass(frozen=True)
class Event:
    """Something that happened in one lane; ``feature`` is set if it concerns one feature."""

    step: int
    lane: int
    kind: str
    feature: int | None
    text: str


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
    events = [
        Event(step, lane, rule.kind, feature, text)
        for rule in RULES.values()
        for step, feature, text in rule.find(trace)
    ]
    return tuple(sorted(events, key=lambda event: event.step))


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


def _trace(steps: IntArray, vectors: FloatArray, loss_steps: IntArray, losses: FloatArray) -> Trace:
    """The trace up to the first loss or weight that is not finite."""
    broken = np.concatenate(
        [steps[~np.isfinite(vectors).all(axis=(1, 2))], loss_steps[~np.isfinite(losses)]]
    )
    if not broken.size:
        return Trace(steps, vectors, loss_steps, losses)
    end = int(broken.min())
    moments, points = np.searchsorted(steps, end), np.searchsorted(loss_steps, end)
    return Trace(steps[:moments], vectors[:moments], loss_steps[:points], losses[:points], end)


def _find_divergence(trace: Trace) -> Iterator[Finding]:
    if trace.diverged_at is not None:
        yield trace.diverged_at, None, "diverged"


DIVERGED = Rule("diverged", "a loss or a weight is not finite", _find_divergence)
RULES: dict[str, Rule] = {
    rule.kind: rule for rule in (REPRESENTED, LOST, DIMENSIONALITY, LOSS_FALLS, DIVERGED)
}
