"""Polytopes with known measures: corners as the rows of an encoder, shape (n, m)."""

import itertools
import math

import numpy as np

from superpos_core.arrays import FloatArray

DEDICATED = np.array([[1.0]])
DIGON = np.array([[1.0], [-1.0]])
IGNORED = np.zeros((1, 1))


def regular_polygon(corners: int) -> FloatArray:
    return spokes(*(360 / corners * np.arange(corners)))


def upright_polygon(corners: int) -> FloatArray:
    """A regular polygon whose first corner points up."""
    return regular_polygon(corners)[:, ::-1]


def spokes(*degrees: float) -> FloatArray:
    """Unit vectors in the plane in these directions."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def regular_simplex(corners: int) -> FloatArray:
    """The centred unit vectors of R^k, in a basis of the k − 1 dimensions that they span."""
    centred = np.eye(corners) - 1 / corners
    basis = np.linalg.svd(centred)[2][: corners - 1]
    points = centred @ basis.T
    unit: FloatArray = points / np.linalg.norm(points, axis=1, keepdims=True)
    return unit


def cube() -> FloatArray:
    return np.array(list(itertools.product((-1.0, 1.0), repeat=3))) / math.sqrt(3)


def square_antiprism(squared_height: float = 1 / 3) -> FloatArray:
    """With a height of 1/√3, Σ W_i W_iᵀ is a multiple of the identity."""
    angles = np.pi / 2 * np.arange(4)
    radius, height = math.sqrt(1 - squared_height), np.full(4, math.sqrt(squared_height))
    top = np.stack([radius * np.cos(angles), radius * np.sin(angles), height], axis=1)
    turned = angles + np.pi / 4
    bottom = np.stack([radius * np.cos(turned), radius * np.sin(turned), -height], axis=1)
    return np.concatenate([top, bottom])


def direct_sum(*blocks: FloatArray) -> FloatArray:
    """Polytopes in orthogonal subspaces."""
    features, hidden = np.sum([block.shape for block in blocks], axis=0)
    weights = np.zeros((features, hidden))
    row = column = 0
    for block in blocks:
        weights[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return weights


def random_orthogonal(seed: int, size: int) -> FloatArray:
    random = np.random.default_rng(seed)
    rotation: FloatArray = np.linalg.qr(random.standard_normal((size, size)))[0]
    return rotation
