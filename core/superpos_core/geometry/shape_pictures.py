"""Small pictures of single shapes, each in the dimensions that it fills.

A regular shape of up to three dimensions is seen as it is. The features of any other one are on a
circle in their order, joined by chords: more dimensions cannot be seen, and what is not regular yet
changes all the time, so that a layout that follows it would never come to rest.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from superpos_core.arrays import FloatArray, IntArray, freeze
from superpos_core.geometry.components import JOINED_OVERLAP, Shape, angles_to
from superpos_core.geometry.hidden_space import MAX_DIMENSIONS, hidden_picture
from superpos_core.geometry.projection import seen_from
from superpos_core.geometry.shapes import TOLERANCE_DEGREES
from superpos_core.geometry.spoke_limits import TILT, TURN
from superpos_core.strips import strips

MAX_EDGES = 2000
"""Edges per picture: many more than can be told apart."""
NEIGHBOUR = 1.25
"""Corners are neighbours if their angle is at most this many times that of the nearest ones."""


@dataclass(frozen=True)
class ShapePicture:
    """A shape as nodes, shape (k, 2), within a circle of radius 1 around 0; y points up.

    ``edges``, shape (e, 2), are pairs of indices into ``shape.features`` of features that overlap,
    and ``products``, shape (e,), their W_i·W_j; of more than ``MAX_EDGES``, the strongest.
    """

    shape: Shape
    points: FloatArray
    edges: IntArray
    products: FloatArray


def shape_picture(shape: Shape, vectors: FloatArray) -> ShapePicture:
    """The picture of one of the shapes of ``vectors``, shape (n, m)."""
    weights = vectors[list(shape.features)].astype(np.float64)
    is_seen = shape.known and shape.rank <= MAX_DIMENSIONS
    points = _seen(weights, shape.rank) if is_seen else _ring(len(weights))
    return ShapePicture(shape, points, *_strongest_edges(weights))


def outline(shape: Shape, vectors: FloatArray) -> list[tuple[int, int]]:
    """The pairs of features between which a regular shape of two or more dimensions has an edge.

    Features that share a corner each have its edges. No pairs for other shapes.
    """
    if not shape.known or shape.rank < 2:
        return []
    features = shape.features
    own = vectors[list(features)]
    angles = np.stack([angles_to(each, own) for each in own])
    apart = np.where(angles > TOLERANCE_DEGREES, angles, np.inf)
    widest = NEIGHBOUR * float(np.median(apart.min(axis=1)))
    return [(features[i], features[j]) for i, j in np.argwhere(np.triu(apart <= widest, 1))]


def _strongest_edges(weights: FloatArray) -> tuple[IntArray, FloatArray]:
    """The pairs of rows of ``weights``, shape (k, m), that overlap, in order, and their products.

    The (k, k) products are never held together.
    """
    norms = np.linalg.norm(weights, axis=1)
    edges, products = np.zeros((0, 2), int), np.zeros(0)
    for strip in strips(len(weights), len(weights)):
        block = weights[strip] @ weights.T
        joined = np.abs(block) > JOINED_OVERLAP * norms[strip, None] * norms
        rows, columns = np.nonzero(np.triu(joined, strip.start + 1))
        edges = np.concatenate([edges, np.stack([rows + strip.start, columns], axis=1)])
        products = np.concatenate([products, block[rows, columns]])
        if len(edges) > MAX_EDGES:
            kept = np.sort(np.argsort(-np.abs(products), kind="stable")[:MAX_EDGES])
            edges, products = edges[kept], products[kept]
    return edges, products


def _seen(weights: FloatArray, rank: int) -> FloatArray:
    """The rows of ``weights``, shape (k, m), in the ``rank`` dimensions that they fill.

    A single feature is in the middle: it has nothing to lie beside.
    """
    if len(weights) == 1:
        return np.zeros((1, 2))
    dimensions = np.linalg.svd(weights, full_matrices=False)[2][:rank]
    points = hidden_picture(weights @ dimensions.T).points
    right, up, _ = seen_from(points, TURN, TILT)
    longest = float(np.linalg.norm(points, axis=1).max())
    return np.stack([right, up], axis=1) / longest


@lru_cache(maxsize=512)
def _ring(nodes: int) -> FloatArray:
    """The nodes clockwise on the circle, the first one on top."""
    angles = 2 * np.pi * np.arange(nodes) / nodes
    return freeze(np.stack([np.sin(angles), np.cos(angles)], axis=1))
