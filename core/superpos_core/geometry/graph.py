"""The feature geometry graph: represented features, joined if they overlap, laid out in a plane.

The paper draws it next to the feature dimensionalities ("The Geometry of Superposition"): features
that share dimensions form a component, and its layout shows the shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray, IntArray
from superpos_core.geometry.components import JOINED_OVERLAP, Geometry, geometry_of
from superpos_core.geometry.rotation import rotation

ROUNDS = 100
FIRST_STEP = 0.2
"""Maximum move of a node in the first round; it decreases in each following round."""
GRAVITY = 0.1
"""Pull towards the origin per unit distance, which keeps loose components compact."""
MIN_DISTANCE = 0.01
GAP = 1.0
"""Space between components, relative to an edge of about 1."""
DIGITS = 6
"""Decimal places to which distances are compared, so that rounding does not break ties."""
WIDTHS_TRIED = 40


@dataclass(frozen=True)
class FeatureGraph:
    """The represented features of one encoder as nodes, the largest component first.

    ``features``, shape (k,), holds their indices and ``component``, shape (k,), the component of
    each. ``edges``, shape (e, 2), holds pairs of indices into ``features``, and ``overlaps``, shape
    (e,), the weights |W_i·W_j|. ``geometry`` also lists the features that are not nodes.
    """

    geometry: Geometry
    features: IntArray
    component: IntArray
    edges: IntArray
    overlaps: FloatArray


def feature_graph(encoder: FloatArray) -> FeatureGraph:
    """The graph of ``encoder``, shape (n, m); its components are the shapes of its geometry."""
    geometry = geometry_of(encoder)
    shapes = sorted(geometry.shapes, key=lambda shape: -len(shape.features))
    features = np.array([feature for shape in shapes for feature in shape.features], dtype=int)
    component = np.repeat(np.arange(len(shapes)), [len(shape.features) for shape in shapes])
    weights = encoder[features].astype(np.float64)
    directions = weights / np.linalg.norm(weights, axis=1, keepdims=True)
    overlapping = np.abs(directions @ directions.T) > JOINED_OVERLAP
    joined = np.triu(overlapping & (component[:, None] == component), 1)
    with np.errstate(all="ignore"):
        overlaps = np.abs(weights @ weights.T)[joined]
    return FeatureGraph(geometry, features, component, np.argwhere(joined), overlaps)


def layout(graph: FeatureGraph) -> FloatArray:
    """The position of each node, shape (k, 2): components side by side, about as wide as high.

    Within a component the layout follows Fruchterman and Reingold (1991): nodes at distance d repel
    one another with 1/d and, if joined, attract one another with w·d². The weight w is the
    interference (W_i·W_j)², at most 1. The layout is deterministic.
    """
    attraction = _attraction(graph)
    components = [np.flatnonzero(graph.component == each) for each in np.unique(graph.component)]
    start = np.zeros((len(graph.features), 2))
    for nodes in components:
        start[nodes] = _ring(attraction[np.ix_(nodes, nodes)])
    relaxed = _relaxed(start, attraction, graph.component[:, None] == graph.component)
    upright = [_upright(relaxed[nodes]) for nodes in components]
    corners = packed([np.ptp(points, axis=0) + GAP for points in upright])
    for nodes, points, corner in zip(components, upright, corners, strict=True):
        relaxed[nodes] = corner + GAP / 2 + points - points.min(axis=0)
    return relaxed


def packed(sizes: Sequence[FloatArray]) -> FloatArray:
    """The lower left corners, shape (c, 2), of non-overlapping boxes with these (width, height).

    The boxes fill centred rows, in the given order, from top to bottom; the width of the rows is
    chosen so that the result is closest to a square.
    """
    if not sizes:
        return np.zeros((0, 2))
    boxes = np.array(sizes)
    widest, side = boxes[:, 0].max(), np.sqrt(boxes.prod(axis=1).sum())
    widths = np.maximum(widest, side * np.linspace(0.8, 3, WIDTHS_TRIED))
    return min((_in_rows(boxes, width) for width in widths), key=lambda at: _side(at, boxes))


def _attraction(graph: FeatureGraph) -> FloatArray:
    """The weights w of ``layout`` as a symmetric matrix, shape (k, k)."""
    attraction = np.zeros((len(graph.features), len(graph.features)))
    first, second = graph.edges.T
    attraction[first, second] = attraction[second, first] = np.minimum(graph.overlaps, 1) ** 2
    return attraction


def _ring(attraction: FloatArray) -> FloatArray:
    """The nodes of one component on a circle: each is followed by the one it attracts most."""
    order, left = [0], np.ones(len(attraction), bool)
    for _ in range(len(attraction) - 1):
        left[order[-1]] = False
        order.append(int(np.argmax(np.where(left, attraction[order[-1]], -1))))
    angles = np.empty(len(order))
    angles[order] = 2 * np.pi * np.arange(len(order)) / len(order)
    return np.stack([np.sin(angles), np.cos(angles)], axis=1)


def _relaxed(points: FloatArray, attraction: FloatArray, together: BoolArray) -> FloatArray:
    """``points``, shape (k, 2), after all rounds; only points that are ``together`` repel.

    The force between two points is a multiple of their difference, so the sum of all forces needs
    two products instead of an array of differences, shape (k, k, 2).
    """
    repulsion = np.where(together & ~np.eye(len(points), dtype=bool), 1.0, 0.0)
    for step in np.linspace(FIRST_STEP, 0, ROUNDS, endpoint=False):
        squares = np.sum(points**2, axis=1)
        squared_distances = squares[:, None] + squares - 2 * points @ points.T
        np.maximum(squared_distances, MIN_DISTANCE**2, out=squared_distances)
        push = repulsion / squared_distances
        push -= attraction * np.sqrt(squared_distances)
        forces = push.sum(axis=1, keepdims=True) * points - push @ points - GRAVITY * points
        strength = np.linalg.norm(forces, axis=1, keepdims=True)
        points = points + forces * np.minimum(1, step / np.maximum(strength, step))
    return points


def _upright(points: FloatArray) -> FloatArray:
    """The component centred at 0 and rotated so that its outermost node is at the top."""
    centred = points - points.mean(axis=0)
    x, y = centred[np.argmax(np.sum(centred**2, axis=1).round(DIGITS))]
    turned: FloatArray = centred @ rotation(float(np.arctan2(x, y)))
    return turned


def _in_rows(boxes: FloatArray, width: float) -> FloatArray:
    """Lower left corners of ``boxes``, shape (c, 2), in centred rows of at most ``width``."""
    corners = np.zeros_like(boxes)
    ends = np.cumsum(boxes[:, 0])
    first, top = 0, 0.0
    while first < len(boxes):
        before = ends[first] - boxes[first, 0]
        last = int(np.searchsorted(ends, before + width + 1e-9, side="right"))
        row = slice(first, last)
        height = boxes[row, 1].max()
        corners[row, 0] = ends[row] - boxes[row, 0] - before - (ends[last - 1] - before) / 2
        corners[row, 1] = top - (height + boxes[row, 1]) / 2
        first, top = last, top - height
    return corners


def _side(corners: FloatArray, boxes: FloatArray) -> float:
    """The side of the smallest square that contains all boxes."""
    return float(np.max((corners + boxes).max(axis=0) - corners.min(axis=0)))
