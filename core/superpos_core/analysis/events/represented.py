"""Features that become represented, and features that are lost."""

from collections.abc import Iterator

from superpos_core.analysis.events.changes import changes, held
from superpos_core.analysis.events.trace import FeatureTrace, Finding, Rule
from superpos_core.geometry.measures import REPRESENTED_NORM

LOST_NORM = 0.4
"""A represented feature is lost once ‖W_i‖ falls below this: hovering at 0.5 is no event."""


def _find_represented(trace: FeatureTrace) -> Iterator[Finding]:
    return _changes(trace, to=True, what="represented")


def _find_lost(trace: FeatureTrace) -> Iterator[Finding]:
    return _changes(trace, to=False, what="lost")


def _changes(trace: FeatureTrace, *, to: bool, what: str) -> Iterator[Finding]:
    state = held(trace.norms > REPRESENTED_NORM, trace.norms < LOST_NORM)
    for moment, feature, is_represented in changes(state):
        if is_represented == to:
            yield Finding(int(trace.steps[moment]), feature, f"feature {feature} {what}")


REPRESENTED = Rule("represented", "the norm of a feature rises above 0.5", _find_represented)
LOST = Rule("lost", "the norm of a represented feature falls below 0.4", _find_lost)
