"""The task: what models learn."""

import math
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.task.data import DISTRIBUTIONS, distribution_named
from superpos_core.task.data_files import DataFile
from superpos_core.task.dictionaries.options import trains_models_alone
from superpos_core.task.frequencies import EQUAL, FREQUENCIES, check_given, profile_named
from superpos_core.task.options import DialSpec, Options, option
from superpos_core.task.structured import Structure, check_covariance, check_own_rows
from superpos_core.task.values import Correlations, Count, Name, NameOrNumbers, Number, WholeNumber

MAX_SIZE = 16_384
MAX_ALPHA = 10
MAX_DATASET = 1 << 28
"""Maximum rows × features: 1 GiB of float32."""
MAX_IMPORTANCE = 1e6
"""Maximum importance of a feature: above this float32 losses lose the other features."""


def _has_profile(task: "Task") -> bool:
    """Whether frequencies come from a profile with an expected number of active features."""
    frequency = task.frequency
    return isinstance(frequency, str) and profile_named(frequency).has_expectation


@dataclass(frozen=True, kw_only=True)
class Task(Options):
    """Sizes and data. Raises ``InvalidValue`` for an invalid value.

    Feature i has importance ``importance``**i; 1 is uniform. m > n is allowed. ``set_size``
    neighbours form a set if the distribution has sets. Data are fresh at every step, or, with a
    ``dataset_size`` above 0, taken from that many fixed rows, drawn once per lane: all of them at
    every step, or a batch if that is smaller.

    Feature i is active with probability (1 − S)·f_i. The frequencies f_i are 1, or proportional to
    i^−``alpha`` (i = 1 … n, at most 1) with Σ f_i = ``active``, or given one by one.
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
            trains_models_alone,
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
    frequency: str | tuple[float, ...] = option(
        EQUAL,
        help=(
            f"How often each feature is active, times 1−S: {', '.join(FREQUENCIES)}; or n numbers, "
            "listed or in a file (npy, csv)."
        ),
        heading="Experiment",
        takes=NameOrNumbers(FREQUENCIES),
    )
    alpha: float = option(
        1.0,
        help="Exponent of --frequency zipf: feature i = 1 … n is active as often as i^−A.",
        heading="Experiment",
        takes=Number(least=0, most=MAX_ALPHA),
        metavar="A",
        dial=DialSpec(
            "exponent α",
            "p_i ∝ i^−α",
            (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0),
            _has_profile,
        ),
    )
    active: float = option(
        1.0,
        help="Expected active features per row at S = 0, for --frequency zipf.",
        heading="Experiment",
        takes=Number(above=0, most=MAX_SIZE),
        metavar="E",
        dial=DialSpec(
            "active E",
            "active features per row",
            (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0),
            _has_profile,
        ),
    )
    branching: int = option(
        2,
        help="Children per feature, for the distribution tree.",
        heading="Experiment",
        takes=Count(most=MAX_SIZE),
    )
    covariance: str = option(
        "",
        help="File with the covariance of normal rows (npy, npz, safetensors, csv).",
        heading="Experiment",
        takes=DataFile("covariance", check_covariance),
    )
    rows: str = option(
        "",
        help="File with rows of your own, (rows, features) (npy, npz, safetensors, csv).",
        heading="Experiment",
        takes=DataFile("rows", check_own_rows),
    )
    correlation: tuple[float, ...] = option(
        (0.0,),
        help="Correlation of features 1, 2, … with feature 0, for the distribution leader.",
        heading="Experiment",
        takes=Correlations(),
        metavar="R,…",
    )
    value_noise: float = option(
        0.0,
        help="Standard deviation of the values of active features, for the distribution leader.",
        heading="Experiment",
        takes=Number(least=0, most=1),
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
        self._check_frequency()
        self._check_files()
        source = distribution_named(self.distribution).source
        if source is not None:
            source.check(self.features, self.structure)
        self.check_rows(self.dataset_size)

    @property
    def feature_importance(self) -> FloatArray:
        """I_i = importance**i, shape (n,), float64, before any sweep."""
        return self.importance ** np.arange(self.features, dtype=np.float64)

    @property
    def has_equal_frequencies(self) -> bool:
        """Whether every feature is active with probability 1 − S, before any sweep."""
        return self.frequency == EQUAL

    @property
    def feature_frequency(self) -> FloatArray:
        """f_i: the probability that feature i is active at S = 0, shape (n,), float64."""
        if isinstance(self.frequency, tuple):
            return np.array(self.frequency, dtype=np.float64)
        return profile_named(self.frequency).of(self.features, self.alpha, self.active)

    @property
    def structure(self) -> Structure:
        """What rows that are drawn as a whole depend on."""
        return Structure(
            self.branching, self.covariance, self.rows, self.correlation, self.value_noise
        )

    def check_rows(self, rows: int) -> None:
        """Raise ``InvalidValue`` for a dataset with too many or fewer than 0 rows."""
        largest = MAX_DATASET // self.features
        if not 0 <= rows <= largest:
            too_many = f"too many with {self.features} features"
            reason = "out of range" if rows < 0 else too_many
            choices = f"0 (fresh data at every step) or a number of rows up to {largest}"
            raise InvalidValue("dataset-size", rows, reason, choices)

    def _check_frequency(self) -> None:
        if self.has_equal_frequencies:
            return
        distribution = distribution_named(self.distribution)
        if not distribution.takes_frequencies:
            reason = f"{distribution.name} data say how often features are active"
            raise InvalidValue("frequency", self.frequency_name, reason, EQUAL)
        if isinstance(self.frequency, tuple):
            check_given(self.frequency, self.features)
        elif profile_named(self.frequency).has_expectation and self.active > self.features:
            reason = f"there are {self.features} features"
            raise InvalidValue("active", self.active, reason, f"at most {self.features}")

    def _check_files(self) -> None:
        """A distribution that needs a file has one, and no file is for another distribution."""
        source = distribution_named(self.distribution).source
        needed = source.file if source is not None else ""
        for name, value in (("covariance", self.covariance), ("rows", self.rows)):
            if name == needed and not value:
                raise InvalidValue(name, "''", f"{self.distribution} data need a file", "a file")
            if name != needed and value:
                reason = f"a file of --{name} is the data"
                raise InvalidValue("distribution", self.distribution, reason, name)

    @property
    def frequency_name(self) -> str:
        """The name of the profile, if it has one."""
        return "as given" if isinstance(self.frequency, tuple) else self.frequency

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
