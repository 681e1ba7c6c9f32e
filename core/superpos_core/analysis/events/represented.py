"""Features that become represented, and features that are lost."""

from collections.abc import Iterator

import numpy as np

from superpos_core.analysis.events.trace import Finding, Rule, Trace
from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.geometry.measures import REPRESENTED_NORM

LOST_NORM = 0.4
"""A represented feature is lost once ‖W_i‖ falls below this: hovering at 0.5 is no event."""


def _find_represented(trace: Trace) -> Iterator[Finding]:
    state = _represented_over(trace.norms)
    for moment, feature in np.argwhere(state[1:] & ~state[:-1]).tolist():
        yield int(trace.steps[moment + 1]), feature, f"feature {feature} represented"


def _find_lost(trace: Trace) -> Iterator[Finding]:
    state = _represented_over(trace.norms)
    for moment, feature in np.argwhere(state[:-1] & ~state[1:]).tolist():
        yield int(trace.steps[moment + 1]), feature, f"feature {feature} lost"


def _represented_over(norms: FloatArray) -> BoolArray:
    """Whether features are represented, (moments, n); unchanged between the two thresholds."""
    decided = (norms > REPRESENTED_NORM) | (norms < LOST_NORM)
    decided[:1] = True
    moments = np.arange(len(norms))[:, None]
    last_decided = np.maximum.accumulate(np.where(decided, moments, 0), axis=0)
    state: BoolArray = np.take_along_axis(norms > REPRESENTED_NORM, last_decided, axis=0)
    return state


REPRESENTED = Rule("represented", "the norm of a feature rises above 0.5", _find_represented)
LOST = Rule("lost", "the norm of a represented feature falls below 0.4", _find_lost)
