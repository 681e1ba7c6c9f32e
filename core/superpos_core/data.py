"""The feature distributions: what a row of data looks like.

A distribution turns two independent uniform draws per entry, one that decides whether the feature
is active and one for its value, into the data. It uses arithmetic only, so numpy arrays and torch
tensors both do. A new distribution is one more entry in ``DISTRIBUTIONS``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import lookup

# (activity draw, value draw, feature probability) → data; draws are uniform on [0, 1).
FromDraws = Callable[[Any, Any, Any], Any]

Values = Literal["uniform", "signed", "binary", "exponential"]
Grouping = Literal["independent", "correlated", "anticorrelated"]


@dataclass(frozen=True)
class Distribution:
    """One way to draw data, and its name.

    ``from_draws`` says it once for arrays and tensors; ``values`` and ``grouping`` name the same
    thing for the compiled kernel, and a test holds the two together.
    """

    name: str
    summary: str
    from_draws: FromDraws
    values: Values = "uniform"
    grouping: Grouping = "independent"


DISTRIBUTIONS: dict[str, Distribution] = {
    distribution.name: distribution
    for distribution in (
        Distribution(
            name="uniform",
            summary="each feature is 0 with probability S, else uniform on [0, 1), independently",
            from_draws=lambda activity, value, probability: value * (activity < probability),
        ),
    )
}


def distribution_named(name: str) -> Distribution:
    """The distribution called ``name``; raises ``InvalidValue`` with the known names otherwise."""
    return lookup("distribution", DISTRIBUTIONS, name)


def sample(
    distribution: Distribution,
    random: np.random.Generator,
    rows: int,
    feature_probability: FloatArray,
) -> FloatArray:
    """Draw ``rows`` rows, shape (rows, n), float32; ``feature_probability`` has shape (n,)."""
    shape = (rows, feature_probability.size)
    activity = random.random(shape, dtype=np.float32)
    value = random.random(shape, dtype=np.float32)
    data: FloatArray = distribution.from_draws(activity, value, feature_probability)
    return data.astype(np.float32, copy=False)
