"""What noise and dropout on the hidden layer cost a linear model, or one with few features.

A feature with a direction of its own in x̂ = h̃·Wᵀ + b, where h = x·W, has x̂_i = w·h̃ + b_i with
w = ‖W_i‖ and h = w·x_i. Let u = w², V be the variance of x_i, and let b_i remove the mean error.

- Noise h̃ = h + σ·ε adds w·σ·ε to the output: the loss I·(V·(1 − u)² + σ²·u) is least at
  u = 1 − σ²/(2V), and at u = 0 once σ² exceeds 2V. The importance I cancels.
- Dropout h̃ = d·h, where d has mean 1 and variance q/(1 − q), adds u·x_i·(d − 1):
  I·(V·(1 − u)² + u²·E[x²]·q/(1 − q)) is least at u = V / (V + E[x²]·q/(1 − q)), which is never 0.

Without any feature, a tied model with a ReLU on its outputs gives the means E[x_i], which are above
0 if no value is negative. So it is linear around W = 0, where its loss is
I·(V + (σ² − 2V)·u) up to u²: features grow from nothing if and only if σ² < 2V. Those that are
there already may bear more noise, behind biases below 0.
"""

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.theory.linear import UNIFORM, Moments, feature_variance


def length_with_noise(
    feature_probability: FloatArray, noise: FloatArray, values: Moments = UNIFORM
) -> FloatArray:
    """‖W_i‖² = max(1 − σ²/(2V), 0) of a represented feature; the arguments broadcast."""
    variance = feature_variance(feature_probability, values)
    return np.maximum(1 - np.square(noise) / (2 * variance), 0.0)


def noise_that_removes(feature_probability: FloatArray, values: Moments = UNIFORM) -> FloatArray:
    """σ = √(2V): with more noise no feature with this probability is represented."""
    return np.sqrt(2 * feature_variance(feature_probability, values))


def length_with_dropout(
    feature_probability: FloatArray, dropout: FloatArray, values: Moments = UNIFORM
) -> FloatArray:
    """‖W_i‖² = V / (V + E[x²]·q/(1 − q)) of a represented feature; the arguments broadcast."""
    variance = feature_variance(feature_probability, values)
    square = feature_probability * values.mean_square
    return variance / (variance + square * dropout / (1 - np.asarray(dropout)))
