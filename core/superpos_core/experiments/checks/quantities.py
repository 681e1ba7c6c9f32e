"""Checks of numbers: that a quantity of lanes is within a range, or falls."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from superpos_core.experiments.checks.check import Check, Observation
from superpos_core.experiments.checks.lanes import Trained, all_trained, at_text, trained_at
from superpos_core.geometry import measures
from superpos_core.record.lanes import LanesRecord

MAX_RATIO = 0.8
"""Maximum ratio of a falling value to the previous one: a drop of several times sampling noise."""


@dataclass(frozen=True)
class Quantity:
    """A number computed from one lane, with its name and the number of digits to show."""

    name: str
    of: Callable[[Trained], float]
    digits: int = 2

    def show(self, value: float) -> str:
        """The number as text."""
        return f"{value:.{self.digits}f}"

    def show_range(self, low: float, high: float) -> str:
        """Such as "5", "8 to 11", "at least 3.0"."""
        if low == high:
            return self.show(low)
        if low == -math.inf:
            return f"at most {self.show(high)}"
        if high == math.inf:
            return f"at least {self.show(low)}"
        return f"{self.show(low)} to {self.show(high)}"


REPRESENTED = Quantity(
    "features represented", lambda trained: int(measures.represented(trained.vectors)), digits=0
)
LOSS_OVER_LINEAR = Quantity("L / L_linear", lambda trained: trained.loss_over_linear)
SUM_OF_DIMENSIONALITIES = Quantity(
    "Σ D_i", lambda trained: float(np.sum(measures.feature_dimensionality(trained.vectors)))
)
DIMENSIONS_PER_FEATURE = Quantity(
    "D*", lambda trained: float(measures.dimensions_per_feature(trained.vectors))
)


def number_at(
    quantity: Quantity,
    low: float,
    high: float,
    *,
    model: str = "tied",
    sparsity: float,
    swept: float | None = None,
    loss_up_to: float = math.inf,
) -> Check[LanesRecord]:
    """That a quantity is within [low, high] at one setting, and L / L_linear within its bound."""
    allowed = _Range(quantity, low, high, loss_up_to)

    def observe(run: LanesRecord) -> Observation:
        return allowed.observe([trained_at(run, model, sparsity, swept)])

    name = f"{quantity.name}, {model} {at_text(sparsity, swept)}"
    return Check(name, allowed.text, LanesRecord, observe)


def number_everywhere(
    quantity: Quantity,
    low: float,
    high: float,
    *,
    model: str = "tied",
    loss_up_to: float = math.inf,
) -> Check[LanesRecord]:
    """The same at every setting; the observation reports the extremes."""
    allowed = _Range(quantity, low, high, loss_up_to)

    def observe(run: LanesRecord) -> Observation:
        return allowed.observe(all_trained(run, model))

    return Check(f"{quantity.name}, {model} at every setting", allowed.text, LanesRecord, observe)


@dataclass(frozen=True)
class _Range:
    """Bounds on a quantity and on L / L_linear."""

    quantity: Quantity
    low: float
    high: float
    loss_up_to: float

    @property
    def text(self) -> str:
        """Such as "9 to 14, L / L_linear at most 0.28"."""
        expected = self.quantity.show_range(self.low, self.high)
        if math.isinf(self.loss_up_to):
            return expected
        bound = LOSS_OVER_LINEAR.show_range(-math.inf, self.loss_up_to)
        return f"{expected}, {LOSS_OVER_LINEAR.name} {bound}"

    def observe(self, lanes: Sequence[Trained]) -> Observation:
        """Whether all lanes are within the bounds; losses are only computed if bounded."""
        values = [self.quantity.of(trained) for trained in lanes]
        passed = all(self.low <= value <= self.high for value in values)
        text = self.quantity.show_range(float(np.min(values)), float(np.max(values)))
        if math.isinf(self.loss_up_to):
            return Observation(text, passed)
        worst = float(np.max([trained.loss_over_linear for trained in lanes]))
        text += f", {LOSS_OVER_LINEAR.name} {LOSS_OVER_LINEAR.show(worst)}"
        return Observation(text, passed and worst <= self.loss_up_to)


def falls_with_sparsity(
    quantity: Quantity,
    sparsities: tuple[float, ...],
    *,
    model: str = "tied",
    first_up_to: float = math.inf,
) -> Check[LanesRecord]:
    """That a quantity falls by a fifth or more from each of the rising ``sparsities`` to the next.

    The first value is at most ``first_up_to``, which excludes falls from an arbitrary start.
    """

    def observe(run: LanesRecord) -> Observation:
        values = [quantity.of(trained_at(run, model, sparsity)) for sparsity in sparsities]
        falls = all(after <= MAX_RATIO * before for before, after in pairwise(values))
        seen = " → ".join(quantity.show(value) for value in values)
        return Observation(seen, falls and values[0] <= first_up_to)

    settings = ", ".join(f"{sparsity:g}" for sparsity in sparsities)
    start = "" if math.isinf(first_up_to) else f", the first at most {quantity.show(first_up_to)}"
    return Check(
        f"{quantity.name}, {model}, along S = {settings}",
        f"each at most {MAX_RATIO:g} times the previous one{start}",
        LanesRecord,
        observe,
    )
