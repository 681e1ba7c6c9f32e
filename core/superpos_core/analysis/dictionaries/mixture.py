"""Which features a latent mixes: as few true directions as explain its own."""

from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.dictionaries.matching import SMALLEST_LENGTH
from superpos_core.arrays import FloatArray

MOST_FEATURES = 3
EXPLAINED_COSINE = 0.98
"""Cosine of a latent and its mixture from which no further feature is added."""
AGAINST = 0.5
"""How much a negative cosine counts beside a positive one: activations are never negative."""
SMALLEST_COSINE = 0.1
"""Cosine with what is left of a latent below which a feature explains nothing of it."""


@dataclass(frozen=True)
class Mixture:
    """The direction of a latent as a sum of true directions, all of length 1.

    ``features`` are those with the largest \\|``coefficients``\\| first; ``cosine`` is that of the
    latent with the sum, 0 without features.
    """

    features: tuple[int, ...]
    coefficients: tuple[float, ...]
    cosine: float


def mixture_of(latent: FloatArray, directions: FloatArray) -> Mixture:
    """What ``latent`` (d,) mixes of ``directions`` (n, d), of any lengths.

    Cosines alone would mislead: in superposition one true direction has cosines with many others.
    So features are added one by one, each time the one nearest to what is left, and all
    coefficients are fitted again (orthogonal matching pursuit, Pati et al. 1993).
    """
    unit = _unit(directions)
    target = _unit(latent)
    if not (np.isfinite(target).all() and target.any()):
        return Mixture((), (), 0.0)
    chosen: list[int] = []
    fitted: FloatArray = np.zeros(0)
    left, cosine = target, 0.0
    while len(chosen) < MOST_FEATURES and cosine < EXPLAINED_COSINE:
        cosines = np.nan_to_num(unit @ left) / np.linalg.norm(left)
        similarity = np.where(cosines > 0, cosines, -AGAINST * cosines)
        similarity[chosen] = 0
        nearest = int(similarity.argmax())
        if similarity[nearest] < SMALLEST_COSINE:
            break
        chosen.append(nearest)
        fitted = np.linalg.lstsq(unit[chosen].T, target, rcond=None)[0]
        left = target - fitted @ unit[chosen]
        cosine = float(np.sqrt(max(1 - float(left @ left), 0)))
    order = np.argsort(-np.abs(fitted), kind="stable")
    return Mixture(
        tuple(chosen[index] for index in order), tuple(float(fitted[i]) for i in order), cosine
    )


def _unit(vectors: FloatArray) -> FloatArray:
    wide = np.asarray(vectors, np.float64)
    with np.errstate(all="ignore"):
        lengths = np.linalg.norm(wide, axis=-1, keepdims=True)
        unit: FloatArray = wide / np.maximum(lengths, SMALLEST_LENGTH)
    return unit
