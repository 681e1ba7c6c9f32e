"""Brings pictures of a plane to a common orientation, so that they can be compared.

The loss does not change when the hidden space is rotated or mirrored, so restarts find the same
shape in arbitrary orientations.
"""

from collections.abc import Sequence

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.geometry.measures import REPRESENTED_NORM
from superpos_core.geometry.rotation import rotation

FIRST_GUESSES = 72
"""Number of rotations tried, each also mirrored, before the best is refined."""
MAX_ROUNDS = 20


def aligned(points: FloatArray, reference: FloatArray, sets: IntArray) -> FloatArray:
    """``points``, shape (n, 2), rotated or mirrored about the origin to match ``reference``.

    Features with the same number in ``sets``, shape (n,), are exchangeable: each is compared with
    the nearest feature of its set. For given partners the orthogonal matrix is optimal (Schönemann
    1966). All NaN if a point is not finite. Needs the memory of about 150 arrays of (n, n).
    """
    if not (np.isfinite(points).all() and np.isfinite(reference).all()):
        return np.full(points.shape, np.nan)
    turned = points @ _first_guess(points, reference, sets)
    partners = _partners(turned, reference, sets)
    for _ in range(MAX_ROUNDS):
        turned = points @ _best_orthogonal(points, reference[partners])
        previous, partners = partners, _partners(turned, reference, sets)
        if np.array_equal(partners, previous):
            break
    return turned


def aligned_one_by_one(pictures: Sequence[FloatArray], sets: IntArray) -> list[FloatArray]:
    """The ``pictures``, each of shape (n, 2), in one orientation per shape.

    The first is unchanged. Each later one is ``aligned`` with the previous picture that it matches
    best. All NaN if a point is not finite; such pictures are not used as references.
    """
    done: list[FloatArray] = []
    for picture in pictures:
        references = [before for before in done if np.isfinite(before).all()]
        turned = [aligned(picture, reference, sets) for reference in references]
        nearness = [_nearness(*pair, sets) for pair in zip(turned, references, strict=True)]
        done.append(turned[int(np.argmax(nearness))] if turned else picture)
    return done


def pointing_up(points: FloatArray, feature: int) -> FloatArray:
    """``points``, shape (n, 2), rotated so that ``feature`` points up.

    If it is ignored, the middle of the widest gap between the represented features points up: that
    is where it was last or would appear next. Mirrored so that the centre is not on the left. All
    NaN if a point is not finite.
    """
    if not np.isfinite(points).all():
        return np.full(points.shape, np.nan)
    angles = np.arctan2(points[:, 1], points[:, 0])
    represented = np.linalg.norm(points, axis=1) > REPRESENTED_NORM
    up = angles[feature] if represented[feature] else _middle_of_widest_gap(angles[represented])
    turned: FloatArray = points @ rotation(np.pi / 2 - up)
    if turned[:, 0].sum() < 0:
        turned[:, 0] *= -1
    return turned


def _first_guess(points: FloatArray, reference: FloatArray, sets: IntArray) -> FloatArray:
    """The best of evenly spaced rotations, mirrored or not, shape (2, 2)."""
    turns = np.stack([rotation(2 * np.pi * k / FIRST_GUESSES) for k in range(FIRST_GUESSES)])
    candidates = np.concatenate([turns, np.diag([-1.0, 1.0]) @ turns])
    best: FloatArray = candidates[_nearness(points @ candidates, reference, sets).argmax()]
    return best


def _nearness(points: FloatArray, reference: FloatArray, sets: IntArray) -> FloatArray:
    """How near all points are to their partners: higher is nearer; shape (…)."""
    total: FloatArray = _closeness(points, reference, sets).max(axis=-1).sum(axis=-1)
    return total


def _partners(points: FloatArray, reference: FloatArray, sets: IntArray) -> IntArray:
    partners: IntArray = _closeness(points, reference, sets).argmax(axis=-1)
    return partners


def _closeness(points: FloatArray, reference: FloatArray, sets: IntArray) -> FloatArray:
    """How close every two points are: higher is closer, −∞ between sets; shape (…, n, n).

    x·y − ‖y‖²/2 decreases with the distance of x and y, for fixed x.
    """
    closeness = points @ reference.T - np.sum(reference**2, axis=1) / 2
    return np.where(sets[:, None] == sets, closeness, -np.inf)


def _best_orthogonal(points: FloatArray, onto: FloatArray) -> FloatArray:
    """The orthogonal matrix O, shape (2, 2), with the least ‖points·O − onto‖_F."""
    left, _, right = np.linalg.svd(points.T @ onto)
    orthogonal: FloatArray = left @ right
    return orthogonal


def _middle_of_widest_gap(angles: FloatArray) -> float:
    """The angle in the middle of the widest gap; up if there are no angles."""
    if not angles.size:
        return np.pi / 2
    around = np.sort(angles)
    gaps = np.diff(around, append=around[0] + 2 * np.pi)
    widest = gaps.argmax()
    return float(around[widest] + gaps[widest] / 2)
