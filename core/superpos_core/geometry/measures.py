"""What the weights say: pure functions of the encoder, for one lane or for many at once.

All take the encoder W, shape (…, n, m), one row per feature, and broadcast over leading axes.
Weights that are not finite give measures that are not finite, never an exception.
"""

import math

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.strips import strips
from superpos_core.task.parameters import Parameters

REPRESENTED_NORM = 0.5
"""A feature counts as represented when its norm ‖W_i‖ is above this (norms gather near 0 and 1)."""
FEW_ROWS = 128
"""Of so few features products of all with all take no longer than a factorisation."""


def gram(parameters: Parameters) -> FloatArray:
    """W·Wᵀ, or W₁·W₂ where the decoder is free; shape (…, n, n).

    Entry (i, j) is what input feature i adds to the pre-activation of output j; the paper draws it
    as WᵀW ("Demonstrating Superposition").
    """
    return gram_part(parameters, slice(None), slice(None))


def gram_part(parameters: Parameters, rows: slice, columns: slice) -> FloatArray:
    """Some rows and columns of ``gram``, without the others: 4096 features have 17 million."""
    with np.errstate(all="ignore"):
        product: FloatArray = parameters.encoder[..., rows, :] @ parameters.decoder[..., columns]
    return product


def gram_distance(first: FloatArray, second: FloatArray) -> FloatArray:
    """‖G₁ − G₂‖_F of two squares as ``gram`` gives them, shape (…).

    Rotations of the hidden space, and whatever else keeps the product, do not change it.
    """
    with np.errstate(all="ignore"):
        difference = first.astype(np.float64) - second
        distance: FloatArray = np.sqrt(np.sum(difference**2, axis=(-1, -2)))
    return distance


def feature_norms(encoder: FloatArray) -> FloatArray:
    """‖W_i‖, shape (…, n): near 1 for a represented feature, near 0 for an ignored one."""
    with np.errstate(all="ignore"):
        norms: FloatArray = np.linalg.norm(encoder, axis=-1)
    return norms


def superposition(encoder: FloatArray) -> FloatArray:
    """Σ_{j≠i} (Ŵ_i·W_j)², shape (…, n): how far others lie along the direction of feature i.

    0 for a feature with a dimension of its own; at 1 the others drive its direction as hard as it
    does itself ("Demonstrating Superposition"). 0 where ‖W_i‖ is 0.
    """
    return _superposition(*_projections(encoder))


def feature_dimensionality(encoder: FloatArray) -> FloatArray:
    """D_i = ‖W_i‖² / Σ_j (Ŵ_i·W_j)², shape (…, n), within [0, 1] ("The Geometry of Superposition").

    1 for a dedicated dimension, 1/2 in an antipodal pair, 2/5 in a pentagon; 0 where ‖W_i‖ is 0.
    Σ_i D_i ≤ min(n, m) for every W. Of the hidden vectors of rows it is D_x, the share that each
    row gets (Henighan et al. 2023).
    """
    return _dimensionality(*_projections(encoder))


def superposition_and_dimensionality(encoder: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both measures of every feature, each of shape (…, n), for little more than either costs."""
    projections, norms = _projections(encoder)
    return _superposition(projections, norms), _dimensionality(projections, norms)


def dimensionality_of_feature(encoder: FloatArray, feature: int) -> float:
    """D_i of one feature of ``encoder``, shape (n, m), without a look at all the others' D."""
    with np.errstate(all="ignore"):
        row = encoder[feature].astype(np.float64)
        norm = np.linalg.norm(row, axis=-1, keepdims=True)
        direction = row / np.where(norm > 0, norm, 1)
        overlaps = [encoder[rows].astype(np.float64) @ direction for rows in strips(*encoder.shape)]
        projection = np.sum(np.concatenate(overlaps) ** 2, keepdims=True)
    return float(_dimensionality(projection, norm)[0])


def dimensions_per_feature(encoder: FloatArray) -> FloatArray:
    """D* = m / ‖W‖_F², shape (…): hidden dimensions for each feature learned; inf for W = 0."""
    hidden = encoder.shape[-1]
    with np.errstate(all="ignore"):
        ratio: FloatArray = hidden / np.sum(np.square(encoder, dtype=np.float64), axis=(-1, -2))
    return ratio


def largest_sum_of_dimensionality(features: int, hidden: int) -> int:
    """Σ_i D_i is at most the rank of W: no more than n features, nor than m dimensions."""
    return min(features, hidden)


def represented(encoder: FloatArray) -> IntArray:
    """How many features have ‖W_i‖ > 0.5, shape (…)."""
    count: IntArray = np.sum(feature_norms(encoder) > REPRESENTED_NORM, axis=-1)
    return count


def _superposition(projections: FloatArray, norms: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        others = projections - norms**2
    return np.where(norms > 0, np.maximum(others, 0), np.where(np.isnan(norms), np.nan, 0))


def _dimensionality(projections: FloatArray, norms: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        share = norms**2 / projections
    return np.where(norms > 0, share, np.where(np.isnan(norms), np.nan, 0))


def _projections(encoder: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Σ_j (Ŵ_i·W_j)² with j = i included, and ‖W_i‖; both of shape (…, n), float64.

    The direction Ŵ_i comes first, so that tiny rows do not lose their squares to underflow. Of many
    rows products of all with all are not made: there may be millions, where rows are data. Where
    columns are as many as these, the products are made strip by strip.
    """
    weights = encoder.astype(np.float64)
    with np.errstate(all="ignore"):
        norms = np.linalg.norm(weights, axis=-1)
        directions = weights / np.where(norms > 0, norms, 1)[..., None]
        others = np.swapaxes(fewest_rows(weights), -1, -2)
        *lanes, rows, _ = weights.shape
        projections = np.empty(norms.shape)
        for strip in strips(rows, math.prod(lanes) * others.shape[-1]):
            overlaps = directions[..., strip, :] @ others
            projections[..., strip] = np.sum(overlaps**2, axis=-1)
        return projections, norms


def fewest_rows(weights: FloatArray) -> FloatArray:
    """W, shape (…, n, m), or a matrix of m rows with which ‖W·v‖ is the same for every v.

    W = Q·R, and Q has orthonormal columns, so that ‖W·v‖ = ‖R·v‖. There is no such R where weights
    are not finite.
    """
    rows, columns = weights.shape[-2:]
    if rows <= max(columns, FEW_ROWS) or not np.isfinite(weights).all():
        return weights
    # Without Q, which is never needed and costs as much again; the stubs know it with Q only.
    return np.asarray(np.linalg.qr(weights, mode="r"))
