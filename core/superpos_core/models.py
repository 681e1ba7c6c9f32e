"""The models, as data: what each computes, said once for people and for every engine.

Every model has the form::

    h = hidden_activation(x·W₁)        x̂ = output_activation(h·W₂ + b)

with W₂ = W₁ᵀ when it is tied. A new model is one more entry in ``MODELS``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.errors import lookup

Activation = Literal["identity", "relu"]
Target = Literal["input", "absolute"]

ACTIVATIONS: dict[Activation, Callable[[FloatArray], FloatArray]] = {
    "identity": lambda values: values,
    "relu": lambda values: np.maximum(values, 0),
}


@dataclass(frozen=True)
class Model:
    """What one model computes, and how people call it."""

    name: str
    formula: str
    summary: str
    tied: bool
    hidden_activation: Activation = "identity"
    output_activation: Activation = "relu"
    target: Target = "input"


@dataclass(frozen=True)
class Parameters:
    """The weights of one lane, or of many with a leading lane axis.

    Shapes: ``encoder`` (…, n, m), one row a feature; ``free_decoder`` (…, m, n), or ``None`` when
    the decoder is tied to the encoder; ``bias`` (…, n).
    """

    encoder: FloatArray
    free_decoder: FloatArray | None
    bias: FloatArray

    @property
    def decoder(self) -> FloatArray:
        """W₂, shape (…, m, n): the free one, or W₁ᵀ."""
        if self.free_decoder is None:
            return np.swapaxes(self.encoder, -1, -2)
        return self.free_decoder

    def lanes(self, places: Sequence[int]) -> "Parameters":
        """The parameters of some lanes of many."""
        chosen = list(places)
        free = None if self.free_decoder is None else self.free_decoder[chosen]
        return Parameters(self.encoder[chosen], free, self.bias[chosen])

    def lane(self, index: int) -> "Parameters":
        """The parameters of one lane of many."""
        free = None if self.free_decoder is None else self.free_decoder[index]
        return Parameters(self.encoder[index], free, self.bias[index])


@dataclass(frozen=True)
class Reconstruction:
    """Everything that a forward pass computes; shapes (rows, m), (rows, n) and (rows, n)."""

    hidden: FloatArray
    pre_activation: FloatArray
    output: FloatArray


def reconstruct(model: Model, parameters: Parameters, x: FloatArray) -> Reconstruction:
    """Run ``model`` on ``x``, shape (rows, n)."""
    hidden = ACTIVATIONS[model.hidden_activation](x @ parameters.encoder)
    pre_activation = hidden @ parameters.decoder + parameters.bias
    output = ACTIVATIONS[model.output_activation](pre_activation)
    return Reconstruction(hidden, pre_activation, output)


def target_of(model: Model, x: FloatArray) -> FloatArray:
    """What the model is asked to give back for ``x``: x itself, or \\|x\\|."""
    return np.abs(x) if model.target == "absolute" else x


MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model(
            name="tied",
            formula="x̂ = ReLU(x·W·Wᵀ + b)",
            summary="one weight matrix, used to encode and, transposed, to decode",
            tied=True,
        ),
        Model(
            name="untied",
            formula="x̂ = ReLU(x·W₁·W₂ + b)",
            summary="two free weight matrices",
            tied=False,
        ),
        Model(
            name="linear",
            formula="x̂ = x·W·Wᵀ + b",
            summary="no activation: it keeps the m most important features and nothing else",
            tied=True,
            output_activation="identity",
        ),
        Model(
            name="mlp",
            formula="x̂ = ReLU(x·W₁)·W₂ + b",
            summary="a ReLU on the hidden layer and none on the output",
            tied=False,
            hidden_activation="relu",
            output_activation="identity",
        ),
    )
}


def model_named(name: str) -> Model:
    """The model called ``name``; raises ``InvalidValue`` with the known names otherwise."""
    return lookup("model", MODELS, name)
