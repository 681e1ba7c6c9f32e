"""Weight decay that applies to the matrices alone, before the optimiser's own step."""

from __future__ import annotations

from math import sqrt

import numpy as np

from superpos_core.engine.fused.compilation import compiled, folded
from superpos_core.engine.fused.layout import ADAMW, Optimiser
from superpos_core.engine.fused.pointers import Pointer, advanced
from superpos_core.engine.fused.workspace import Size


@folded
def decay_weights(
    size: Size, gradient: Pointer, parameters: Pointer, rate: float, optimiser: Optimiser
) -> None:
    """Shrink the matrices (with sgd, through the gradient), or pull their rows towards length 1."""
    decay = optimiser.decay_of_weights
    if decay < 0.0:
        _pull_towards_one(size, parameters, -rate * decay)
    elif decay > 0.0 and optimiser.rule == ADAMW:
        _scale(parameters, size.bias_start, np.float32(1.0 - rate * decay))
    elif decay > 0.0:
        _add_to_gradient(gradient, parameters, size.bias_start, np.float32(decay))


@compiled
def _pull_towards_one(size: Size, parameters: Pointer, strength: float) -> None:
    """W_i ← W_i + strength·W_i·(1/‖W_i‖ − 1) for each row; rows of zeros, such as padding, stay."""
    for row in range(0, size.bias_start, size.padded_hidden):
        square = np.float32(0.0)
        for index in range(row, row + size.padded_hidden):
            square += parameters[index] * parameters[index]
        if square != 0.0:
            factor = np.float32(1.0 + strength * (1.0 / sqrt(square) - 1.0))
            _scale(advanced(parameters, row), size.padded_hidden, factor)


@compiled
def _scale(weights: Pointer, count: int, factor: float) -> None:
    for index in range(count):
        weights[index] *= factor


@compiled
def _add_to_gradient(gradient: Pointer, weights: Pointer, count: int, decay: float) -> None:
    for index in range(count):
        gradient[index] += decay * weights[index]
