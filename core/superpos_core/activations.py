"""Activations by name, in numpy and in words, used by models and theory.

To add one, add an entry here, in the torch engine and in the compiled kernel.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from superpos_core.arrays import FloatArray

ActivationName = Literal["identity", "relu", "gelu", "softplus"]
HiddenActivationName = Literal["identity", "relu"]
"""Activations that map 0 to 0 and whose value determines their slope: engines rely on both."""

GELU_SCALE = math.sqrt(2 / math.pi)
GELU_CUBIC = 0.044715


def _gelu(values: FloatArray) -> FloatArray:
    """GELU in its tanh form (Hendrycks and Gimpel 2016), within 0.0005 of z·Φ(z)."""
    twice_the_share: FloatArray = 1 + np.tanh(GELU_SCALE * (values + GELU_CUBIC * values**3))
    return 0.5 * values * twice_the_share


def _softplus(values: FloatArray) -> FloatArray:
    """log(1 + exp(z)), without overflow."""
    return np.maximum(values, 0) + np.log1p(np.exp(-np.abs(values)))


@dataclass(frozen=True)
class Activation:
    """An activation: its function, notation and effect on negative values.

    ``called`` is its name in a sentence that ``verb`` and ``where`` complete: "the ReLU cuts them
    off". ``taken`` is the word for the difference z − f(z).
    """

    function: Callable[[FloatArray], FloatArray]
    written: str
    called: str
    verb: str
    where: str
    has_negative_values: bool
    taken: str = "taken"

    def __call__(self, values: FloatArray) -> FloatArray:
        """Apply it to ``values``."""
        return self.function(values)

    def of(self, formula: str) -> str:
        """Its notation, applied to a formula, such as ``ReLU(x·W)``."""
        return f"{self.written}({formula})" if self.written else formula

    def with_negatives(self, them: str = "") -> str:
        """Its effect on negative values, ``them``, in words: "the ReLU cuts all 3 off"."""
        return " ".join(word for word in (self.called, self.verb, them, self.where) if word)


ACTIVATIONS: dict[ActivationName, Activation] = {
    "identity": Activation(
        lambda values: values,
        written="",
        called="the identity",
        verb="leaves",
        where="as it is",
        has_negative_values=True,
    ),
    "relu": Activation(
        lambda values: np.maximum(values, 0),
        written="ReLU",
        called="the ReLU",
        verb="cuts",
        where="off",
        has_negative_values=False,
        taken="cut",
    ),
    "gelu": Activation(
        _gelu,
        written="GELU",
        called="GELU",
        verb="brings",
        where="near 0",
        has_negative_values=True,
    ),
    "softplus": Activation(
        _softplus,
        written="softplus",
        called="softplus",
        verb="lifts",
        where="above 0",
        has_negative_values=False,
    ),
}
