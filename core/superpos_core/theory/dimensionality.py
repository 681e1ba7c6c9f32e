"""The feature dimensionalities of known shapes."""

from typing import NamedTuple


class DimensionalityMark(NamedTuple):
    """A line in a plot of feature dimensionalities: its value, label and shape."""

    value: float
    label: str
    shape: str


DIMENSIONALITY_MARKS = (
    DimensionalityMark(1, "1", "dedicated dimension"),
    DimensionalityMark(3 / 4, "3/4", "tetrahedron"),
    DimensionalityMark(2 / 3, "2/3", "triangle"),
    DimensionalityMark(1 / 2, "1/2", "antipodal pair"),
    DimensionalityMark(2 / 5, "2/5", "pentagon"),
    DimensionalityMark(3 / 8, "3/8", "square antiprism"),
    DimensionalityMark(0, "0", "ignored"),
)
"""The lines of "The Geometry of Superposition", from high to low."""
