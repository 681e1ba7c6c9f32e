"""Two features in one hidden dimension with ReLU output: where the best model represents both."""

from functools import lru_cache

import numpy as np

from superpos_core.arrays import FloatArray, freeze
from superpos_core.theory.checks import checked_density
from superpos_core.theory.exact_loss import exact_errors
from superpos_core.theory.linear import feature_variance
from superpos_core.theory.minimise import minimise

_SMALLEST_WEIGHT = 0.01
"""Below this the gain is dominated by rounding errors; its limit at zero has a closed form."""
_STARTS = np.array([[1, -0.6, 0, 0.33], [1, -0.1, 0.05, 0.54], [1, 0.2, -0.05, 0.38]])
"""W and b/p near the minima: an antipodal pair, and slight overlaps of either sign, near p = 1."""


def optimal_ignored_boundary(density: FloatArray | float) -> FloatArray:
    """The relative importance r below which the best model ignores the extra feature.

    The exact counterpart of ``ignored_boundary``, with all of W and b optimised; by symmetry the
    best model ignores the other feature above 1/r. Up to about p = 0.51 the weight of the extra
    feature jumps at the boundary; beyond, it grows from 0. Near p = 1 the boundary stays below
    r = 1: two features of nearly equal importance share the dimension there.

    A model whose two outputs have errors A and B beats ignoring, which loses r·V, if
    A + r·B < r·V. So the boundary is the minimum of A/(V − B) over all models, either found by
    Newton's method from a few starting points or the limit as the extra feature's weight goes to 0.
    Raises ``InvalidValue`` for a density outside [0, 1].
    """
    p = checked_density(density)
    return _boundary(tuple(p.ravel().tolist())).reshape(p.shape)


@lru_cache(maxsize=64)
def _boundary(densities: tuple[float, ...]) -> FloatArray:
    boundary = np.zeros(len(densities))
    p = np.array(densities)
    active = p > 0
    boundary[active] = np.minimum(_limit_at_small_weights(p[active]), _smallest_ratio(p[active]))
    return freeze(boundary)


def _smallest_ratio(p: FloatArray) -> FloatArray:
    """The minimum of A/(V − B) reached from the starting points, for each density.

    The variables are W and b/p, and the values are divided by p, so all are of order 1.
    """
    density = np.tile(p, len(_STARTS))
    variance = feature_variance(density)

    def ratio_over_density(points: FloatArray) -> FloatArray:
        bias = points[..., 2:] * density[:, None]
        errors = exact_errors(points[..., :2, None], bias, density)
        gain = variance - errors[..., 1]
        allowed = (gain > 0) & (np.abs(points[..., 1]) > _SMALLEST_WEIGHT)
        return np.where(allowed, errors[..., 0] / np.where(allowed, gain * density, 1), np.inf)

    _, least = minimise(ratio_over_density, np.repeat(_STARTS, p.size, axis=0))
    best: FloatArray = p * least.reshape(len(_STARTS), -1).min(axis=0)
    return best


def _limit_at_small_weights(p: FloatArray) -> FloatArray:
    """The minimum of A/(V − B) in the limit W = (1 + δt/2, ∓t), b = (±βt, p/2), t → 0.

    V − B → V·t². For the upper sign A/t² → p·E[(x_1 − β − δx_0)²] + (1 − p)·E[ReLU(β − x_1)²],
    with x_0 ~ U[0, 1]; the lower sign has ReLU(x_1 − β) instead. The best δ leaves
    p·(V + (β − p/2)²/4) of the first term; the best β solves a quadratic equation.
    """
    q = 1 - p
    linear = 2 * q**2 + p / 2
    opposite = p**2 / (2 * (linear + np.sqrt(linear**2 + p**3 * q)))
    same = 1 - (1 - p / 2) / (1 / 2 + np.sqrt(1 / 4 + 2 * q * (1 - p / 2)))
    least = np.minimum(
        p * (opposite - p / 2) ** 2 / 4 + q * (q * opposite**2 + p * opposite**3 / 3),
        p * (same - p / 2) ** 2 / 4 + q * p * (1 - same) ** 3 / 3,
    )
    return p + least / feature_variance(p)
