"""Rotation of the plane."""

import numpy as np

from superpos_core.arrays import FloatArray


def rotation(angle: float) -> FloatArray:
    """The matrix, shape (2, 2), that rotates rows counter-clockwise by an angle in radians."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, sine], [-sine, cosine]])
