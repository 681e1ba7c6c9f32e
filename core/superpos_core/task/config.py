"""What an experiment trains, frozen and validated: the one description that everything reads."""

import math
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.task.data import Distribution, distribution_named
from superpos_core.task.models import model_named
from superpos_core.task.optimisers import optimiser_named
from superpos_core.task.schedules import schedule_named
from superpos_core.task.starts import INDEPENDENT, start_named
from superpos_core.task.sweeps import sweep_named

LARGEST_SIZE = 4096
LARGEST_BATCH = 1 << 20
LARGEST_STEPS = 10_000_000
LARGEST_DATASET = 1 << 28
"""Rows × features, 1 GiB of float32."""
LARGEST_RESTARTS = 100_000
LARGEST_PENALTY = 1000
LARGEST_SEED = 2**63 - 1
LARGEST_SPARSITY = 0.99999
"""Draws have 24 bits: at this sparsity the share of active features is still right to 1 %."""
LARGEST_IMPORTANCE = 1e6
"""Above this a weighted loss leaves float32 no digits for the other features."""
FEW_LANES = 1000
LIST_WANTED = "one value or a comma-separated list"


@dataclass(frozen=True)
class Lane:
    """One model at one sparsity with one seed: the unit that trains."""

    model: str
    sparsity: float
    seed: int
    swept: float | None = None
    """The value that the config's sweep takes in this lane; ``None`` where nothing is swept."""

    @property
    def density(self) -> float:
        """1 − S, the probability that a feature is active."""
        return density_of(self.sparsity)

    def random(self, purpose: str) -> np.random.Generator:
        """A generator of this lane's own, one for each purpose.

        It depends on nothing but the lane and the purpose, so a lane's numbers are the same
        whatever trains beside it.
        """
        return np.random.Generator(np.random.PCG64(self.seed_sequence(purpose)))

    def seed_sequence(self, purpose: str) -> np.random.SeedSequence:
        """The entropy behind ``random``, for engines with a generator of their own."""
        # −0.0 equals 0.0 but has other bits; adding 0 makes it 0.
        sparsity_bits = int(np.float64(self.sparsity + 0.0).view(np.uint64))
        names = zlib.crc32(f"{self.model}/{purpose}".encode())
        entropy = [self.seed, sparsity_bits, names]
        if self.swept is not None:
            entropy.append(int(np.float64(self.swept + 0.0).view(np.uint64)))
        return np.random.SeedSequence(entropy)


@dataclass(frozen=True)
class Setting:
    """What a model is trained at: a sparsity and, in a sweep, a value of what is swept."""

    sparsity: float
    swept: float | None = None

    @property
    def density(self) -> float:
        """1 − S, the probability that a feature is active."""
        return density_of(self.sparsity)


