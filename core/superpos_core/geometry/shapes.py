"""The regular shapes that features form, and how to recognise them.

A corner is a direction in hidden space. In every shape here all corners are equivalent and fill the
dimensions that they span, so each has dimensionality rank / corners ("The Geometry of
Superposition"). To add a shape, add an entry to ``SINGLE_SHAPES``.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray, IntArray

TOLERANCE_DEGREES = 12.0
"""Maximum deviation of a feature from a regular shape's angles, in degrees.

Trained pentagons deviate by 1°, and by 11° if one corner holds a collapsed pair.
"""

DIMENSIONALITY_TOLERANCE = 0.03
"""Maximum deviation of the mean D_i from the regular shape's.

The mean, because features of unequal importance share a shape's dimensions unequally: an antipodal
pair with norms 1 and 0.8 has D = 0.61 and 0.39. Interference from outside the shape lowers the
mean: at this limit a feature in a pair gets an eighth of what it gets from its antipode.
"""


LONE_TOLERANCE = 0.15
"""The same for a single feature, which an ignored feature of 0.4 times its length may overlap."""


@dataclass(frozen=True)
class RegularShape:
    """A shape's name, rank and the angles between its corners."""

    name: str
    plural: str
    rank: int
    angles: tuple[float, ...]
    """From a corner to each other corner, in degrees, ascending."""

    @property
    def corners(self) -> int:
        """The number of features in the shape if none have collapsed."""
        return len(self.angles) + 1


def recognised(directions: FloatArray, rank: int, shares: FloatArray) -> tuple[str, str] | None:
    """The name and plural of the regular shape that features form, or ``None``.

    ``directions``, shape (k, m), are their unit vectors, ``rank`` is the number of dimensions they
    span and ``shares``, shape (k,), their D_i. The D_i of a regular shape add up to its rank.
    """
    corners = _corners(directions, at_most=_max_corners(rank))
    missing = abs(float(shares.sum()) - rank) / len(corners)
    tolerance = DIMENSIONALITY_TOLERANCE if len(corners) > 1 else LONE_TOLERANCE
    for shape in regular_shapes(len(corners), rank):
        cosines = directions @ directions[corners].T
        if missing <= tolerance and _has_angles(cosines, shape):
            nearest = cosines.argmax(axis=1)
            return _names(shape, np.bincount(nearest).tolist())
    return None


def regular_shapes(corners: int, rank: int) -> list[RegularShape]:
    """All known shapes with this number of corners and this rank."""
    found = [s for s in SINGLE_SHAPES if (s.corners, s.rank) == (corners, rank)]
    if rank == 2 and corners >= 3 and corners != 4:  # a square is two digons
        found.append(polygon(corners))
    if rank == corners - 1 and corners >= 4:
        found.append(simplex(corners))
    return found


def polygon(corners: int) -> RegularShape:
    """The regular polygon with at least three corners: dimensionality 2 / corners."""
    name = POLYGON_NAMES.get(corners, f"{corners}-gon")
    step = 360 / corners
    around = sorted(min(step * k, 360 - step * k) for k in range(1, corners))
    return RegularShape(name, f"{name}s", rank=2, angles=tuple(around))


def simplex(corners: int) -> RegularShape:
    """The regular simplex with k ≥ 4 corners: dimensionality (k − 1) / k.

    Simplices are named by their dimension: the d-simplex has d + 1 corners.
    """
    rank = corners - 1
    name, plural = f"{rank}-simplex", f"{rank}-simplices"
    if corners == 4:
        name, plural = "tetrahedron", "tetrahedra"
    return RegularShape(name, plural, rank, angles=(_degrees(-1 / rank),) * rank)


def _square_antiprism(squared_height: float) -> RegularShape:
    """Two parallel squares at equal distance from the origin, one rotated by 45°.

    Corners have length 1; their component along the axis is the square root of ``squared_height``.
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
    # With sparser data, trained ones go from the height that fills space evenly, 1/3, to equal
    # edges, 0.26. The angles at both are within 5° of this one in between.
    _square_antiprism(squared_height=0.3),
)


def _max_corners(rank: int) -> int:
    """Maximum corners of any regular shape of this rank.

    Corners of a polygon are far enough apart not to coincide; other shapes are simplices or listed.
    """
    listed = max(shape.corners for shape in SINGLE_SHAPES)
    return max(rank + 1, listed, int(360 / TOLERANCE_DEGREES))


def _corners(directions: FloatArray, at_most: int) -> IntArray:
    """The first feature at each corner: features that nearly coincide share a corner.

    Stops after one more than ``at_most`` corners.
    """
    coincide = math.cos(math.radians(TOLERANCE_DEGREES))
    left = np.arange(len(directions))
    corners: list[int] = []
    while left.size and len(corners) <= at_most:
        corners.append(left[0])
        left = left[1:][directions[left[1:]] @ directions[left[0]] < coincide]
    return np.array(corners)


def _has_angles(cosines: FloatArray, shape: RegularShape) -> bool:
    """Whether every feature has the same angles to the corners as a corner of ``shape``.

    ``cosines`` has shape (features, corners). With many corners, the tolerance is a quarter of the
    angle between neighbours.
    """
    angles = np.sort(np.degrees(np.arccos(np.clip(cosines, -1, 1))), axis=1)
    tolerance = min(TOLERANCE_DEGREES, 90 / shape.corners)
    return bool(np.all(np.abs(angles - (0, *shape.angles)) <= tolerance))


def _names(shape: RegularShape, features_at_corner: Sequence[int]) -> tuple[str, str]:
    """The name and plural of ``shape`` if corners may hold several features.

    Correlated features collapse into one direction ("Correlated and Anticorrelated Features").
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
