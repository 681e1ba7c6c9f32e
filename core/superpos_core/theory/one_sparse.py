"""The loss on data with one active feature, x = μ·e_i with μ uniform on [0, 1], integrated exactly.

It is the leading term of the loss when features are sparse (the paper's section on its
mathematics), and the whole loss in Chen et al. 2023, "Dynamical versus Bayesian phase transitions
in a toy model of superposition".
"""

import numpy as np

from superpos_core.activations import ACTIVATIONS, ActivationName
from superpos_core.arrays import FloatArray
from superpos_core.strips import strips
from superpos_core.theory.quadrature import kink, nodes_between

_EXACT_NODES: dict[str, int] = {"identity": 2, "relu": 2}
"""Nodes that make the integral exact: these activations are linear on both sides of 0."""
_CURVE_NODES = 16
_BLOCK_ENTRIES = 1 << 18
"""Entries integrated at once, which bounds the memory for nodes with thousands of features."""


def squared_error_integral(
    slope: FloatArray,
    offset: FloatArray,
    target_slope: FloatArray,
    activation: ActivationName = "relu",
) -> FloatArray:
    """∫₀¹ (target_slope·μ − f(slope·μ + offset))² dμ, for arrays that broadcast.

    Exact for the identity and ReLU, and to about ten digits for curved activations with slopes of
    order 1.
    """
    slope, offset = np.broadcast_arrays(slope, offset)
    count = _EXACT_NODES.get(activation, _CURVE_NODES)
    with np.errstate(all="ignore"):
        positions, weights = nodes_between(kink(slope, offset)[..., None], count)
        output = ACTIVATIONS[activation](slope[..., None] * positions + offset[..., None])
        error = np.asarray(target_slope)[..., None] * positions - output
        integral: FloatArray = np.sum(weights * error**2, axis=-1)
    return integral


def one_sparse_errors(
    gram: FloatArray, bias: FloatArray, activation: ActivationName = "relu", first: int = 0
) -> FloatArray:
    """∫₀¹ (δ_ij·μ − f(G_ij·μ + b_j))² dμ, shape (k, n): the error of output j when i is active.

    ``gram`` has shape (k, n) and holds k rows of G, starting with row ``first``. ``bias`` has shape
    (n,).
    """
    active, features = gram.shape
    errors = np.empty((active, features))
    for rows in strips(active, features, _BLOCK_ENTRIES):
        errors[rows] = squared_error_integral(
            gram[rows].astype(np.float64),
            bias.astype(np.float64),
            np.eye(rows.stop - rows.start, features, k=first + rows.start),
            activation,
        )
    return errors


def one_sparse_loss(
    gram: FloatArray, bias: FloatArray, activation: ActivationName = "relu"
) -> FloatArray:
    """The total loss on 1-sparse data, Σ_ij ∫₀¹ (δ_ij·μ − f(G_ij·μ + b_j))² dμ / n; shape (…).

    ``gram`` has shape (…, n, n) and ``bias`` (…, n), for example of many models or moments.
    """
    features = bias.shape[-1]
    each_gram, each_bias = gram.reshape(-1, features, features), bias.reshape(-1, features)
    losses = np.empty(len(each_bias))
    at_once = max(1, _BLOCK_ENTRIES // features**2)
    with np.errstate(all="ignore"):
        for start in range(0, len(losses), at_once):
            block = slice(start, start + at_once)
            errors = squared_error_integral(
                each_gram[block].astype(np.float64),
                each_bias[block, None, :].astype(np.float64),
                np.eye(features),
                activation,
            )
            losses[block] = errors.sum(axis=(-1, -2)) / features
    return losses.reshape(bias.shape[:-1])
