"""Array types shared by the whole library."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.integer[Any]]
BoolArray = NDArray[np.bool_]
AnyArray = TypeVar("AnyArray", bound=NDArray[Any])


def freeze(array: AnyArray) -> AnyArray:
    """The same array, made read-only."""
    array.setflags(write=False)
    return array
