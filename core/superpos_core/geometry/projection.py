"""How a picture of the hidden space is looked at: from which side, and on what scale."""

import math

import numpy as np

from superpos_core.arrays import FloatArray

EDGE = 1.5
"""How far a picture reaches, in radii of its circle; the paper's figures reach as far."""

LEAST_RADIUS = 1 / 8
"""The least circle where two of more than three dimensions are shown: they may hold little of each
feature."""


def seen_from(
    points: FloatArray, turn: float, tilt: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The points of a ``HiddenPicture`` as how far they are to the right, up, and near the viewer.

    Three dimensions are turned about the upright by ``turn`` and then looked at from ``tilt`` above
    the horizon, both in degrees, from infinitely far. Points in two dimensions are at no depth.
    """
    x, upright = points[:, 0], points[:, -1]
    if points.shape[1] == 2:
        return x, upright, np.zeros_like(x)
    azimuth, elevation = math.radians(turn), math.radians(tilt)
    near = -points[:, 1] * math.cos(azimuth) - x * math.sin(azimuth)
    right = x * math.cos(azimuth) - points[:, 1] * math.sin(azimuth)
    up = upright * math.cos(elevation) - near * math.sin(elevation)
    return right, up, upright * math.sin(elevation) + near * math.cos(elevation)


def circle_radius(points: FloatArray, hidden: int) -> float:
    """The length that a picture's circle stands for: 1, if all points are then within ``EDGE``.

    Otherwise it is the least power of two for which they are; where the picture is a projection of
    more than three ``hidden`` dimensions, that may be less than 1. Points that are not finite do
    not count.
    """
    least = LEAST_RADIUS if hidden > 3 else 1.0
    lengths = np.linalg.norm(points, axis=1)
    longest = float(lengths[np.isfinite(lengths)].max(initial=0))
    if longest <= EDGE * least:
        return least
    return float(2.0 ** math.ceil(math.log2(longest / EDGE)))