@dataclass(frozen=True)
class ExperimentConfig:
    """A named experiment's settings. Raises ``InvalidValue`` for any that cannot be used.

    Feature i weighs ``importance``**i in the loss; ``importance`` 1 is uniform. m > n is allowed.
    Every model trains at every setting: each of ``sparsities`` with each of ``sweep_values``, where
    something is swept. ``restarts`` seeds train each setting: ``seed``, ``seed`` + 1 and so on.

    ``set_size`` neighbours form a set, where the distribution has sets. Data are fresh at every
    step, or with a ``dataset_size`` above 0 taken from so many fixed rows, drawn once for each
    lane: all of them at every step, or ``batch`` of them where that is fewer. The learning rate
    rises from 0 in ``warm_up`` steps before its schedule begins. ``momentum`` is that of sgd.
    ``hidden_penalty`` λ adds λ·‖h‖₁, averaged over rows, to the total loss (summed over features)
    that is minimised, but not to the losses that are shown; restarts are ranked by what is
    minimised. ``initial`` names the start, and
    ``initial_scale`` multiplies the standard deviation of the initial weights.
    """

    name: str
    features: int = 20
    hidden: int = 5
    models: tuple[str, ...] = ("tied", "untied")
    sparsities: tuple[float, ...] = (0.0, 0.7, 0.9, 0.99, 0.999)
    importance: float = 0.7
    distribution: str = "uniform"
    set_size: int = 2
    dataset_size: int = 0
    batch: int = 1024
    steps: int = 10_000
    learning_rate: float = 1e-3
    learning_rate_schedule: str = "constant"
    warm_up: int = 0
    optimiser: str = "adamw"
    momentum: float = 0.9
    weight_decay: float = 0.01
    hidden_penalty: float = 0.0
    initial: str = INDEPENDENT
    initial_scale: float = 1.0
    seed: int = 0
    restarts: int = 1
    sweep: str = "none"
    sweep_values: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        _check_count("features", self.features, LARGEST_SIZE)
        _check_count("hidden", self.hidden, LARGEST_SIZE)
        _check_count("batch", self.batch, LARGEST_BATCH)
        _check_count("steps", self.steps, LARGEST_STEPS)
        _check_seed(self.seed)
        _check_range("learning-rate", self.learning_rate, 10, zero_allowed=False)
        _check_range("weight-decay", self.weight_decay, 1000, zero_allowed=True)
        _check_importance(self.importance, self.features)
        _check_set_size(self.set_size, self.features, distribution_named(self.distribution))
        _check_dataset_size(self.dataset_size, self.features)
        schedule_named(self.learning_rate_schedule)
        _check_warm_up(self.warm_up, self.steps)
        optimiser_named(self.optimiser)
        _check_momentum(self.momentum)
        _check_range("hidden-penalty", self.hidden_penalty, LARGEST_PENALTY, zero_allowed=True)
        start_named(self.initial).check(self.features, self.hidden)
        _check_range("initial-scale", self.initial_scale, 100, zero_allowed=False)
        check_distinct("model", self.models)
        for model in self.models:
            model_named(model)
        if not self.sparsities:
            raise InvalidValue("sparsity", "''", "nothing to train", LIST_WANTED)
        for sparsity in self.sparsities:
            _check_sparsity(sparsity)
        _check_count("restarts", self.restarts, LARGEST_RESTARTS)
        sweep_named(self.sweep).check(self.sweep_values)
        self._check_swept_datasets()
        self._check_swept_penalties()

    @property
    def feature_importance(self) -> FloatArray:
        """I_i = importance**i, shape (n,), float64, before any sweep."""
        return self.importance ** np.arange(self.features, dtype=np.float64)

    def importance_of(self, lane: Lane) -> FloatArray:
        """The importance of each feature in ``lane``, shape (n,), float64."""
        importance = self.feature_importance
        if lane.swept is not None:
            sweep_named(self.sweep).scale_importance(importance, lane.swept)
        return importance

    def feature_probability(self, lane: Lane) -> FloatArray:
        """The probability that each feature of ``lane`` is active, shape (n,), float64."""
        probability = np.full(self.features, lane.density)
        if lane.swept is not None:
            sweep_named(self.sweep).scale_probability(probability, lane.swept)
        return probability

    def dataset_size_of(self, lane: Lane) -> int:
        """How many rows the dataset of ``lane`` has; 0 where data are fresh at every step."""
        return self.dataset_size_at(lane.swept)

    def dataset_size_at(self, swept: float | None) -> int:
        """The same for a value of the sweep; ``None`` where nothing is swept."""
        if swept is None or not sweep_named(self.sweep).scales_dataset:
            return self.dataset_size
        return max(round(self.dataset_size * swept), 1)

    def hidden_penalty_of(self, lane: Lane) -> float:
        """λ of ``lane``: what ``hidden_penalty`` is there, after any sweep."""
        return self._hidden_penalty_at(lane.swept)

    def _hidden_penalty_at(self, swept: float | None) -> float:
        if swept is None or not sweep_named(self.sweep).scales_penalty:
            return self.hidden_penalty
        return self.hidden_penalty * swept

    def _check_swept_datasets(self) -> None:
        if not sweep_named(self.sweep).scales_dataset:
            return
        if self.dataset_size == 0:
            reason = "data are fresh at every step"
            raise InvalidValue("dataset-size", 0, reason, "a number of rows above 0")
        for value in self.sweep_values:
            _check_dataset_size(self.dataset_size_at(value), self.features)

    def _check_swept_penalties(self) -> None:
        if not sweep_named(self.sweep).scales_penalty:
            return
        if self.hidden_penalty == 0:
            raise InvalidValue("hidden-penalty", 0, "every factor of it is 0", "a number above 0")
        for value in self.sweep_values:
            penalty = self._hidden_penalty_at(value)
            _check_range("hidden-penalty", penalty, LARGEST_PENALTY, zero_allowed=True)

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All settings: sparsity by sparsity, and for each all values of the sweep."""
        return _settings(self.sparsities, self.sweep_values)

    def lanes_of(self, model: str) -> tuple[Lane, ...]:
        """The lanes of one model: setting by setting, and for each all restarts."""
        is_few = len(self.settings) * self.restarts <= FEW_LANES
        remembered = _few_lanes if is_few else _many_lanes
        return remembered(model, self.settings, self.seed, self.restarts)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """All lanes, model by model."""
        return tuple(lane for model in self.models for lane in self.lanes_of(model))

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain values, for JSON."""
        return asdict(self)


@lru_cache(maxsize=16)
def _settings(
    sparsities: tuple[float, ...], sweep_values: tuple[float, ...]
) -> tuple[Setting, ...]:
    swept = sweep_values or (None,)
    return tuple(Setting(sparsity, value) for sparsity in sparsities for value in swept)


