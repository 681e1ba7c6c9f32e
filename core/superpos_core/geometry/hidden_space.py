"""The hidden space to look at: the features in it as points on two axes or three."""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray, frozen

PROMINENT = 0.4
"""What stands out at least this far, compared with what stands out farthest, can lead an axis.

Not a half: corners of a dodecagon, a twelfth of a turn apart, would lead or not by rounding.
"""

PRECEDENCE = 0.1
"""How much more the first feature counts than the last when a picture chooses what it shows."""

FAINT = 1e-6
"""The length of the hidden basis, beside features of length 1, where no feature leads an axis."""


@dataclass(frozen=True)
class HiddenPicture:
    """The features as points, or as spokes from the origin.

    ``points`` has shape (n, 2), or (n, 3) for m = 3; ``axes``, shape (m, 2) or (m, 3), takes any
    hidden vector h to its place h @ axes in the same picture.
    """

    points: FloatArray
    axes: FloatArray
    hidden: int
    """m, the number of hidden dimensions."""
    share: float
    """What part of ‖W‖_F² the picture shows: 1 for m ≤ 3."""


def hidden_picture(encoder: FloatArray) -> HiddenPicture:
    """The rows of ``encoder``, shape (n, m), on the axes that ``picture_axes`` chooses."""
    axes = picture_axes(encoder)
    weights = encoder.astype(np.float64)
    with np.errstate(all="ignore"):
        points = weights @ axes
        total, shown = np.sum(weights**2), np.sum(points**2)
        share = float(shown / total) if total != 0 else 1.0
    hidden = encoder.shape[1]
    return HiddenPicture(frozen(points), frozen(axes), hidden, min(share, 1.0))


def picture_axes(encoder: FloatArray) -> FloatArray:
    """The matrix from hidden space to a picture: shape (m, 2), or (m, 3) for m = 3.

    Its columns point to the right, into the depth if there is any, and up, the last. They are fixed
    by the features alone, so that pictures of an encoder and of the same one turned or mirrored are
    the same: the first prominent feature points up, the next that leaves that line to the right,
    and the next that leaves that plane into the depth. With m = 1 all features are on the vertical;
    with m > 3 the picture is a projection on the two directions that show most of ‖W‖_F². NaN if
    a weight is not finite.
    """
    hidden = encoder.shape[1]
    across = 3 if hidden == 3 else 2
    if not np.all(np.isfinite(encoder)):
        return np.full((hidden, across), np.nan)
    weights = encoder.astype(np.float64)
    weights /= np.max(np.abs(weights)) or 1
    basis = np.eye(hidden) if hidden <= 3 else _principal_plane(weights)
    up_first = basis @ _leading_frame(weights @ basis)
    if hidden == 1:
        return np.hstack([np.zeros((1, 1)), up_first])
    return np.roll(up_first, -1, axis=1)


def _principal_plane(weights: FloatArray) -> FloatArray:
    """The plane that shows most of ‖W‖_F²: the two leading eigenvectors of WᵀW, shape (m, 2).

    WᵀW is not centred, since rows are spokes from the origin and not a cloud around its mean. The
    earlier a row, the more it counts: that costs at most a tenth of what could be shown, and
    decides where many planes show the same, as with a dimension for each feature. Otherwise the
    picture would spin there while a model trains.
    """
    precedence = 1 + PRECEDENCE / np.arange(1, len(weights) + 1)
    if len(weights) < weights.shape[1]:
        return _principal_plane_of_few(np.sqrt(precedence)[:, None] * weights)
    directions = np.linalg.eigh(weights.T @ (precedence[:, None] * weights))[1]
    plane: FloatArray = directions[:, [-1, -2]]
    return plane


def _principal_plane_of_few(rows: FloatArray) -> FloatArray:
    """The same where dimensions outnumber the rows, from the products of these: A·Aᵀ, not Aᵀ·A.

    If A·Aᵀ·u = λ·u, then Aᵀ·u is an eigenvector of Aᵀ·A. A single row has only one: the other may
    be any direction that is orthogonal to it.
    """
    directions = np.linalg.eigh(rows @ rows.T)[1][:, :-3:-1]
    any_other = np.eye(rows.shape[1], 1)
    plane, _ = np.linalg.qr(np.hstack([rows.T @ directions, any_other]))
    return plane[:, :2]


def _leading_frame(points: FloatArray) -> FloatArray:
    """An orthonormal basis of the space of ``points``, shape (n, d): its columns, shape (d, d).

    Each axis points to the first feature that stands out of the axes so far.
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
