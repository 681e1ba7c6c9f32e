"""Which latent of a dictionary is which feature: cosines, and the best one-to-one matching."""

from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.dictionaries.assignment import cheapest_assignment
from superpos_core.arrays import BoolArray, FloatArray, IntArray, freeze

SMALLEST_LENGTH = 1e-8
"""Length below which a vector has no direction; SAELens uses the same."""
UNMATCHED = -1
LARGEST_COSINE = 1.0
"""Where colour scales of cosines end."""
RECOVERED_COSINE = 0.98
"""\\|cosine\\| of a feature with its latent from which it counts as recovered."""


def cosines_between(features: FloatArray, latents: FloatArray) -> FloatArray:
    """The cosines, shape (n, K), float64, between rows of (n, d) and rows of (K, d).

    0 for vectors shorter than ``SMALLEST_LENGTH``, NaN for those that are not finite.
    """
    with np.errstate(all="ignore"):
        cosines: FloatArray = _unit(features) @ _unit(latents).T
    return cosines


def _unit(vectors: FloatArray) -> FloatArray:
    wide = np.asarray(vectors, np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    unit: FloatArray = wide / np.maximum(lengths, SMALLEST_LENGTH)
    return unit


@dataclass(frozen=True)
class Matching:
    """Features and latents, one to one, such that the sum of their \\|cosines\\| is largest.

    ``latent_of`` (n,) has each feature's latent, or ``UNMATCHED`` if there are more features than
    latents. ``cosines`` (n,) are the signed ones of the pairs, 0 for unmatched features.
    """

    latent_of: IntArray
    cosines: FloatArray

    @property
    def mcc(self) -> float:
        """The mean \\|cosine\\| of matched pairs; 1 for a perfect dictionary.

        The mean correlation coefficient of SAELens (Song et al. 2025, "Mechanistic Interpretability
        Should Prioritize Feature Consistency in SAEs").
        """
        return float(np.abs(self.cosines[self.latent_of != UNMATCHED]).mean())

    @property
    def is_recovered(self) -> BoolArray:
        """Which features have a latent of their own that points along them, (n,)."""
        recovered: BoolArray = np.abs(self.cosines) >= RECOVERED_COSINE
        return recovered

    def order(self, latents: int) -> IntArray:
        """The order of ``latents`` latents: matched ones like their features, then the rest."""
        matched = self.latent_of[self.latent_of != UNMATCHED]
        return np.concatenate([matched, np.setdiff1d(np.arange(latents), matched)])


def match(cosines: FloatArray) -> Matching:
    """Match features and latents with these cosines, shape (n, K)."""
    n, latents = cosines.shape
    size = np.abs(np.nan_to_num(cosines))
    latent_of = np.full(n, UNMATCHED)
    if n <= latents:
        latent_of[:] = cheapest_assignment(-size)
    else:
        latent_of[cheapest_assignment(-size.T)] = np.arange(latents)
    pairs = np.where(latent_of == UNMATCHED, 0.0, cosines[np.arange(n), latent_of])
    return Matching(freeze(latent_of), freeze(pairs))
