"""Changes of states over the moments of a timeline, without those that do not last."""

from collections.abc import Iterator

import numpy as np

from superpos_core.arrays import BoolArray


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
