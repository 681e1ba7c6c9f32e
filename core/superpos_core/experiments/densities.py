"""Feature densities, as the paper gives them, converted to sparsities."""

from collections.abc import Iterable

import numpy as np

PAPER_DENSITIES = (1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
"""The seven densities of "Demonstrating Superposition" and "Computing in Superposition"."""


def sparsities_of(densities: Iterable[float]) -> tuple[float, ...]:
    """S = 1 − p for each density p."""
    return tuple(round(1 - density, 6) for density in densities)


def log_spaced(first: float, last: float, count: int) -> tuple[float, ...]:
    """``count`` log-spaced numbers from ``first`` to ``last``, rounded to four digits."""
    return tuple(float(f"{value:.4g}") for value in np.geomspace(first, last, count))
