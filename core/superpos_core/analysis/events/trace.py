"""The input and the output of rules."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.geometry.measures import feature_norms
from superpos_core.record.timeline import dimensionality_of_each


@dataclass(frozen=True)
class Trace:
    """The history of one lane, up to where it diverged; everything in it is finite.

    Shapes: ``steps`` (moments,), ``vectors`` (moments, n, m), ``loss_steps`` and ``losses``
    (points,).
    """

    steps: IntArray
    vectors: FloatArray
    loss_steps: IntArray
    losses: FloatArray
    diverged_at: int | None = None

    @cached_property
    def norms(self) -> FloatArray:
        """‖W_i‖, shape (moments, n)."""
        return feature_norms(self.vectors)

    @cached_property
    def dimensionality(self) -> FloatArray:
        """D_i, shape (moments, n)."""
        return dimensionality_of_each(self.vectors)


Finding = tuple[int, int | None, str]
"""The step, the feature if any, and the text."""


@dataclass(frozen=True)
class Rule:
    """Finds all events of one kind."""

    kind: str
    summary: str
    find: Callable[[Trace], Iterable[Finding]]
