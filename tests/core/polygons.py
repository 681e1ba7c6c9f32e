"""The weights of regular polygons according to theory."""

import numpy as np
from tests.core.polytopes import regular_polygon

from superpos_core.arrays import FloatArray
from superpos_core.theory import best_polygon


def polygon_weights(
    corners: int, features: int, positive_biases: int = 0
) -> tuple[FloatArray, FloatArray]:
    """W and b of the best polygon with ``corners`` of the features; the others are dead."""
    polygon = best_polygon(corners)
    encoder, bias = np.zeros((features, 2)), np.zeros(features)
    encoder[:corners] = polygon.radius * regular_polygon(corners)
    bias[:corners] = polygon.bias
    bias[corners : corners + positive_biases] = 1 / (2 * features)
    return encoder, bias
