"""Activation functions by name, in numpy: models are made of them, and theory integrates them.

A new one is one more entry here, in the torch engine and in the compiled kernel.
"""

import math
from collections.abc import Callable
from typing import Literal

import numpy as np

from superpos_core.arrays import FloatArray

Activation = Literal["identity", "relu", "gelu", "softplus"]
HiddenActivation = Literal["identity", "relu"]
"""Those that map 0 to 0 and whose value tells their slope: engines rely on both."""

GELU_SCALE = math.sqrt(2 / math.pi)
GELU_CUBIC = 0.044715


def _gelu(values: FloatArray) -> FloatArray:
    """GELU in its tanh form (Hendrycks and Gimpel 2016), within 0.0005 of z·Φ(z)."""
    twice_the_share: FloatArray = 1 + np.tanh(GELU_SCALE * (values + GELU_CUBIC * values**3))
    return 0.5 * values * twice_the_share


def _softplus(values: FloatArray) -> FloatArray:
    """log(1 + exp(z)), without overflow."""
    return np.maximum(values, 0) + np.log1p(np.exp(-np.abs(values)))


ACTIVATIONS: dict[Activation, Callable[[FloatArray], FloatArray]] = {
    "identity": lambda values: values,
    "relu": lambda values: np.maximum(values, 0),
    "gelu": _gelu,
    "softplus": _softplus,
}
