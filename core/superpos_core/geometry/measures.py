"""Measures of the weights: pure functions of the encoder, for one lane or many at once.

They take the encoder W, shape (…, n, m), one row per feature, and broadcast over leading axes.
Non-finite weights give non-finite measures, never an exception.
"""

import math

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.strips import strips
from superpos_core.task.parameters import Parameters

REPRESENTED_NORM = 0.5
"""A feature is represented if its norm ‖W_i‖ is above this (norms cluster near 0 and 1)."""
FEW_ROWS = 128
"""Maximum number of rows for which the full product is as fast as a factorisation."""


def gram(parameters: Parameters) -> FloatArray:
    """W·Wᵀ, or W₁·W₂ where the decoder is free; shape (…, n, n).

    Entry (i, j) is what input feature i adds to the pre-activation of output j; the paper draws it
    as WᵀW ("Demonstrating Superposition").
    """
    return gram_part(parameters, slice(None), slice(None))


def gram_part(parameters: Parameters, rows: slice, columns: slice) -> FloatArray:
    """Some rows and columns of ``gram`` only: of 4096 features it has 17 million entries."""
    with np.errstate(all="ignore"):
        product: FloatArray = parameters.encoder[..., rows, :] @ parameters.decoder[..., columns]
    return product


def gram_distance(first: FloatArray, second: FloatArray) -> FloatArray:
    """‖G₁ − G₂‖_F of two results of ``gram``, shape (…).

    It is invariant under rotations of the hidden space, and anything else that keeps the product.
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
    """Σ_{j≠i} (Ŵ_i·W_j)², shape (…, n): how much other features share the direction of feature i.

    0 for a feature with a dedicated dimension; at 1 the others activate its direction as strongly
    as the feature itself ("Demonstrating Superposition"). 0 if ‖W_i‖ is 0.
    """
    return _superposition(*_projections(encoder))


def feature_dimensionality(encoder: FloatArray) -> FloatArray:
    """D_i = ‖W_i‖² / Σ_j (Ŵ_i·W_j)², shape (…, n), within [0, 1] ("The Geometry of Superposition").

    1 for a dedicated dimension, 1/2 in an antipodal pair, 2/5 in a pentagon; 0 if ‖W_i‖ is 0.
    Σ_i D_i ≤ min(n, m) for every W. Applied to the hidden vectors of data rows it is D_x, the
    dimensionality of each row (Henighan et al. 2023).
    """
    return _dimensionality(*_projections(encoder))


def superposition_and_dimensionality(encoder: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both measures of every feature, each of shape (…, n), at little more than the cost of one."""
    projections, norms = _projections(encoder)
    return _superposition(projections, norms), _dimensionality(projections, norms)


def dimensionality_of_feature(encoder: FloatArray, feature: int) -> float:
    """D_i of one feature of ``encoder``, shape (n, m), without computing the others."""
    with np.errstate(all="ignore"):
        row = encoder[feature].astype(np.float64)
        norm = np.linalg.norm(row, axis=-1, keepdims=True)
        direction = row / np.where(norm > 0, norm, 1)
        overlaps = [encoder[rows].astype(np.float64) @ direction for rows in strips(*encoder.shape)]
        projection = np.sum(np.concatenate(overlaps) ** 2, keepdims=True)
    return float(_dimensionality(projection, norm)[0])


def dimensions_per_feature(encoder: FloatArray) -> FloatArray:
    """D* = m / ‖W‖_F², shape (…): hidden dimensions per learned feature; inf for W = 0."""
    hidden = encoder.shape[-1]
    with np.errstate(all="ignore"):
        ratio: FloatArray = hidden / np.sum(np.square(encoder, dtype=np.float64), axis=(-1, -2))
    return ratio


def largest_sum_of_dimensionality(features: int, hidden: int) -> int:
    """The upper bound of Σ_i D_i: the rank of W, at most n features and m dimensions."""
    return min(features, hidden)


def mean_squared_overlap(encoder: FloatArray) -> FloatArray:
    """The mean of (Ŵ_i·Ŵ_j)² over all pairs i ≠ j, shape (…); NaN for a single row.

    1/m for random directions, and never below Welch's bound (n − m)/(m(n − 1)) (``welch_bound``).
    Rows of zeros have no direction: leave them out.
    """
    weights = encoder.astype(np.float64)
    rows = weights.shape[-2]
    with np.errstate(all="ignore"):
        directions = weights / np.linalg.norm(weights, axis=-1, keepdims=True)
        # ‖Ŵ·Ŵᵀ‖_F = ‖Ŵᵀ·Ŵ‖_F, and m is small.
        product = np.swapaxes(directions, -1, -2) @ directions
        others: FloatArray = np.sum(product**2, axis=(-1, -2)) - rows
        return others / np.float64(rows * (rows - 1))


def represented(encoder: FloatArray) -> IntArray:
    """The number of features with ‖W_i‖ > 0.5, shape (…)."""
    count: IntArray = np.sum(feature_norms(encoder) > REPRESENTED_NORM, axis=-1)
    return count


def _superposition(projections: FloatArray, norms: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        others = projections - norms**2
    return _of_finite_norms(np.maximum(others, 0), norms)


def _dimensionality(projections: FloatArray, norms: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        share = norms**2 / projections
    return _of_finite_norms(share, norms)


def _of_finite_norms(measure: FloatArray, norms: FloatArray) -> FloatArray:
    """The measure; 0 where the norm is 0, and NaN where it is not finite or has overflowed."""
    return np.where(np.isfinite(norms), np.where(norms > 0, measure, 0), np.nan)


def _projections(encoder: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Σ_j (Ŵ_i·W_j)² including j = i, and ‖W_i‖; both of shape (…, n), float64.

    Normalises first, so that squares of tiny rows do not underflow. Avoids the full product of many
    rows: if rows are data, there may be millions. With as many columns, works strip by strip.
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
    """W, shape (…, n, m), or a matrix R of m rows with ‖R·v‖ = ‖W·v‖ for every v.

    W = Q·R, where Q has orthonormal columns. There is no such R if weights are not finite.
    """
    rows, columns = weights.shape[-2:]
    if rows <= max(columns, FEW_ROWS) or not np.isfinite(weights).all():
        return weights
    # Q is not needed and would double the cost; numpy's stubs only know the result with Q.
    return np.asarray(np.linalg.qr(weights, mode="r"))
