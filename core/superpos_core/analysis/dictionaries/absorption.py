"""Features whose latents others replace: absorption, and features split among several latents."""

from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.dictionaries.activity import Activity, ratio
from superpos_core.analysis.dictionaries.matching import UNMATCHED, Matching, cosines_between
from superpos_core.analysis.dictionaries.rows import TrueRows
from superpos_core.arrays import BoolArray, FloatArray, IntArray, freeze

OWN_COSINE = 0.9
"""Cosine from which a latent is one of a feature's own."""
ABSORBED_COSINE = 0.1
"""How much larger a child's latent's cosine with the parent is than the child's, if it absorbs."""


@dataclass(frozen=True)
class Absorption:
    """Which features are absorbed or split.

    A parent i that has latents of its own is absorbed by a child j on rows with both on which all
    of the parent's own are silent and the child's is active, if the child's has a direction that
    contains some of the parent's (Chanin et al. 2024, "A is for Absorption", with the true features
    in place of probes). ``rates`` (n, n) are the shares of rows with both i and j where that is so,
    and ``absorbed`` (n,) the share of rows with i on which any child does it.

    ``own_latents`` (n,) are how many latents each feature has: it is split if there are several.
    """

    rates: FloatArray
    absorbed: FloatArray
    own_latents: IntArray


def absorption_of(
    rows: TrueRows,
    active_latents: BoolArray,
    activity: Activity,
    cosines: FloatArray,
    matching: Matching,
    directions: FloatArray,
) -> Absorption:
    """Find absorbed and split features; ``active_latents`` has shape (rows, K).

    ``cosines`` (n, K) and ``matching`` are those of the ``directions`` (n, d) and the latents.
    """
    own = _own_latents(cosines, activity.is_dead)
    can_absorb = _can_absorb(cosines, matching, directions)
    active = rows.is_active
    latents_of_own = active_latents.astype(np.float32) @ own.T.astype(np.float32)
    is_silent = active & own.any(axis=1) & (latents_of_own == 0)
    has_latent = matching.latent_of != UNMATCHED
    is_detected = active & active_latents[:, matching.latent_of] & has_latent
    replaced = rows.joint(is_silent, is_detected) * can_absorb
    absorbers = is_detected.astype(np.float32) @ can_absorb.T.astype(np.float32)
    is_absorbed = is_silent & (absorbers > 0)
    return Absorption(
        rates=freeze(ratio(replaced, rows.joint(active, active))),
        absorbed=freeze(ratio(rows.mean(is_absorbed), activity.of_features)),
        own_latents=freeze(own.sum(axis=1)),
    )


def _own_latents(cosines: FloatArray, is_dead: BoolArray) -> BoolArray:
    """Which latents are each feature's own, (n, K): living ones that point along it most."""
    n, latents = cosines.shape
    own = np.zeros((n, latents), np.bool_)
    nearest = np.nan_to_num(cosines, nan=-1).argmax(axis=0)
    every = np.arange(latents)
    own[nearest, every] = (cosines[nearest, every] >= OWN_COSINE) & ~is_dead
    return own


def _can_absorb(cosines: FloatArray, matching: Matching, directions: FloatArray) -> BoolArray:
    """Whether the latent of feature j, if it has one, contains some of feature i, (n, n)."""
    beyond = cosines[:, matching.latent_of] - cosines_between(directions, directions)
    can: BoolArray = beyond >= ABSORBED_COSINE
    return can
