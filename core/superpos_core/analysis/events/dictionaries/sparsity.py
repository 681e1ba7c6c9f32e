"""When as many latents as features are active per row."""

from collections.abc import Iterator

import numpy as np

from superpos_core.analysis.events.changes import changes, held
from superpos_core.analysis.events.dictionaries.trace import DictionaryTrace
from superpos_core.analysis.events.trace import Finding, Rule

REACHED, LEFT = 0.05, 0.15
"""Relative distances of L0 from that of the features below and above which it is theirs or not."""


def _find_l0(trace: DictionaryTrace) -> Iterator[Finding]:
    if not trace.true_l0 > 0:
        return
    l0 = trace.activity.sum(axis=1, keepdims=True)
    distance = np.abs(l0 / trace.true_l0 - 1)
    for moment, _, is_reached in changes(held(distance <= REACHED, distance > LEFT)):
        verb = "reaches" if is_reached else "leaves"
        text = f"L0 {verb} the truth: {l0[moment, 0]:.3g}, true {trace.true_l0:.3g}"
        yield Finding(int(trace.steps[moment]), None, text)


L0 = Rule("l0", "as many latents are active per row as features, or no longer", _find_l0)
