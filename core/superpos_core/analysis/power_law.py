"""Fits of power laws."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from superpos_core.arrays import FloatArray

FEWEST_POINTS = 3
"""With two, the line goes through both, and nothing tells how uncertain it is."""


@dataclass(frozen=True)
class PowerLaw:
    """y ≈ factor · x^−exponent, with the standard error of the exponent."""

    factor: float
    exponent: float
    uncertainty: float

    @classmethod
    def fitted(cls, x: FloatArray, y: FloatArray) -> Self | None:
        """Least squares in log x and log y, both of shape (points,).

        ``None`` unless there are three points or more, all finite and above 0, at different x.
        """
        usable = np.isfinite(x) & np.isfinite(y) & (x > 0) & (y > 0)
        if len(x) < FEWEST_POINTS or not usable.all():
            return None
        log_x, log_y = np.log(x), np.log(y)
        spread = log_x - log_x.mean()
        scatter = float(spread @ spread)
        if scatter == 0:
            return None
        slope = float(spread @ log_y) / scatter
        level = float(log_y.mean() - slope * log_x.mean())
        residual = log_y - level - slope * log_x
        variance = float(residual @ residual) / (len(x) - 2) / scatter
        return cls(float(np.exp(level)), -slope, float(np.sqrt(variance)))

    def at(self, x: FloatArray) -> FloatArray:
        """The law's y, in the shape of ``x``."""
        values: FloatArray = self.factor * x**-self.exponent
        return values
