"""Activations and targets on vectors, chosen at compile time by the specialisation.

To add one (softplus, gelu): write its value and its pull-back, and enter it in the table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from numba.extending import overload

from superpos_core.engine.fused.simd import INLINED, absolute, choose, zeros


class Activation(NamedTuple):
    """Bodies of the compiled functions; the specialisation comes first and is not used."""

    value: Callable[..., Any]
    pull_back: Callable[..., Any]
    """(specialisation, z, value, gradient): gradient * value'(z)"""


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
