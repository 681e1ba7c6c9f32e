"""Names for the array types that the whole library shares."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.integer[Any]]
BoolArray = NDArray[np.bool_]


def frozen(array: FloatArray) -> FloatArray:
    """The same array, which nobody can write to any more."""
    array.setflags(write=False)
    return array
