"""What sparse dictionaries learn of a parent and its child: hedging and absorption.

Both features have the value 1 and orthogonal directions. The child is active only with its parent:
``parent_alone`` is the probability P1 of rows with the parent alone, and ``both`` P12 of rows with
both. Arguments broadcast against each other.
"""

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue

Probability = FloatArray | float

ABSORBED_COSINE = float(np.sqrt(0.5))
"""Cosine of an absorbing latent with the parent and with the child: its direction is their sum."""


def hedging_angle(parent_alone: Probability, both: Probability) -> FloatArray:
    """φ*, in radians from the parent towards the child, of a single latent without b_dec.

    The best reconstruction along one line is that along the first eigenvector of the second moments
    ((P1 + P12, P12), (P12, P12)), so φ* = ½·atan2(2·P12, P1). The latent hedges: it contains part
    of the child (Chanin et al. 2025, "Feature Hedging"). NaN if no feature is ever active. Raises
    ``InvalidValue`` for values that are not the probabilities of different rows.
    """
    alone, together = _checked(parent_alone, both)
    angle = np.arctan2(2 * together, alone) / 2
    return np.where(alone + together > 0, angle, np.nan)


def hedging_cosines(parent_alone: Probability, both: Probability) -> FloatArray:
    """The cosines of that latent with the parent and with the child, shape (…, 2)."""
    angle = hedging_angle(parent_alone, both)
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def separate_activity(parent_alone: Probability, both: Probability) -> FloatArray:
    """Σ_j E[f_j] of two latents of length 1 that are the two features: P1 + 2·P12."""
    alone, together = _checked(parent_alone, both)
    return alone + 2 * together


def absorbed_activity(parent_alone: Probability, both: Probability) -> FloatArray:
    """Σ_j E[f_j] if the child's latent absorbs the parent: P1 + √2·P12.

    On rows with both, only the child's latent is active, with √2 along the sum of both directions.
    The reconstruction is perfect either way, so a penalty on activity favours absorption (Chanin et
    al. 2024, "A is for Absorption").
    """
    alone, together = _checked(parent_alone, both)
    activity: FloatArray = alone + np.sqrt(2) * together
    return activity


def _checked(parent_alone: Probability, both: Probability) -> tuple[FloatArray, FloatArray]:
    alone, together = (np.asarray(each, dtype=np.float64) for each in (parent_alone, both))
    for name, values, others in (
        ("parent-alone", alone, np.zeros(())),
        ("both", together, alone),
    ):
        wrong = ~((values >= 0) & (values + others <= 1 + 1e-12))
        if wrong.any():
            value = np.broadcast_to(values, wrong.shape)[wrong][0]
            reason = "the probabilities of different rows sum to at most 1"
            raise InvalidValue(name, value, reason, "a probability, such as 0.05")
    return alone, together
