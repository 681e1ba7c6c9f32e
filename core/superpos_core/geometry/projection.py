"""The viewing angle and scale of a picture of the hidden space."""

import math

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.geometry.hidden_space import MAX_DIMENSIONS

EDGE = 1.5
"""Extent of a picture in radii of its circle, as in the paper's figures."""

MIN_RADIUS = 1 / 8
"""Minimum radius of the circle in a projection of more than three dimensions, where features may
look short."""


def seen_from(
    points: FloatArray, turn: float, tilt: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The points of a ``HiddenPicture`` as coordinates to the right, up and towards the viewer.

    Three dimensions are rotated about the vertical by ``turn`` and then viewed from ``tilt`` above
    the horizon, both in degrees, without perspective. Points in two dimensions have depth 0.
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
    """The radius of a picture's circle: 1 if all points are then within ``EDGE``.

    Otherwise the smallest power of two for which they are; this may be less than 1 in a projection
    of more than three ``hidden`` dimensions. Non-finite points do not count.
    """
    smallest = MIN_RADIUS if hidden > MAX_DIMENSIONS else 1.0
    lengths = np.linalg.norm(points, axis=1)
    longest = float(lengths[np.isfinite(lengths)].max(initial=0))
    if longest <= EDGE * smallest:
        return smallest
    return float(2.0 ** math.ceil(math.log2(longest / EDGE)))
