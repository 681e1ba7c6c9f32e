"""Whether two dictionaries have found the same latents, whatever the true features are."""

from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.dictionaries.matching import (
    RECOVERED_COSINE,
    Matching,
    cosines_between,
    match,
)
from superpos_core.arrays import FloatArray, freeze


@dataclass(frozen=True)
class Consistency:
    """The cosines, (K, L), of one dictionary's latents with another's, and which are partners.

    ``matching`` pairs them one to one: ``matching.mcc`` is the pairwise MCC, PW-MCC, of Song et al.
    2025, "Mechanistic Interpretability Should Prioritize Feature Consistency in SAEs".
    """

    cosines: FloatArray
    matching: Matching

    @property
    def shared(self) -> int:
        """The number of latents with a partner that points the same way."""
        return int(np.count_nonzero(self.matching.cosines >= RECOVERED_COSINE))


def consistency_of(first: FloatArray, second: FloatArray) -> Consistency:
    """Compare two decoders, (K, d) and (L, d)."""
    cosines = freeze(cosines_between(first, second))
    return Consistency(cosines, match(cosines))
