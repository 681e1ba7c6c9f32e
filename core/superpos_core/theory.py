"""Closed forms: what the best possible model of a kind reaches."""

import numpy as np

from superpos_core.arrays import FloatArray


def feature_variance(feature_probability: FloatArray) -> FloatArray:
    """V(p) = p/3 − p²/4: the variance of a feature that is U[0, 1] with probability p, else 0."""
    return feature_probability / 3 - feature_probability**2 / 4


def linear_optimum(importance: FloatArray, feature_probability: FloatArray, hidden: int) -> float:
    """The least total loss of the linear model x̂ = x·W·Wᵀ + b: Σ of the n − m smallest I_i·V(p_i).

    It keeps the m features that weigh most and gives the mean for the rest (Eckart–Young; the
    paper's "Demonstrating Superposition" sees it trained). ``importance`` and
    ``feature_probability`` have shape (n,). Every ReLU optimum is at most this.
    """
    weights = np.sort(importance * feature_variance(feature_probability))[::-1]
    return float(np.sum(weights[hidden:]))
