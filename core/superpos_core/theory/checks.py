"""Validation of the closed forms' arguments."""

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue


def checked_density(density: FloatArray | float) -> FloatArray:
    """The densities as float64; raises ``InvalidValue`` for one that is not a probability."""
    values = np.asarray(density, dtype=np.float64)
    wrong = values[~((values >= 0) & (values <= 1))]
    if wrong.size:
        raise InvalidValue(
            "density", wrong[0], "1 − S is a probability", "0 <= 1 − S <= 1, such as 0.1"
        )
    return values


def checked_relative_importance(relative_importance: FloatArray | float) -> FloatArray:
    """The values as float64; raises ``InvalidValue`` for one that is negative or not finite."""
    values = np.asarray(relative_importance, dtype=np.float64)
    wrong = values[~((values >= 0) & np.isfinite(values))]
    if wrong.size:
        raise InvalidValue(
            "relative-importance", wrong[0], "a weight in the loss", "a number from 0, such as 1"
        )
    return values
