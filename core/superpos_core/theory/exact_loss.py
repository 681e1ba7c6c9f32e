"""The exact loss of a few features with ReLU output at any density, without sampling.

Outputs are piecewise linear in the features, so squared errors are piecewise polynomial, and
Gauss–Legendre quadrature between their kinks is exact. The cost grows quickly with the number of
features: three are fast, five are slow.
"""

import itertools

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.theory.quadrature import kink, nodes_between


def exact_loss(
    encoder: FloatArray, bias: FloatArray, density: FloatArray | float, importance: FloatArray
) -> FloatArray:
    """E[Σ_j I_j (x_j − ReLU(w_j·Σ_i w_i·x_i + b_j))²] of a tied model, exactly; shape (…).

    ``encoder`` has shape (…, n, m), ``bias`` and ``importance`` (…, n) and ``density`` (…); all
    broadcast. Each feature is U[0, 1] with probability ``density``, else 0, independently.
    """
    loss: FloatArray = np.sum(importance * exact_errors(encoder, bias, density), axis=-1)
    return loss


def exact_errors(encoder: FloatArray, bias: FloatArray, density: FloatArray | float) -> FloatArray:
    """The expected squared error of each output, shape (…, n)."""
    gram = encoder @ np.swapaxes(encoder, -1, -2)
    features = gram.shape[-1]
    p = np.asarray(density)
    outputs = []
    for output in range(features):
        slopes, offset = gram[..., output, :], bias[..., output]
        error: FloatArray = np.zeros(())
        for active in _subsets(features):
            probability = p ** len(active) * (1 - p) ** (features - len(active))
            target = active.index(output) if output in active else None
            # Inactive features are 0.
            error = error + probability * _error(slopes[..., active], offset, target)
        outputs.append(error)
    errors: FloatArray = np.stack(outputs, axis=-1)
    return errors


def _subsets(features: int) -> list[list[int]]:
    return [
        list(active)
        for count in range(features + 1)
        for active in itertools.combinations(range(features), count)
    ]


def _error(
    slopes: FloatArray, offset: FloatArray, target: int | None, known: FloatArray | float = 0.0
) -> FloatArray:
    """∫ (x_target − ReLU(slopes·x + offset))² over x in the unit cube, shape (…).

    ``slopes`` has shape (…, k). Without a target the output should be ``known``. Integrates over
    one feature after another: the inner integral is a polynomial of the first feature between the
    points where the kink of the output crosses a corner of the cube of the remaining features.
    """
    count = slopes.shape[-1]
    if count == 0:
        error: FloatArray = (known - np.maximum(offset, 0)) ** 2
        return error
    first, others = slopes[..., 0], slopes[..., 1:]
    corners = np.array(list(itertools.product((0, 1), repeat=count - 1)), dtype=np.float64)
    at_corners = offset[..., None] + others @ corners.T
    # The degree is 2, plus one per feature already integrated over.
    nodes, weights = nodes_between(kink(first[..., None], at_corners), (count + 3) // 2)
    inner = _error(
        others[..., None, :],
        offset[..., None] + first[..., None] * nodes,
        None if target in (None, 0) else target - 1,
        nodes if target == 0 else np.asarray(known)[..., None],
    )
    integral: FloatArray = np.sum(weights * inner, axis=-1)
    return integral
