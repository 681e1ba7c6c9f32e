"""Latents that fall silent, are active again, or are resampled because they were silent.

A latent is silent while it is active on none of the rows. A change counts once the next moment
confirms it.
"""

from collections.abc import Iterator

import numpy as np

from superpos_core.analysis.dictionaries.matching import cosines_between
from superpos_core.analysis.events.changes import changes, confirmed
from superpos_core.analysis.events.dictionaries.trace import DictionaryTrace
from superpos_core.analysis.events.trace import Finding, Rule
from superpos_core.arrays import BoolArray

UNMOVED = 0.99
"""The cosine with its last direction above which a silent latent is the same: a latent without a
gradient stays where it is, up to what is left of its momentum, and rows that are rarer than those
it is seen on."""


def _find_dead(trace: DictionaryTrace) -> Iterator[Finding]:
    for moment, latent, is_alive in changes(confirmed(trace.is_active)):
        if not is_alive:
            text = f"latent {latent} dies: it is active on no row"
            yield Finding(int(trace.steps[moment]), None, text, latent)


def _find_alive(trace: DictionaryTrace) -> Iterator[Finding]:
    resampled = _is_resampled(trace)
    for moment, latent, is_alive in changes(confirmed(trace.is_active)):
        if is_alive and not resampled[moment, latent]:
            text = f"latent {latent} is active again"
            yield Finding(int(trace.steps[moment]), None, text, latent)


def _find_resampled(trace: DictionaryTrace) -> Iterator[Finding]:
    for moment, latent in np.argwhere(_is_resampled(trace)).tolist():
        text = f"latent {latent} is resampled in a new direction"
        yield Finding(int(trace.steps[moment]), None, text, latent)


def _is_resampled(trace: DictionaryTrace) -> BoolArray:
    """At which moments silent latents have a new direction, shape (moments, K)."""
    resampled = np.zeros(trace.activity.shape, np.bool_)
    for moment in range(1, len(trace.steps)):
        if not _may_be_resampled(trace, moment):
            continue
        before, now = trace.decoders[moment - 1], trace.decoders[moment]
        has_moved = np.diag(cosines_between(before, now)) < UNMOVED
        resampled[moment] = has_moved & ~trace.is_active[moment - 1]
    return resampled


def _may_be_resampled(trace: DictionaryTrace, moment: int) -> bool:
    """Whether latents were resampled between this moment and the one before.

    That is before steps, counted from 0, which are multiples of ``resample_every``.
    """
    every, before, now = trace.resample_every, trace.steps[moment - 1], trace.steps[moment]
    return every > 0 and (int(now) - 1) // every > (max(int(before), 1) - 1) // every


DEAD = Rule("dead", "a latent is no longer active on any row", _find_dead)
ALIVE = Rule("alive", "a dead latent is active again", _find_alive)
RESAMPLED = Rule("resampled", "a silent latent gets a new direction", _find_resampled)
