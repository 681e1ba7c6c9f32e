"""The task: what models learn."""

import math
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.task.data import DISTRIBUTIONS, distribution_named
from superpos_core.task.options import DialSpec, Options, option
from superpos_core.task.values import Count, Name, Number, WholeNumber

MAX_SIZE = 4096
MAX_DATASET = 1 << 28
"""Maximum rows × features: 1 GiB of float32."""
MAX_IMPORTANCE = 1e6
"""Maximum importance of a feature: above this float32 losses lose the other features."""


@dataclass(frozen=True, kw_only=True)
class Task(Options):
    """Sizes and data. Raises ``InvalidValue`` for an invalid value.

    Feature i has importance ``importance``**i; 1 is uniform. m > n is allowed. ``set_size``
    neighbours form a set if the distribution has sets. Data are fresh at every step, or, with a
    ``dataset_size`` above 0, taken from that many fixed rows, drawn once per lane: all of them at
    every step, or a batch if that is smaller.
    """

    features: int = option(
        20,
        help="Number of features n.",
        heading="Experiment",
        takes=Count(most=MAX_SIZE),
    )
    hidden: int = option(
        5,
        help="Number of hidden dimensions m.",
        heading="Experiment",
        takes=Count(most=MAX_SIZE),
        metavar="M",
    )
    importance: float = option(
        0.7,
        help="Importance I_i = R^i of feature i; 1 is uniform.",
        heading="Experiment",
        takes=Number(),
        metavar="R",
        dial=DialSpec(
            "importance R",
            "I_i = R^i of feature i",
            (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0),
        ),
    )
    distribution: str = option(
        "uniform",
        help=f"Data distribution: {', '.join(DISTRIBUTIONS)}.",
        heading="Experiment",
        takes=Name(DISTRIBUTIONS),
    )
    set_size: int = option(
        2,
        help="Features per set, for distributions with sets.",
        heading="Experiment",
        takes=Count(most=MAX_SIZE),
    )
    dataset_size: int = option(
        0,
        help="Fixed rows to train on; 0 draws fresh ones at every step.",
        heading="Experiment",
        takes=WholeNumber(),
        metavar="T",
    )

    def check_together(self) -> None:
        super().check_together()
        self._check_importance()
        self._check_set_size()
        self.check_rows(self.dataset_size)

    @property
    def feature_importance(self) -> FloatArray:
        """I_i = importance**i, shape (n,), float64, before any sweep."""
        return self.importance ** np.arange(self.features, dtype=np.float64)

    def check_rows(self, rows: int) -> None:
        """Raise ``InvalidValue`` for a dataset with too many or fewer than 0 rows."""
        largest = MAX_DATASET // self.features
        if not 0 <= rows <= largest:
            too_many = f"too many with {self.features} features"
            reason = "out of range" if rows < 0 else too_many
            choices = f"0 (fresh data at every step) or a number of rows up to {largest}"
            raise InvalidValue("dataset-size", rows, reason, choices)

    def _check_importance(self) -> None:
        """I_0 = 1, so the last feature has the extreme importance."""
        ratio, last = self.importance, self.features - 1
        if not (math.isfinite(ratio) and ratio > 0):
            reason = "R in I_i = R^i must be positive"
            raise InvalidValue("importance", ratio, reason, "0 < R, such as 0.7 or 1")
        if last * math.log(ratio) > math.log(MAX_IMPORTANCE):
            largest = math.floor(MAX_IMPORTANCE ** (1 / last) * 1000) / 1000
            reason = f"R^{last} overflows with {self.features} features"
            raise InvalidValue(
                "importance", ratio, reason, f"0 < R <= {largest:g}, such as 0.7 or 1"
            )

    def _check_set_size(self) -> None:
        if not distribution_named(self.distribution).has_sets or self.features % self.set_size == 0:
            return
        divisors = [size for size in range(1, self.features + 1) if self.features % size == 0]
        nearest = min(divisors, key=lambda size: abs(size - self.set_size))
        reason = f"{self.features} features do not divide into sets of {self.set_size}"
        raise InvalidValue("set-size", self.set_size, reason, f"{nearest}, which divides them")
