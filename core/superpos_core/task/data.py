"""The feature distributions.

A distribution determines which features are active together and the values of active ones. It maps
two independent uniform draws per entry to data by arithmetic only, so it works on numpy arrays and
torch tensors; the compiled kernel uses the same names. To add a distribution, add an entry to
``DISTRIBUTIONS``.

Features may form *sets* of neighbours: features 0 … k−1, k … 2k−1 and so on, for sets of k. The
probability of a set's first feature is that of the whole set being on.

A distribution with a ``source`` draws whole rows instead, in numpy (``structured.py``). S is then
the probability that a whole row is 0.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, Literal

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import lookup
from superpos_core.task import structured
from superpos_core.task.leader import LEADER
from superpos_core.task.structured import PLAIN, RowSource, Structure
from superpos_core.theory.linear import UNIFORM, Moments

Values = Literal["uniform", "signed", "binary", "exponential", "uniform-2"]
Grouping = Literal["independent", "correlated", "anticorrelated"]


@dataclass(frozen=True)
class ValueDraw:
    """How the values of active features are drawn, and their moments.

    ``from_uniform`` maps uniform draws on [0, 1) to values; its first argument is numpy or torch.
    """

    from_uniform: Callable[[ModuleType, Any], Any]
    moments: Moments


VALUES: dict[Values, ValueDraw] = {
    "uniform": ValueDraw(lambda arrays, draw: draw, UNIFORM),
    "signed": ValueDraw(lambda arrays, draw: 2 * draw - 1, Moments(0, 1 / 3)),
    "binary": ValueDraw(lambda arrays, draw: arrays.ones_like(draw), Moments(1, 1)),
    "exponential": ValueDraw(lambda arrays, draw: -arrays.log1p(-draw), Moments(1, 2)),
    "uniform-2": ValueDraw(lambda arrays, draw: 2 * draw, Moments(1, 4 / 3)),
}


@dataclass(frozen=True)
class Distribution:
    """A named distribution of data.

    ``values``: an active feature is U[0, 1), U[−1, 1), 1, exponential with mean 1, or
    U[0, 2).
    ``grouping``: all members of a correlated set are active together, with independent values; in
    an anticorrelated set that is on, exactly one member is active, chosen uniformly.
    ``one_hot``: all features form a single set that is always on.
    ``unit_norm``: every non-zero row is scaled to ‖x‖ = 1.
    ``source``: draws whole rows, in place of all that.
    """

    name: str
    summary: str
    values: Values = "uniform"
    grouping: Grouping = "independent"
    one_hot: bool = False
    unit_norm: bool = False
    source: RowSource | None = None

    @property
    def has_independent_features(self) -> bool:
        """Whether every feature is drawn by itself, before any scaling to ‖x‖ = 1."""
        return self.grouping == "independent" and self.source is None

    @property
    def takes_frequencies(self) -> bool:
        """Whether features may be active with different frequencies."""
        by_probability = self.source is not None and self.source.draws_by_probability
        return self.has_independent_features or by_probability

    @property
    def moments(self) -> Moments:
        """E[x] and E[x²] of an active feature, before any scaling to ‖x‖ = 1."""
        return VALUES[self.values].moments

    @property
    def has_sets(self) -> bool:
        """Whether features form sets of a configurable size."""
        return self.grouping != "independent" and not self.one_hot

    def sets(self, feature_probability: FloatArray, set_size: int) -> tuple[FloatArray, int]:
        """The probability that each feature's set is on, shape (…, n), and the size of the sets.

        An independent feature is a set of one.
        """
        if self.one_hot:
            return np.ones_like(feature_probability), feature_probability.shape[-1]
        return feature_probability, set_size if self.has_sets else 1

    def from_draws(
        self, activity: Any, value: Any, probability: Any, set_size: int = 1, arrays: Any = np
    ) -> Any:
        """Data from independent uniform draws on [0, 1), all (…, n).

        ``probability`` (broadcast against the draws) and ``set_size`` come from ``sets``;
        ``arrays`` is numpy or torch.
        """
        values = VALUES[self.values].from_uniform(arrays, value)
        data = values * self._active(activity, probability, set_size, arrays)
        return _scaled_to_unit_norm(data, arrays) if self.unit_norm else data

    def _active(self, activity: Any, probability: Any, set_size: int, arrays: Any) -> Any:
        """Which entries are active: a set's first draw decides whether, its last which member."""
        if self.grouping == "independent":
            return activity < probability
        draws, chances = _by_set(activity, set_size), _by_set(probability, set_size)
        on = draws[..., :1] < chances[..., :1]
        if self.grouping == "correlated":
            return (on * arrays.ones_like(draws)).reshape(activity.shape)
        index = arrays.ones_like(chances).cumsum(-1) - 1
        member = arrays.floor(draws[..., -1:] * set_size)
        return (on * (index == member)).reshape(activity.shape)


