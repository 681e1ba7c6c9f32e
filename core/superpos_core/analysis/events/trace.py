"""What rules are, what they read and what they find."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray, IntArray
from superpos_core.geometry.measures import feature_norms
from superpos_core.record.timeline import dimensionality_of_each


@dataclass(frozen=True)
class Trace:
    """The history of one lane, up to where it diverged; everything in it is finite.

    Shapes: ``steps`` (moments,), ``loss_steps`` and ``losses`` (points,).
    """

    steps: IntArray
    loss_steps: IntArray
    losses: FloatArray
    diverged_at: int | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class FeatureTrace(Trace):
    """The history of a model, whose feature vectors are ``vectors``, shape (moments, n, m)."""

    vectors: FloatArray

    @cached_property
    def norms(self) -> FloatArray:
        """‖W_i‖, shape (moments, n)."""
        return feature_norms(self.vectors)

    @cached_property
    def dimensionality(self) -> FloatArray:
        """D_i, shape (moments, n)."""
        return dimensionality_of_each(self.vectors)


class FinitePart(NamedTuple):
    """How many moments and points of a history are finite, and the step where it diverged."""

    moments: int
    points: int
    diverged_at: int | None


def finite_part(
    steps: IntArray, is_finite: BoolArray, loss_steps: IntArray, losses: FloatArray
) -> FinitePart:
    """The part before the first loss that is not finite, or moment whose weights are not.

    ``is_finite`` (moments,) says which weights are, and goes with ``steps``.
    """
    broken = np.concatenate([steps[~is_finite], loss_steps[~np.isfinite(losses)]])
    if not broken.size:
        return FinitePart(len(steps), len(loss_steps), None)
    end = int(broken.min())
    moments, points = np.searchsorted(steps, end), np.searchsorted(loss_steps, end)
    return FinitePart(int(moments), int(points), end)


class Finding(NamedTuple):
    """The step, the feature if any, the text, and the latent of a dictionary if any."""

    step: int
    feature: int | None
    text: str
    latent: int | None = None


Traced = TypeVar("Traced", bound=Trace, contravariant=True)


@dataclass(frozen=True)
class Rule(Generic[Traced]):
    """Finds all events of one kind."""

    kind: str
    summary: str
    find: Callable[[Traced], Iterable[Finding]]
