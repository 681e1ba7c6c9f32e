"""The input and the output of rules."""

from collections.abc import Callable, Iterable, Iterator
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
    """That of a model; ``vectors`` are its feature vectors, shape (moments, n, m)."""

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
    """The part before the first loss, or the first of ``moments`` weights, that is not finite."""
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


def _find_divergence(trace: Trace) -> Iterator[Finding]:
    if trace.diverged_at is not None:
        yield Finding(trace.diverged_at, None, "diverged")


DIVERGED = Rule("diverged", "a loss or a weight is not finite", _find_divergence)


def held(enters: BoolArray, leaves: BoolArray) -> BoolArray:
    """Whether a state is held at each moment, from two thresholds; shapes (moments, …).

    It begins where a moment ``enters``, and ends where one ``leaves``: between the two thresholds
    nothing changes, so that hovering at one of them is no event. The first moment decides at once.
    """
    decided = enters | leaves
    decided[:1] = True
    moments = np.arange(len(enters)).reshape(-1, *(1,) * (enters.ndim - 1))
    last_decided = np.maximum.accumulate(np.where(decided, moments, 0), axis=0)
    state: BoolArray = np.take_along_axis(enters, last_decided, axis=0)
    return state


def confirmed(state: BoolArray) -> BoolArray:
    """The state at each moment, without changes that the next moment does not confirm.

    Shapes are (moments, …). The first moment decides at once; what is new at the last one has to
    wait.
    """
    following = np.concatenate([state[1:], state[-1:]])
    enters, leaves = state & following, ~state & ~following
    enters[-1:] = leaves[-1:] = False
    enters[:1] = state[:1]
    return held(enters, leaves)


def changes(state: BoolArray) -> Iterator[tuple[int, int, bool]]:
    """The moment, the column and the new state of every change; ``state`` is (moments, columns)."""
    for moment, column in np.argwhere(state[1:] != state[:-1]).tolist():
        yield moment + 1, column, bool(state[moment + 1, column])
