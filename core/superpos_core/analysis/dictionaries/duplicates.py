"""Latents that lie along a feature which another active latent has already: neither is dead."""

import numpy as np

from superpos_core.analysis.dictionaries.matching import RECOVERED_COSINE
from superpos_core.arrays import BoolArray, FloatArray, IntArray, freeze

NO_LATENT = -1


def duplicate_of(cosines: FloatArray, is_dead: BoolArray) -> IntArray:
    """The latent that each latent duplicates, or ``NO_LATENT``; shape (K,).

    ``cosines`` (n, K) are those of features and latents, with their signs: of two opposite features
    each may have its own latent. A latent belongs to the feature with the largest cosine, if that
    is at least ``RECOVERED_COSINE`` and it is not dead; the closest one has the feature, and the
    others duplicate it.
    """
    found = np.nan_to_num(cosines)
    feature, cosine = found.argmax(axis=0), found.max(axis=0)
    along = np.flatnonzero((cosine >= RECOVERED_COSINE) & ~is_dead)
    owner = np.full(len(cosines), NO_LATENT)
    for latent in along[np.argsort(-cosine[along], kind="stable")].tolist():
        if owner[feature[latent]] == NO_LATENT:
            owner[feature[latent]] = latent
    duplicates = np.full(cosines.shape[1], NO_LATENT)
    duplicates[along] = np.where(owner[feature[along]] == along, NO_LATENT, owner[feature[along]])
    return freeze(duplicates)
