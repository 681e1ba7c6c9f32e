"""Activations and targets on vectors, chosen at compile time by the specialisation.

To add one: write its value and its pull-back, and enter it in the table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba.extending import overload

from superpos_core.activations import GELU_CUBIC, GELU_SCALE
from superpos_core.engine.fused.compilation import INLINED, inlined
from superpos_core.engine.fused.exponential import exponential, log_of_one_plus
from superpos_core.engine.fused.simd import (
    Floats16,
    absolute,
    broadcast,
    choose,
    fused_multiply_add,
    zeros,
)

_ONE = np.float32(1)
_ANGLE = np.float32(2 * GELU_SCALE)
_ANGLE_CUBIC = np.float32(2 * GELU_SCALE * GELU_CUBIC)
_SLOPE_CUBIC = np.float32(6 * GELU_SCALE * GELU_CUBIC)


class Activation(NamedTuple):
    """Bodies of the compiled functions; the specialisation comes first and is not used."""

    value: Callable[..., Any]
    pull_back: Callable[..., Any]
    """(specialisation, z, value, gradient): gradient * value'(z)"""


@inlined
def _softplus(z: Floats16) -> Floats16:
    positive = choose(z <= zeros(), zeros(), z)
    return positive + log_of_one_plus(exponential(zeros() - absolute(z)))


@inlined
def _softplus_slope(z: Floats16) -> Floats16:
    """1 / (1 + exp(−z)), from the same exponential as the value."""
    small = exponential(zeros() - absolute(z))
    share = broadcast(_ONE) / (broadcast(_ONE) + small)
    return choose(z <= zeros(), small * share, share)


@inlined
def _gelu_share(z: Floats16) -> Floats16:
    """What GELU multiplies z by: ½(1 + tanh(a/2)) = 1 / (1 + exp(−a))."""
    angle = z * fused_multiply_add(broadcast(_ANGLE_CUBIC), z * z, broadcast(_ANGLE))
    return broadcast(_ONE) / (broadcast(_ONE) + exponential(zeros() - angle))


@inlined
def _gelu_slope(z: Floats16) -> Floats16:
    share = _gelu_share(z)
    angle_slope = fused_multiply_add(broadcast(_SLOPE_CUBIC), z * z, broadcast(_ANGLE))
    return share + z * share * (broadcast(_ONE) - share) * angle_slope


# `z <= 0` is false for NaN: a run that diverges shows it, as torch's relu does.
ACTIVATIONS = {
    "identity": Activation(
        lambda specialisation, z: z,
        lambda specialisation, z, value, gradient: gradient,
    ),
    "relu": Activation(
        lambda specialisation, z: choose(z <= zeros(), zeros(), z),
        lambda specialisation, z, value, gradient: choose(z <= zeros(), zeros(), gradient),
    ),
    "gelu": Activation(
        lambda specialisation, z: z * _gelu_share(z),
        lambda specialisation, z, value, gradient: gradient * _gelu_slope(z),
    ),
    "softplus": Activation(
        lambda specialisation, z: _softplus(z),
        lambda specialisation, z, value, gradient: gradient * _softplus_slope(z),
    ),
}


def activate_hidden(specialisation: Any, z: Any) -> Any:
    raise NotImplementedError("compiled code only")


def pull_back_hidden(specialisation: Any, z: Any, value: Any, gradient: Any) -> Any:
    raise NotImplementedError("compiled code only")


def activate_output(specialisation: Any, z: Any) -> Any:
    raise NotImplementedError("compiled code only")


def pull_back_output(specialisation: Any, z: Any, value: Any, gradient: Any) -> Any:
    raise NotImplementedError("compiled code only")


def target_of(specialisation: Any, x: Any) -> Any:
    raise NotImplementedError("compiled code only")


@overload(activate_hidden, jit_options=INLINED)
def _activate_hidden(specialisation, z):
    return ACTIVATIONS[specialisation.formula.hidden_activation].value


@overload(pull_back_hidden, jit_options=INLINED)
def _pull_back_hidden(specialisation, z, value, gradient):
    return ACTIVATIONS[specialisation.formula.hidden_activation].pull_back


@overload(activate_output, jit_options=INLINED)
def _activate_output(specialisation, z):
    return ACTIVATIONS[specialisation.formula.output_activation].value


@overload(pull_back_output, jit_options=INLINED)
def _pull_back_output(specialisation, z, value, gradient):
    return ACTIVATIONS[specialisation.formula.output_activation].pull_back


@overload(target_of, jit_options=INLINED)
def _target_of(specialisation, x):
    if specialisation.formula.target == "absolute":
        return lambda specialisation, x: absolute(x)
    return lambda specialisation, x: x
