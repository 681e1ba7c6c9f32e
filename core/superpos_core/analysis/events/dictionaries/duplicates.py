"""Latents that come to lie along a feature which another one has already, and leave it again."""

from collections.abc import Iterator

import numpy as np

from superpos_core.analysis.dictionaries.duplicates import NO_LATENT, duplicate_of
from superpos_core.analysis.events.changes import changes, confirmed
from superpos_core.analysis.events.dictionaries.trace import DictionaryTrace
from superpos_core.analysis.events.trace import Finding, Rule
from superpos_core.arrays import IntArray


def _find_duplicates(trace: DictionaryTrace) -> Iterator[Finding]:
    others = _others(trace)
    for moment, latent, is_duplicate in changes(confirmed(others != NO_LATENT)):
        text = (
            f"latent {latent} duplicates latent {others[moment, latent]}"
            if is_duplicate
            else f"latent {latent} is no duplicate any more"
        )
        yield Finding(int(trace.steps[moment]), None, text, latent)


def _others(trace: DictionaryTrace) -> IntArray:
    """The latent that each latent duplicates at each moment, or ``NO_LATENT``, (moments, K)."""
    found = [
        duplicate_of(cosines, ~is_active)
        for cosines, is_active in zip(trace.all_cosines, trace.is_active, strict=True)
    ]
    return np.reshape(found, trace.activity.shape).astype(np.int64)


DUPLICATE = Rule(
    "duplicate", "a latent lies along another one's feature, or no longer", _find_duplicates
)
