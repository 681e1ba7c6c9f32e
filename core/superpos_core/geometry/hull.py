"""The edges of a convex hull, which make a set of points look like a solid."""

from itertools import combinations

import numpy as np

from superpos_core.arrays import FloatArray

MAX_BEND = np.radians(12)
"""Maximum bend within one face: trained corners are not exactly in a plane."""

SHORTEST = 0.15
"""Minimum length of an edge relative to the hull's extent; closer points are one corner."""

MIN_WIDTH = 0.4
"""Minimum ratio of the second extent to the first of points that are not along a line."""


def hull_edges(points: FloatArray) -> list[tuple[int, int]]:
    """The edges of the convex hull of ``points``, shape (k, 2) or (k, 3), as pairs of indices.

    Empty if the points are not finite or are nearly along a line. Takes O(k³) time.
    """
    if len(points) < 3 or not np.isfinite(points).all() or _is_line(points):
        return []
    extent = float(np.linalg.norm(np.ptp(points, axis=0)))
    return [
        (first, second)
        for first, second in combinations(range(len(points)), 2)
        if _is_edge(points, first, second, SHORTEST * extent)
    ]


def _is_line(points: FloatArray) -> bool:
    spreads = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return bool(spreads[1] <= MIN_WIDTH * spreads[0])


def _is_edge(points: FloatArray, first: int, second: int, shortest: float) -> bool:
    """Whether all other points are on one side when viewed along the line through the two."""
    along = points[second] - points[first]
    length = float(np.linalg.norm(along))
    if length <= shortest:
        return False
    along = along / length
    others = np.delete(points, [first, second], axis=0) - points[first]
    across = others - np.outer(others @ along, along)
    distances = np.linalg.norm(across, axis=1)
    beside = distances > shortest
    if not beside.any():
        return False
    directions = across[beside] / distances[beside, None]
    angles = _angles(directions)
    gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    return bool(gaps.max() > np.pi + (MAX_BEND if points.shape[1] == 3 else 0))


def _angles(directions: FloatArray) -> FloatArray:
    """The angles of directions in a plane relative to the first, ascending."""
    origin = directions[0]
    cosines = np.clip(directions @ origin, -1, 1)
    beyond = directions - np.outer(cosines, origin)
    farthest = beyond[np.argmax(np.linalg.norm(beyond, axis=1))]
    return np.sort(
        np.arctan2(beyond @ farthest / max(float(np.linalg.norm(farthest)), 1e-12), cosines)
    )