def _lanes(model: str, settings: tuple[Setting, ...], seed: int, restarts: int) -> tuple[Lane, ...]:
    return tuple(
        Lane(model, setting.sparsity, seed + restart, setting.swept)
        for setting in settings
        for restart in range(restarts)
    )


_few_lanes = lru_cache(maxsize=64)(_lanes)
_many_lanes = lru_cache(maxsize=8)(_lanes)
"""Those of a run, which asks for them all the time, and not those of many runs before it."""


def density_of(sparsity: float) -> float:
    """1 − S, without the dust of binary fractions: 0.1 for 0.9, not 0.09999999999999998."""
    return round(1 - sparsity, 12)


def _check_count(name: str, value: int, largest: int) -> None:
    _check_whole(name, value)
    if not 1 <= value <= largest:
        reason = "at least one is needed" if value < 1 else "that is more than can be trained"
        raise InvalidValue(name, value, reason, f"a whole number from 1 to {largest}")


def _check_whole(name: str, value: int) -> None:
    if not isinstance(value, int):
        raise InvalidValue(name, value, "it is not a whole number", "a whole number, such as 5")


def _check_seed(seed: int) -> None:
    _check_whole("seed", seed)
    if not 0 <= seed <= LARGEST_SEED:
        raise InvalidValue("seed", seed, "out of range", "a whole number from 0 to 2**63 - 1")


def _check_set_size(set_size: int, features: int, distribution: Distribution) -> None:
    _check_count("set-size", set_size, LARGEST_SIZE)
    if distribution.has_sets and features % set_size:
        divisors = [size for size in range(1, features + 1) if features % size == 0]
        nearest = min(divisors, key=lambda size: abs(size - set_size))
        reason = f"{features} features do not divide into sets of {set_size}"
        raise InvalidValue("set-size", set_size, reason, f"{nearest}, which divides them")


def _check_dataset_size(rows: int, features: int) -> None:
    _check_whole("dataset-size", rows)
    largest = LARGEST_DATASET // features
    if not 0 <= rows <= largest:
        reason = "out of range" if rows < 0 else f"that is too much with {features} features"
        choices = f"0 (fresh data at every step) or a number of rows up to {largest}"
        raise InvalidValue("dataset-size", rows, reason, choices)


def _check_warm_up(warm_up: int, steps: int) -> None:
    _check_whole("warm-up", warm_up)
    if not 0 <= warm_up < steps:
        reason = "out of range" if warm_up < 0 else f"the whole run is {steps} steps"
        raise InvalidValue("warm-up", warm_up, reason, f"a number of steps from 0 to {steps - 1}")


def _check_momentum(momentum: float) -> None:
    if not 0 <= momentum < 1:
        raise InvalidValue("momentum", momentum, "out of range", "0 <= momentum < 1, such as 0.9")


def _check_range(name: str, value: float, largest: float, *, zero_allowed: bool) -> None:
    if not 0 <= value <= largest or (value == 0 and not zero_allowed):
        least = "from 0" if zero_allowed else "above 0"
        raise InvalidValue(name, value, "out of range", f"a number {least} up to {largest}")


def _check_importance(importance: float, features: int) -> None:
    """I_0 = 1, so the extreme weight is that of the last feature."""
    if not (math.isfinite(importance) and importance > 0):
        raise InvalidValue(
            "importance", importance, "R in I_i = R^i must be positive", "0 < R, such as 0.7 or 1"
        )
    if (features - 1) * math.log(importance) > math.log(LARGEST_IMPORTANCE):
        largest = LARGEST_IMPORTANCE ** (1 / (features - 1))
        raise InvalidValue(
            "importance",
            importance,
            f"R^{features - 1} overflows with {features} features",
            f"0 < R <= {math.floor(largest * 1000) / 1000:g}, such as 0.7 or 1",
        )


def _check_sparsity(sparsity: float) -> None:
    if sparsity == 1:
        raise InvalidValue(
            "sparsity", sparsity, "S = 1 leaves every feature 0", "0 <= S < 1, such as 0.999"
        )
    if not (math.isfinite(sparsity) and 0 <= sparsity < 1):
        raise InvalidValue(
            "sparsity", sparsity, "S is a probability", "0 <= S < 1, such as 0 or 0.9"
        )
    if sparsity > LARGEST_SPARSITY:
        raise InvalidValue(
            "sparsity", sparsity, "too close to 1 to draw", f"S <= {LARGEST_SPARSITY}"
        )


def check_distinct(name: str, values: Sequence[object]) -> None:
    """Raises ``InvalidValue`` for no values, and for one that is named twice."""
    if not values:
        raise InvalidValue(name, "''", "nothing to train", LIST_WANTED)
    for value in values:
        if values.count(value) > 1:
            raise InvalidValue(name, value, "it is named twice", "each value once")
