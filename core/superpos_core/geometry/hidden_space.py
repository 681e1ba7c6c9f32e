"""Pictures of the hidden space: the features as points on two or three axes."""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray, freeze

MAX_DIMENSIONS = 3
"""Maximum number of dimensions of which a picture shows everything."""

PROMINENT = 0.4
"""Minimum distance from the axes so far at which a feature can define the next, relative to the
farthest feature.

Not a half: for corners of a dodecagon, a twelfth of a turn apart, rounding would decide.
"""

PRECEDENCE = 0.1
"""Extra weight of the first feature relative to the last when a picture chooses its plane."""

FAINT = 1e-6
"""Length of the hidden basis vectors that define an axis if no feature does."""


@dataclass(frozen=True)
class HiddenPicture:
    """The features as points, or as spokes from the origin.

    ``points`` has shape (n, 2), or (n, 3) for m = 3; ``axes``, shape (m, 2) or (m, 3), maps any
    hidden vector h to its position h @ axes in the same picture.
    """

    points: FloatArray
    axes: FloatArray
    hidden: int
    """m, the number of hidden dimensions."""
    share: float
    """The share of ‖W‖_F² that the picture shows: 1 for m ≤ 3."""


def hidden_picture(encoder: FloatArray, axes: FloatArray | None = None) -> HiddenPicture:
    """The rows of ``encoder``, shape (n, m), on ``axes``; by default those of ``picture_axes``."""
    axes = picture_axes(encoder) if axes is None else axes
    weights = encoder.astype(np.float64)
    with np.errstate(all="ignore"):
        points = weights @ axes
        total, shown = np.sum(weights**2), np.sum(points**2)
        share = float(shown / total) if total != 0 else 1.0
    hidden = encoder.shape[1]
    return HiddenPicture(freeze(points), freeze(axes), hidden, min(share, 1.0))


def picture_axes(encoder: FloatArray) -> FloatArray:
    """The matrix from hidden space to a picture: shape (m, 2), or (m, 3) for m = 3.

    Its columns point right, into the depth (for m = 3) and up. They depend only on the features, so
    rotating or mirroring an encoder does not change its picture: the first prominent feature points
    up, the next one off that line points right, and the next one off that plane into the depth.
    With m = 1 all features are on the vertical; with m > 3 the picture is a projection onto the two
    directions that show most of ‖W‖_F². All NaN if a weight is not finite.
    """
    hidden = encoder.shape[1]
    across = 3 if hidden == 3 else 2
    if not np.all(np.isfinite(encoder)):
        return np.full((hidden, across), np.nan)
    weights = encoder.astype(np.float64)
    weights /= np.max(np.abs(weights)) or 1
    basis = np.eye(hidden) if hidden <= MAX_DIMENSIONS else _principal_plane(weights)
    up_first = basis @ _leading_frame(weights @ basis)
    if hidden == 1:
        return np.hstack([np.zeros((1, 1)), up_first])
    return np.roll(up_first, -1, axis=1)


def _principal_plane(weights: FloatArray) -> FloatArray:
    """The plane that shows most of ‖W‖_F²: the two leading eigenvectors of WᵀW, shape (m, 2).

    WᵀW is not centred, because rows are spokes from the origin and not a cloud around its mean.
    Earlier rows have more weight. This costs at most a tenth of what could be shown, and breaks the
    tie when many planes show the same, as with dedicated dimensions. Otherwise the picture would
    spin during training.
    """
    precedence = 1 + PRECEDENCE / np.arange(1, len(weights) + 1)
    if len(weights) < weights.shape[1]:
        return _principal_plane_of_few(np.sqrt(precedence)[:, None] * weights)
    directions = np.linalg.eigh(weights.T @ (precedence[:, None] * weights))[1]
    plane: FloatArray = directions[:, [-1, -2]]
    return plane


def _principal_plane_of_few(rows: FloatArray) -> FloatArray:
    """The same with fewer rows than dimensions, from A·Aᵀ instead of Aᵀ·A.

    If A·Aᵀ·u = λ·u, then Aᵀ·u is an eigenvector of Aᵀ·A. A single row has only one; the other may
    be any orthogonal direction.
    """
    directions = np.linalg.eigh(rows @ rows.T)[1][:, :-3:-1]
    any_other = np.eye(rows.shape[1], 1)
    plane, _ = np.linalg.qr(np.hstack([rows.T @ directions, any_other]))
    return plane[:, :2]


def _leading_frame(points: FloatArray) -> FloatArray:
    """An orthonormal basis of the space of ``points``, shape (n, d), as columns, shape (d, d).

    Each axis points to the first feature that is far enough from the axes so far.
    """
    dimensions = points.shape[1]
    longest = np.max(np.linalg.norm(points, axis=1)) or 1
    rows = np.concatenate([points / longest, FAINT * np.eye(dimensions)])
    axes = np.zeros((dimensions, 0))
    for _ in range(dimensions):
        beyond = rows - rows @ axes @ axes.T
        reach = np.linalg.norm(beyond, axis=1)
        leader = np.argmax(reach >= PROMINENT * reach.max())
        axes = np.column_stack([axes, beyond[leader] / reach[leader]])
    return axes
