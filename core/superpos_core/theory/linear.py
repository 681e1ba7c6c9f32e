"""The linear model: what it reaches at best."""

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.data import Values

_MEAN_AND_MEAN_SQUARE: dict[Values, tuple[float, float]] = {
    "uniform": (1 / 2, 1 / 3),
    "signed": (0, 1 / 3),
    "binary": (1, 1),
    "exponential": (1, 2),
}
"""E[x] and E[x²] of an active feature: U[0, 1], U[−1, 1], 1, and exponential with mean 1."""


def feature_variance(feature_probability: FloatArray, values: Values = "uniform") -> FloatArray:
    """V(p) = p·E[x²] − p²·E[x]²: the variance of a feature that is active with probability p.

    For values that are uniform on [0, 1] it is p/3 − p²/4.
    """
    mean, mean_square = _MEAN_AND_MEAN_SQUARE[values]
    return feature_probability * mean_square - feature_probability**2 * mean**2


def linear_optimum(
    importance: FloatArray,
    feature_probability: FloatArray,
    hidden: int,
    values: Values = "uniform",
) -> float:
    """The least total loss of the linear model x̂ = x·W·Wᵀ + b: Σ of the n − m smallest I_i·V(p_i).

    It keeps the m features that weigh most and gives the mean for the rest (Eckart–Young; the
    paper's "Demonstrating Superposition" sees it trained). ``importance`` and
    ``feature_probability`` have shape (n,); the features are independent. Every ReLU optimum is at
    most this, if no value is negative.
    """
    weights = np.sort(importance * feature_variance(feature_probability, values))[::-1]
    return float(np.sum(weights[hidden:]))
