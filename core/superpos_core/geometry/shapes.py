"""The regular shapes that features settle into, and how one is recognised.

A corner is a direction in hidden space. In every shape here all corners are alike and fill the
dimensions that they span, so that each has the dimensionality rank / corners ("The Geometry of
Superposition"). A new shape is one more entry in ``SINGLE_SHAPES``.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray, IntArray

DEGREES_OFF = 12.0
"""Degrees by which a feature may miss a regular shape's angles.

Trained pentagons miss them by 1°, and by 11° where one corner holds a collapsed pair.
"""

DIMENSIONALITY_TOLERANCE = 0.03
"""By how much the mean of D_i may miss that of the regular shape.

The mean, because features of unequal importance share a shape's dimensions unequally: an antipodal
pair with norms 1 and 0.8 has D = 0.61 and 0.39. What lowers the mean is interference from beyond
the shape: at this limit a feature of a pair gets an eighth of what it gets from its antipode.
"""


LONE_TOLERANCE = 0.15
"""The same for a feature alone: one that is not represented, 0.4 as long, may lean on it."""


@dataclass(frozen=True)
class RegularShape:
    """A shape's name, the dimensions that it spans and how its corners lie to one another."""

    name: str
    plural: str
    rank: int
    angles: tuple[float, ...]
    """From a corner to each of the others, in degrees, ascending."""

    @property
    def corners(self) -> int:
        """How many features make up the shape, where none have collapsed."""
        return len(self.angles) + 1


def recognised(directions: FloatArray, rank: int, shares: FloatArray) -> tuple[str, str] | None:
    """The name and the plural of the regular shape that features form, or ``None``.

    ``directions``, shape (k, m), are theirs, of length 1, ``rank`` is how many dimensions they
    span and ``shares``, shape (k,), their D_i. The D_i of a regular shape add up to its rank.
    """
    corners = _corners(directions, at_most=_most_corners(rank))
    missing = abs(float(shares.sum()) - rank) / len(corners)
    tolerance = DIMENSIONALITY_TOLERANCE if len(corners) > 1 else LONE_TOLERANCE
    for shape in regular_shapes(len(corners), rank):
        cosines = directions @ directions[corners].T
        if missing <= tolerance and _has_angles(cosines, shape):
            nearest = cosines.argmax(axis=1)
            return _names(shape, np.bincount(nearest).tolist())
    return None


def regular_shapes(corners: int, rank: int) -> list[RegularShape]:
    """All known shapes of so many corners that span so many dimensions."""
    found = [s for s in SINGLE_SHAPES if (s.corners, s.rank) == (corners, rank)]
    if rank == 2 and corners >= 3 and corners != 4:  # a square is two digons
        found.append(polygon(corners))
    if rank == corners - 1 and corners >= 4:
        found.append(simplex(corners))
    return found


def polygon(corners: int) -> RegularShape:
    """The regular polygon with three corners or more: dimensionality 2 / corners."""
    name = POLYGON_NAMES.get(corners, f"{corners}-gon")
    step = 360 / corners
    around = sorted(min(step * k, 360 - step * k) for k in range(1, corners))
    return RegularShape(name, f"{name}s", rank=2, angles=tuple(around))


def simplex(corners: int) -> RegularShape:
    """The regular simplex with k ≥ 4 corners, all equally far apart: dimensionality (k − 1) / k.

    Geometry calls it by its dimensions: the d-simplex has d + 1 corners.
    """
    rank = corners - 1
    name, plural = f"{rank}-simplex", f"{rank}-simplices"
    if corners == 4:
        name, plural = "tetrahedron", "tetrahedra"
    return RegularShape(name, plural, rank, angles=(_degrees(-1 / rank),) * rank)


def _square_antiprism(squared_height: float) -> RegularShape:
    """Two squares, one turned by 45°, as far above the origin as the other is below it.

    Corners have length 1, of which the square root of ``squared_height`` is along the axis.
    """
    inner = 1 - squared_height
    across = (-squared_height + inner * math.sqrt(0.5), -squared_height - inner * math.sqrt(0.5))
    cosines = (squared_height, squared_height, squared_height - inner, *across, *across)
    angles = tuple(sorted(map(_degrees, cosines)))
    return RegularShape("square antiprism", "square antiprisms", rank=3, angles=angles)


def _degrees(cosine: float) -> float:
    return math.degrees(math.acos(cosine))


POLYGON_NAMES = {3: "triangle", 5: "pentagon", 6: "hexagon", 7: "heptagon", 8: "octagon"}

SINGLE_SHAPES = (
    RegularShape("dedicated", "dedicated", rank=1, angles=()),
    RegularShape("digon", "digons", rank=1, angles=(180.0,)),
    # Trained ones go from the height that fills space evenly, 1/3, to that of equal edges, 0.26,
    # the sparser the data. At neither is any angle more than 5° away from this one in between.
    _square_antiprism(squared_height=0.3),
)


def _most_corners(rank: int) -> int:
    """More corners than this has no regular shape that spans so many dimensions.

    Those of a polygon are farther apart than what coincides, others are simplices or listed.
    """
    listed = max(shape.corners for shape in SINGLE_SHAPES)
    return max(rank + 1, listed, int(360 / DEGREES_OFF))


def _corners(directions: FloatArray, at_most: int) -> IntArray:
    """The first feature of each direction: features that nearly coincide share a corner.

    Of more than ``at_most`` corners only one more is found.
    """
    coincide = math.cos(math.radians(DEGREES_OFF))
    left = np.arange(len(directions))
    corners: list[int] = []
    while left.size and len(corners) <= at_most:
        corners.append(left[0])
        left = left[1:][directions[left[1:]] @ directions[left[0]] < coincide]
    return np.array(corners)


def _has_angles(cosines: FloatArray, shape: RegularShape) -> bool:
    """Whether every feature sees the corners as a corner of ``shape`` sees itself and the others.

    ``cosines`` has shape (features, corners). Among many corners, a quarter of the way from one to
    the next is the most that a feature may be off.
    """
    angles = np.sort(np.degrees(np.arccos(np.clip(cosines, -1, 1))), axis=1)
    tolerance = min(DEGREES_OFF, 90 / shape.corners)
    return bool(np.all(np.abs(angles - (0, *shape.angles)) <= tolerance))


def _names(shape: RegularShape, features_at_corner: Sequence[int]) -> tuple[str, str]:
    """What ``shape`` and several of it are called, where a corner may hold several features.

    Correlated features collapse onto one direction ("Correlated and Anticorrelated Features").
    """
    most = max(features_at_corner)
    if most == 1:
        return shape.name, shape.plural
    if set(features_at_corner) == {most}:
        of_many = f" of {most}" if most > 2 else ""
        group = "group" if of_many else "pair"
        if shape.corners == 1:
            return f"collapsed {group}{of_many}", f"collapsed {group}s{of_many}"
        described = f"of collapsed {group}s{of_many}"
        return f"{shape.name} {described}", f"{shape.plural} {described}"
    collapsed = sum(count > 1 for count in features_at_corner)
    described = f"with {collapsed} collapsed corner{'s' * (collapsed > 1)}"
    return f"{shape.name} {described}", f"{shape.plural} {described} each"
