"""One input followed through a model, step by step."""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.errors import InvalidValue
from superpos_core.task.models import Model, reconstruct, target_of
from superpos_core.task.parameters import Parameters


@dataclass(frozen=True)
class Probe:
    """One row and all that the model computes from it. ``hidden`` has shape (m,), others (n,).

    ``drive`` is what the row adds to each pre-activation, beyond b: h·W₂. ``cut`` is what the
    output activation removes, ``pre_activation`` − ``output``: for ReLU the negative interference,
    which costs nothing, for the identity 0. ``is_held`` marks negative pre-activations that meet an
    output activation. ``error`` is ``output`` minus the target, and ``loss`` each feature's part of
    the total loss, I_i·error_i².
    """

    x: FloatArray
    hidden: FloatArray
    pre_activation: FloatArray
    drive: FloatArray
    output: FloatArray
    cut: FloatArray
    is_held: BoolArray
    error: FloatArray
    loss: FloatArray


def probe(model: Model, parameters: Parameters, x: FloatArray, importance: FloatArray) -> Probe:
    """Follow ``x``, shape (n,), through one lane; ``importance`` has shape (n,).

    Raises ``InvalidValue`` if ``x`` is not one row of n features.
    """
    features = parameters.bias.shape[-1]
    check_row(x, features)
    with np.errstate(all="ignore"):
        rows = reconstruct(model, parameters, x[None])
        hidden, pre_activation, output = rows.hidden[0], rows.pre_activation[0], rows.output[0]
        error = output - target_of(model, x)
        return Probe(
            x=x,
            hidden=hidden,
            pre_activation=pre_activation,
            drive=pre_activation - parameters.bias,
            output=output,
            cut=pre_activation - output,
            is_held=(pre_activation < 0) & (model.output_activation != "identity"),
            error=error,
            loss=importance * error**2,
        )


def check_row(x: FloatArray, features: int) -> None:
    """Raise ``InvalidValue`` unless ``x`` is one row of ``features`` features."""
    if x.shape != (features,):
        raise InvalidValue(
            "input", f"of shape {x.shape}", "one value per feature is needed", f"{features} values"
        )