def _by_set(values: Any, set_size: int) -> Any:
    """(…, n) → (…, sets, members)."""
    return values.reshape(*values.shape[:-1], values.shape[-1] // set_size, set_size)


def _scaled_to_unit_norm(data: Any, arrays: Any) -> Any:
    norm = arrays.sqrt((data * data).sum(-1))[..., None]
    return data / arrays.where(norm > 0, norm, arrays.ones_like(norm))


DISTRIBUTIONS: dict[str, Distribution] = {
    distribution.name: distribution
    for distribution in (
        Distribution(
            "uniform",
            "each feature is 0 with probability S, else uniform on [0, 1), independently",
        ),
        Distribution(
            "signed",
            "each feature is 0 with probability S, else uniform on [−1, 1), independently",
            values="signed",
        ),
        Distribution(
            "binary",
            "each feature is 0 with probability S, else 1, independently",
            values="binary",
        ),
        Distribution(
            "exponential",
            "each feature is 0 with probability S, else exponential with mean 1, independently",
            values="exponential",
        ),
        Distribution(
            "uniform-2",
            "each feature is 0 with probability S, else uniform on [0, 2), independently",
            values="uniform-2",
        ),
        Distribution(
            "correlated",
            "sets of neighbours are active together: with probability S a whole set is 0",
            grouping="correlated",
        ),
        Distribution(
            "anticorrelated",
            "with probability S a set of neighbours is 0, else exactly one of them is active",
            grouping="anticorrelated",
        ),
        Distribution(
            "one-hot",
            "exactly one feature is active in each row, with equal probability, for any S",
            grouping="anticorrelated",
            one_hot=True,
        ),
        Distribution(
            "unit-norm",
            "uniform features, with each non-zero row scaled to length 1 (double descent)",
            unit_norm=True,
        ),
        Distribution(
            "circle",
            "binary features on a circle, active near a hidden position (all 0 with probability S)",
            values="binary",
            source=structured.CIRCLE,
        ),
        Distribution(
            "figure-8",
            "the same on a curve that crosses itself",
            values="binary",
            source=structured.FIGURE_8,
        ),
        Distribution(
            "sphere",
            "the same on a sphere, with the hidden position anywhere on it",
            values="binary",
            source=structured.SPHERE,
        ),
        Distribution(
            "tree",
            "the root is 0 with probability S; a child is 1 with probability ½ if its parent is",
            values="binary",
            source=structured.TREE,
        ),
        Distribution(
            "leader",
            "binary features, each with a --correlation with feature 0; values 1 ± --value-noise",
            values="binary",
            source=LEADER,
        ),
        Distribution(
            "covariance",
            "normal rows N(0, Σ), with Σ from a file (all 0 with probability S)",
            values="signed",
            source=structured.NORMAL,
        ),
        Distribution(
            "rows",
            "rows from a file (all 0 with probability S)",
            values="signed",
            source=structured.OWN_ROWS,
        ),
    )
}


def distribution_named(name: str) -> Distribution:
    """The distribution called ``name``; raises ``InvalidValue`` if there is none."""
    return lookup("distribution", DISTRIBUTIONS, name)


def moments_of(
    distribution: Distribution,
    feature_probability: FloatArray,
    structure: Structure = PLAIN,
) -> tuple[FloatArray, FloatArray]:
    """E[x], shape (n,), and E[x xᵀ], (n, n), float64, of rows from a ``source``.

    One uniform draw u gates a row, so that both features of a pair pass with min(p_i, p_j), unless
    the source draws features by their probability.
    """
    assert distribution.source is not None
    if distribution.source.draws_by_probability:
        structure = replace(structure, probability=feature_probability)
        return distribution.source.moments(feature_probability.size, structure)
    mean, second = distribution.source.moments(feature_probability.size, structure)
    return mean * feature_probability, second * np.minimum.outer(
        feature_probability, feature_probability
    )


def sample(
    distribution: Distribution,
    random: np.random.Generator,
    rows: int,
    feature_probability: FloatArray,
    set_size: int = 1,
    *,
    rare: bool = False,
    structure: Structure = PLAIN,
) -> FloatArray:
    """Draw ``rows`` rows, shape (rows, n), float32.

    ``feature_probability`` has shape (n,); ``set_size`` applies to distributions with sets and must
    divide n. ``rare``: probabilities may be as small as 2⁻⁵³, not 2⁻²⁴.
    ``structure`` is what a ``source`` needs. Of its rows, one uniform draw each decides which
    features pass: those with a larger probability, so that all do or none if these are equal;
    unless the source draws features by their probability.
    """
    if distribution.source is not None:
        source, features = distribution.source, feature_probability.size
        structure = replace(structure, probability=feature_probability)
        whole = source.draw(random, rows, features, structure)
        if not source.draws_by_probability and (feature_probability < 1).any():
            whole = whole * (random.random((rows, 1)) < feature_probability)
        return whole.astype(np.float32, copy=False)
    shape = (rows, feature_probability.size)
    activity = random.random(shape, dtype=np.float64 if rare else np.float32)
    value = random.random(shape, dtype=np.float32)
    probability, members = distribution.sets(feature_probability, set_size)
    data: FloatArray = distribution.from_draws(activity, value, probability, members)
    return data.astype(np.float32, copy=False)
