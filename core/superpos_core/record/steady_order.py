"""The order of restarts while they train: one that does not follow the noise of their losses.

Ranked by the loss of the newest steps, restarts that are about equally good take the lead in turns,
several times a second. Here they are compared only at marks, the steps 100, 200, 500, 1,000, …, by
their mean loss since half that step, and another one takes the lead only by a margin. The order
depends on nothing but the losses: it is the same at any pace and in every session.
"""

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray, IntArray
from superpos_core.record.history import LossCurve

MARKS = tuple(digit * 10**power for power in range(2, 18) for digit in (1, 2, 5))
LEAD = 0.02
"""How much lower the loss of a restart must be for it to take the lead, as a share of the leader's.
"""


def steady_order(
    curve: LossCurve, restarts: range, penalties: FloatArray, diverged: BoolArray
) -> IntArray:
    """The ``restarts`` of one setting by their positions among them, best first.

    ``restarts`` are lanes of ``curve``. ``penalties``, shape (restarts,), are added to the losses;
    those that have ``diverged``, of the same shape, come last.
    """
    rows = curve.mean[restarts.start : restarts.stop]
    scores, leader = np.zeros(len(restarts)), 0
    reached = [mark for mark in MARKS if curve.steps.size and mark <= curve.steps[-1]]
    for mark in reached:
        objective = _mean_up_to(mark, curve.steps, rows) + penalties
        scores = np.where(np.isfinite(objective), objective, np.inf)
        leader = _leader(leader, scores)
    scores = np.where(diverged, np.inf, scores)
    scores[_leader(leader, scores)] = -np.inf
    order: IntArray = np.argsort(scores, kind="stable")
    return order


def _mean_up_to(mark: int, steps: IntArray, rows: FloatArray) -> FloatArray:
    """The mean of each row, shape (rows, points), from half the mark to the mark.

    If a decimated curve has no point there, that of its next point.
    """
    first, end = np.searchsorted(steps, [mark // 2, mark], side="right")
    first = min(int(first), steps.size - 1)
    with np.errstate(all="ignore"):
        means: FloatArray = rows[:, first : max(int(end), first + 1)].mean(axis=1, dtype=np.float64)
    return means


def _leader(leader: int, scores: FloatArray) -> int:
    """The restart in the lead: the one so far, unless another is better for good."""
    best = int(np.argmin(scores))
    return best if scores[best] < (1 - LEAD) * scores[leader] else leader
