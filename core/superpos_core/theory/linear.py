"""The best possible linear model."""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray


@dataclass(frozen=True)
class Moments:
    """E[x] and E[x²] of the value of an active feature."""

    mean: float
    mean_square: float


UNIFORM = Moments(1 / 2, 1 / 3)
"""The moments of U[0, 1]."""


def feature_variance(feature_probability: FloatArray, values: Moments = UNIFORM) -> FloatArray:
    """V(p) = p·E[x²] − p²·E[x]²: the variance of a feature that is active with probability p.

    For values uniform on [0, 1] this is p/3 − p²/4.
    """
    return feature_probability * values.mean_square - feature_probability**2 * values.mean**2


def linear_optimum(
    importance: FloatArray,
    feature_probability: FloatArray,
    hidden: int,
    values: Moments = UNIFORM,
) -> float:
    """The minimum total loss of x̂ = x·W·Wᵀ + b: the sum of the n − m smallest I_i·V(p_i).

    The model represents the m heaviest features and gives the mean for the rest (Eckart–Young;
    trained in "Demonstrating Superposition"). ``importance`` and ``feature_probability`` have shape
    (n,); the features are independent. No ReLU optimum is higher, if no value is negative.
    """
    weights = np.sort(importance * feature_variance(feature_probability, values))[::-1]
    return float(np.sum(weights[hidden:]))


def linear_optimum_of_moments(importance: FloatArray, covariance: FloatArray, hidden: int) -> float:
    """The minimum total loss of a linear model with a bias on data of any covariance.

    x̂ = x·A + b with A of rank m, the best b being E[x] − E[x]·A: the sum of the n − m smallest
    eigenvalues of D·Cov(x)·D, with D² = diag(I) (Eckart–Young). With equal importances the best A
    is a projection, which W·Wᵀ can be; otherwise it is not symmetric, and tied weights may not
    reach it.
    ``importance`` has shape (n,), ``covariance`` (n, n).
    """
    weight = np.sqrt(importance)
    eigenvalues = np.linalg.eigvalsh(weight[:, None] * covariance * weight)
    return float(np.sum(np.maximum(eigenvalues[: max(len(eigenvalues) - hidden, 0)], 0)))
