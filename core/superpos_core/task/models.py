"""The models, as data: what each computes, said once for people and for every engine.

Every model has the form::

    h = hidden_activation(x·W₁)        x̂ = output_activation(h·W₂ + b)

with W₂ = W₁ᵀ when it is tied. A new model is one more entry in ``MODELS``. (A new activation is
described in ``activations``.)
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from superpos_core.activations import (
    ACTIVATIONS,
    Activation,
    ActivationName,
    HiddenActivationName,
)
from superpos_core.arrays import FloatArray
from superpos_core.errors import lookup
from superpos_core.task.parameters import Parameters

Target = Literal["input", "absolute"]


Axis = Literal["features", "hidden"]
NamedMatrix = tuple[str, FloatArray]
"""A matrix as it is written, and its numbers."""


@dataclass(frozen=True)
class TrainedArray:
    """One of the arrays of a model that are trained.

    ``name`` is its name in ``Parameters``, ``symbol`` how it is written, ``file_name`` what files
    call it. Where a start does not say otherwise, all of it is ``initial`` at step 0.
    """

    name: str
    symbol: str
    file_name: str
    axes: tuple[Axis, ...]
    initial: float = 0.0

    def shape(self, features: int, hidden: int) -> tuple[int, ...]:
        """Its shape in one lane with so many features and hidden dimensions."""
        return tuple(features if axis == "features" else hidden for axis in self.axes)


BIAS = TrainedArray("bias", "b", "b", ("features",))
TIED = (TrainedArray("encoder", "W", "W", ("features", "hidden")), BIAS)
UNTIED = (
    TrainedArray("encoder", "W₁", "W1", ("features", "hidden")),
    TrainedArray("decoder", "W₂", "W2", ("hidden", "features")),
    BIAS,
)


@dataclass(frozen=True)
class Model:
    """What one model computes, and how people call it.

    ``further`` are arrays that it trains besides its matrices and its bias.
    """

    name: str
    formula: str
    summary: str
    tied: bool
    hidden_activation: HiddenActivationName = "identity"
    output_activation: ActivationName = "relu"
    target: Target = "input"
    further: tuple[TrainedArray, ...] = ()

    @property
    def trained(self) -> tuple[TrainedArray, ...]:
        """All arrays that are trained, in the order in which they are shown and written."""
        return (*(TIED if self.tied else UNTIED), *self.further)

    def by_feature(self, parameters: Parameters) -> list[NamedMatrix]:
        """The matrices of one lane, each with one row per feature, and last b, as one column."""
        matrices = [
            (each.symbol, parameters.arrays[each.name])
            if each.axes[0] == "features"
            else (f"{each.symbol}ᵀ", parameters.arrays[each.name].T)
            for each in self.trained
            if len(each.axes) > 1
        ]
        return [*matrices, (BIAS.symbol, parameters.bias[:, None])]

    @property
    def product(self) -> str:
        """The name of the square whose entry (i, j) is what feature i, alone, adds to output j.

        A hidden ReLU lets through the units that the feature opens, and no others. Features of
        both signs have two such squares; the name is that of their mean
        (``feature_vectors.responses``).
        """
        if self.hidden_activation != "identity" and self.target == "absolute":
            return f"½|{self.encoder_symbol}|·{self.decoder_symbol}"
        return f"{self.hidden.of(self.encoder_symbol)}·{self.decoder_symbol}"

    @property
    def diagonal(self) -> str:
        """How what comes back of a feature alone is written, less its index: (W₁W₂)."""
        if self.hidden_activation == "identity":
            return f"({self.encoder_symbol}{self.decoder_symbol})"
        return f"({self.product})"

    @property
    def hidden(self) -> Activation:
        """What becomes of the hidden layer."""
        return ACTIVATIONS[self.hidden_activation]

    @property
    def output(self) -> Activation:
        """What becomes of a pre-activation."""
        return ACTIVATIONS[self.output_activation]

    @property
    def encoder_symbol(self) -> str:
        """W, or W₁ where there are two."""
        return "W" if self.tied else "W₁"

    @property
    def decoder_symbol(self) -> str:
        """Wᵀ, or W₂ where it is free."""
        return "Wᵀ" if self.tied else "W₂"

    @property
    def hidden_formula(self) -> str:
        """How the hidden vector of an input x is written."""
        return self.hidden.of(f"x·{self.encoder_symbol}")

    @property
    def pre_activation(self) -> str:
        """How what arrives at the output activation is written."""
        return f"h·{self.decoder_symbol} + b"

    @property
    def vectors_name(self) -> str:
        """What the matrix of feature vectors is called: W, or V beside a free W₂."""
        return "W" if self.tied else "V"


@dataclass(frozen=True)
class Reconstruction:
    """Everything that a forward pass computes; shapes (rows, m), (rows, n) and (rows, n)."""

    hidden: FloatArray
    pre_activation: FloatArray
    output: FloatArray


def reconstruct(model: Model, parameters: Parameters, x: FloatArray) -> Reconstruction:
    """Run ``model`` on ``x``, shape (rows, n)."""
    hidden = model.hidden(x @ parameters.encoder)
    pre_activation = hidden @ parameters.decoder + parameters.bias
    output = model.output(pre_activation)
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
        Model(
            name="relu-hidden",
            formula="x̂ = ReLU(ReLU(x·W)·Wᵀ + b)",
            summary="a ReLU on the hidden layer makes its axes special: hidden units are neurons",
            tied=True,
            hidden_activation="relu",
        ),
        Model(
            name="absolute",
            formula="x̂ = ReLU(ReLU(x·W₁)·W₂ + b)",
            summary="computes |x| in superposition; its features should take both signs",
            tied=False,
            hidden_activation="relu",
            target="absolute",
        ),
        Model(
            name="gelu",
            formula="x̂ = GELU(x·W·Wᵀ + b)",
            summary="the tied model with a smooth output that can be slightly negative",
            tied=True,
            output_activation="gelu",
        ),
        Model(
            name="softplus",
            formula="x̂ = softplus(x·W·Wᵀ + b)",
            summary="the tied model with a smooth output that is never quite 0",
            tied=True,
            output_activation="softplus",
        ),
    )
}


def model_named(name: str) -> Model:
    """The model called ``name``; raises ``InvalidValue`` with the known names otherwise."""
    return lookup("model", MODELS, name)
