"""How well active latents tell which features are active."""

from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.dictionaries.rows import TrueRows
from superpos_core.arrays import BoolArray, FloatArray, IntArray, freeze


@dataclass(frozen=True)
class Detection:
    """How well latents detect features, one each, on average: all between 0 and 1.

    ``precision``: share of a latent's active rows on which its feature is. ``recall``: share of the
    feature's active rows on which the latent is. ``f1`` is their harmonic mean, and ``accuracy``
    the share of rows on which both or neither are.
    """

    precision: float
    recall: float
    f1: float
    accuracy: float


@dataclass(frozen=True)
class Activity:
    """On what share of rows features, shape (n,), latents, (K,), and pairs, (n, K), are active."""

    of_features: FloatArray
    of_latents: FloatArray
    of_both: FloatArray

    @classmethod
    def of(cls, rows: TrueRows, active_latents: BoolArray) -> "Activity":
        """The shares of ``rows`` with these ``active_latents``, (rows, K)."""
        return cls(
            of_features=freeze(rows.mean(rows.is_active)),
            of_latents=freeze(rows.mean(active_latents)),
            of_both=freeze(rows.joint(rows.is_active, active_latents)),
        )

    @property
    def true_l0(self) -> float:
        """The mean number of active features per row."""
        return float(self.of_features.sum())

    @property
    def l0(self) -> float:
        """The mean number of active latents per row."""
        return float(self.of_latents.sum())

    @property
    def is_dead(self) -> BoolArray:
        """Which latents are never active, (K,)."""
        dead: BoolArray = self.of_latents == 0
        return dead

    @property
    def precision(self) -> FloatArray:
        """Each latent as a detector of each feature: precision, (n, K); 0 if it is dead."""
        return ratio(self.of_both, self.of_latents)

    @property
    def recall(self) -> FloatArray:
        """The recall, (n, K); 0 for a feature that is never active."""
        return ratio(self.of_both, self.of_features[:, None])

    @property
    def f1(self) -> FloatArray:
        """The harmonic mean of precision and recall, (n, K); 0 if both are."""
        return ratio(2 * self.of_both, self.of_features[:, None] + self.of_latents)

    @property
    def accuracy(self) -> FloatArray:
        """The share of rows on which both or neither are active, (n, K)."""
        only_one = self.of_features[:, None] + self.of_latents - 2 * self.of_both
        accuracy: FloatArray = 1 - only_one
        return accuracy

    def detection(self, feature_of: IntArray) -> Detection:
        """The means over latents, each as a detector of its feature in ``feature_of``, (K,)."""
        pairs = feature_of, np.arange(len(feature_of))
        each = (self.precision, self.recall, self.f1, self.accuracy)
        return Detection(*(float(values[pairs].mean()) for values in each))


def ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """part/whole, and 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
