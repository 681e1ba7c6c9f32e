"""Lanes: the models to train, each at one setting with one seed."""

import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

FEW_LANES = 1000
INSTANCE = "instance"
"""The sweep whose values only number the lanes: models of a file, all trained in one way."""
HIDDEN = "hidden"
"""The sweep whose values are numbers of hidden dimensions."""


@dataclass(frozen=True)
class Lane:
    """One model at one sparsity with one seed: the unit that trains."""

    model: str
    sparsity: float
    seed: int
    swept: float | None = None
    """The swept value in this lane; ``None`` without a sweep."""
    sweep: str = "none"
    """What is swept."""

    @property
    def density(self) -> float:
        """1 − S, the probability that a feature is active."""
        return density_of(self.sparsity)

    @property
    def instance(self) -> int | None:
        """Its number, if a number is all that its swept value is."""
        return _instance(self.swept, self.sweep)

    def random(self, purpose: str) -> np.random.Generator:
        """A separate generator for each lane and purpose.

        It depends only on the lane and the purpose, so a lane's numbers do not depend on the other
        lanes in training. Lanes that differ in m alone share their data, and each starts like the
        same lane of a run without a sweep.
        """
        return np.random.Generator(np.random.PCG64(self.seed_sequence(purpose)))

    def random_at(self, purpose: str, step: int) -> np.random.Generator:
        """A separate generator for each lane, purpose and step, whatever steps came before.

        Philox counts: every step has 2¹²⁸ draws of its own.
        """
        key = _key_of(self, purpose)
        return np.random.Generator(np.random.Philox(key=key, counter=(0, 0, step, 0)))

    def seed_sequence(self, purpose: str) -> np.random.SeedSequence:
        """The entropy behind ``random``, for engines with their own generators."""
        # −0.0 equals 0.0 but has other bits; adding 0 makes it 0.
        sparsity_bits = int(np.float64(self.sparsity + 0.0).view(np.uint64))
        names = zlib.crc32(f"{self.model}/{purpose}".encode())
        entropy = [self.seed, sparsity_bits, names]
        if self.swept is not None and self.sweep != HIDDEN:
            entropy.append(int(np.float64(self.swept + 0.0).view(np.uint64)))
        return np.random.SeedSequence(entropy)


@lru_cache(maxsize=4096)
def _key_of(lane: Lane, purpose: str) -> int:
    low, high = lane.seed_sequence(purpose).generate_state(2, np.uint64).tolist()
    return int(low | high << 64)


@dataclass(frozen=True)
class Setting:
    """A point of the grid: a sparsity and, in a sweep, a swept value."""

    sparsity: float
    swept: float | None = None
    sweep: str = "none"

    @property
    def density(self) -> float:
        """1 − S, the probability that a feature is active."""
        return density_of(self.sparsity)

    @property
    def instance(self) -> int | None:
        """Its number, if a number is all that its swept value is."""
        return _instance(self.swept, self.sweep)

    @property
    def abscissa(self) -> float:
        """Its position on an axis of settings: the swept value, or 1 / (1 − S)."""
        return 1 / self.density if self.swept is None else self.swept


def density_of(sparsity: float) -> float:
    """1 − S without floating-point noise: 0.1 for 0.9, not 0.09999999999999998."""
    return round(1 - sparsity, 12)


def _instance(swept: float | None, sweep: str) -> int | None:
    return int(swept) if swept is not None and sweep == INSTANCE else None


@lru_cache(maxsize=16)
def settings_of(
    sparsities: tuple[float, ...], sweep_values: tuple[float, ...], sweep: str = "none"
) -> tuple[Setting, ...]:
    """All settings, ordered by sparsity, then by swept value if there is a sweep."""
    swept = sweep_values or (None,)
    return tuple(Setting(sparsity, value, sweep) for sparsity in sparsities for value in swept)


def lanes_at(
    settings: tuple[Setting, ...], model: str, seed: int, restarts: int
) -> tuple[Lane, ...]:
    """The lanes of one model, ordered by setting, then by restart."""
    cached = _few_lanes if len(settings) * restarts <= FEW_LANES else _many_lanes
    return cached(model, settings, seed, restarts)


def _lanes(model: str, settings: tuple[Setting, ...], seed: int, restarts: int) -> tuple[Lane, ...]:
    return tuple(
        Lane(model, setting.sparsity, seed + restart, setting.swept, setting.sweep)
        for setting in settings
        for restart in range(restarts)
    )


_few_lanes = lru_cache(maxsize=64)(_lanes)
_many_lanes = lru_cache(maxsize=8)(_lanes)
"""Caches the lanes of the current run, which needs them all the time, but not of many past runs."""
