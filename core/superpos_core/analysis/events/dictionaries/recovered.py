"""Features that a latent of their own comes to point along, and features that it leaves."""

from collections.abc import Iterator

import numpy as np

from superpos_core.analysis.dictionaries.matching import RECOVERED_COSINE
from superpos_core.analysis.events.changes import changes, held
from superpos_core.analysis.events.dictionaries.trace import DictionaryTrace
from superpos_core.analysis.events.trace import Finding, Rule

LOST_COSINE = 0.95
"""A recovered feature is lost once no latent has so large a \\|cosine\\|: hovering is no event."""


def _find_recovered(trace: DictionaryTrace) -> Iterator[Finding]:
    for moment, feature, is_recovered in _changes(trace):
        if is_recovered:
            latent = int(trace.latent_of[moment, feature])
            text = f"feature {feature} recovered by latent {latent}"
            yield Finding(int(trace.steps[moment]), feature, text, latent)


def _find_lost(trace: DictionaryTrace) -> Iterator[Finding]:
    for moment, feature, is_recovered in _changes(trace):
        if not is_recovered:
            yield Finding(int(trace.steps[moment]), feature, f"feature {feature} lost")


def _changes(trace: DictionaryTrace) -> Iterator[tuple[int, int, bool]]:
    best = np.abs(trace.all_cosines).max(axis=-1)
    return changes(held(trace.cosines >= RECOVERED_COSINE, best < LOST_COSINE))


RECOVERED = Rule(
    "recovered", "the cosine of a feature with its latent reaches 0.98", _find_recovered
)
LOST = Rule("lost", "no latent has a cosine of 0.95 with it any more", _find_lost)
