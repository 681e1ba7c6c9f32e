"""Frequencies: how much more often some features are active than others.

The probability that feature i is active at sparsity S is (1 − S)·f_i. The frequencies f_i come from
a profile, or are given one by one. To add a profile, add an entry to ``FREQUENCIES``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from superpos_core.arrays import FloatArray, freeze
from superpos_core.errors import InvalidValue, lookup

EQUAL = "equal"


@dataclass(frozen=True)
class FrequencyProfile:
    """A named rule for frequencies.

    ``of``: (n, the exponent ``alpha``, their sum ``active``) → those of n features, shape (n,),
    float64, read-only. ``has_expectation``: whether they add up to ``active``.
    """

    name: str
    summary: str
    of: Callable[[int, float, float], FloatArray]
    has_expectation: bool = False


@lru_cache(maxsize=16)
def _equal(features: int, _alpha: float, _active: float) -> FloatArray:
    return freeze(np.ones(features))


@lru_cache(maxsize=16)
def _zipf(features: int, alpha: float, active: float) -> FloatArray:
    rank = np.arange(1, features + 1, dtype=np.float64)
    return freeze(scaled_to(rank**-alpha, active))


FREQUENCIES: dict[str, FrequencyProfile] = {
    profile.name: profile
    for profile in (
        FrequencyProfile(EQUAL, "every feature is active with probability 1 − S", _equal),
        FrequencyProfile(
            "zipf",
            "feature i = 1 … n is active with a probability that falls as i^−α",
            _zipf,
            has_expectation=True,
        ),
    )
}


def profile_named(name: str) -> FrequencyProfile:
    """The profile called ``name``; raises ``InvalidValue`` if there is none."""
    return lookup("frequency", FREQUENCIES, name)


def scaled_to(weights: FloatArray, total: float) -> FloatArray:
    """Probabilities min(1, c·w_i) that add up to ``total``, shape (n,).

    ``weights`` are positive, and ``total`` is above 0 and at most n. What a probability would
    exceed 1 by is shared out among the others (water filling).

    >>> scaled_to(np.array([8.0, 1.0, 1.0]), 2.0)
    array([1. , 0.5, 0.5])
    """
    order = np.argsort(-weights, kind="stable")
    descending = weights[order]
    rest = np.cumsum(descending[::-1])[::-1]  # from each weight on
    full = np.arange(weights.size)  # the number of probabilities of 1
    fits = (total - full) * descending <= rest
    count = int(np.argmax(fits)) if fits.any() else weights.size
    scaled = np.ones_like(descending)
    if count < weights.size:
        scaled[count:] = np.minimum((total - count) / rest[count] * descending[count:], 1.0)
    probabilities = np.empty_like(scaled)
    probabilities[order] = scaled
    return probabilities


def check_given(frequencies: tuple[float, ...], features: int) -> None:
    """Raise ``InvalidValue`` unless these are the frequencies of that many features."""
    if len(frequencies) != features:
        listed = ",".join(f"{value:g}" for value in frequencies)
        reason = f"there are {features} features"
        choices = f"{features} numbers, or --features {len(frequencies)}"
        raise InvalidValue("frequency", listed, reason, choices)
    for value in frequencies:
        if not 0 <= value <= 1:
            raise InvalidValue("frequency", value, "it is a probability", "numbers from 0 to 1")
    if not any(frequencies):
        reason = "no feature is ever active"
        raise InvalidValue("frequency", frequencies[0], reason, "at least one above 0")
