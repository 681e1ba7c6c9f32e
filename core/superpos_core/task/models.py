"""The registry of models: what each computes, declared once for texts and engines.

Every model has the form::

    h = hidden_activation(x·W₁)        x̂ = output_activation(h·W₂ + b)

with W₂ = W₁ᵀ if it is tied. To add a model, add an entry to ``MODELS``. (For a new activation, see
``activations``.)
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


Axis = Literal["features", "hidden", "latents"]
NamedMatrix = tuple[str, FloatArray]
"""The symbol and the values of a matrix."""


@dataclass(frozen=True)
class TrainedArray:
    """A trained array of a model or a dictionary.

    ``name`` is its name in ``Parameters``, ``symbol`` its symbol in texts, ``file_name`` its name
    in files. Unless a start sets it, all entries are ``initial`` at step 0.
    """

    name: str
    symbol: str
    file_name: str
    axes: tuple[Axis, ...]
    initial: float = 0.0

    def shape(self, features: int, hidden: int, latents: int = 0) -> tuple[int, ...]:
        """Its shape in one lane; only dictionaries have latents."""
        sizes: dict[Axis, int] = {"features": features, "hidden": hidden, "latents": latents}
        return tuple(sizes[axis] for axis in self.axes)

    @property
    def hidden_axes(self) -> tuple[int, ...]:
        """Its axes of hidden units, counted from the last, which is −1."""
        count = len(self.axes)
        return tuple(at - count for at, axis in enumerate(self.axes) if axis == "hidden")


BIAS = TrainedArray("bias", "b", "b", ("features",))
TIED = (TrainedArray("encoder", "W", "W", ("features", "hidden")), BIAS)
UNTIED = (
    TrainedArray("encoder", "W₁", "W1", ("features", "hidden")),
    TrainedArray("decoder", "W₂", "W2", ("hidden", "features")),
    BIAS,
)


@dataclass(frozen=True)
class Model:
    """What a model computes, and how texts refer to it.

    ``further`` are arrays that it trains besides its matrices and bias.
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
        """All trained arrays, in the order in which they are shown and written."""
        return (*(TIED if self.tied else UNTIED), *self.further)

    def by_feature(self, parameters: Parameters) -> list[NamedMatrix]:
        """The matrices of one lane, each with one row per feature, and b as the last column."""
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
        """The symbol of the matrix whose entry (i, j) is what feature i alone adds to output j.

        A hidden ReLU only passes the units that the feature activates. Features of both signs have
        two such matrices; the symbol is that of their mean (``feature_vectors.responses``).
        """
        if self.hidden_activation != "identity" and self.target == "absolute":
            return f"½|{self.encoder_symbol}|·{self.decoder_symbol}"
        return f"{self.hidden.of(self.encoder_symbol)}·{self.decoder_symbol}"

    @property
    def diagonal(self) -> str:
        """The symbol of a feature's response to itself, without the index: (W₁W₂)."""
        if self.hidden_activation == "identity":
            return f"({self.encoder_symbol}{self.decoder_symbol})"
        return f"({self.product})"

    @property
    def hidden(self) -> Activation:
        """The activation of the hidden layer."""
        return ACTIVATIONS[self.hidden_activation]

    @property
    def output(self) -> Activation:
        """The activation of the output layer."""
        return ACTIVATIONS[self.output_activation]

    @property
    def encoder_symbol(self) -> str:
        """W, or W₁ in a model with two matrices."""
        return "W" if self.tied else "W₁"

    @property
    def decoder_symbol(self) -> str:
        """Wᵀ, or W₂ if it is free."""
        return "Wᵀ" if self.tied else "W₂"

    @property
    def hidden_formula(self) -> str:
        """The formula of the hidden vector."""
        return self.hidden.of(f"x·{self.encoder_symbol}")

    @property
    def pre_activation(self) -> str:
        """The formula of the pre-activation of the output."""
        return f"h·{self.decoder_symbol} + b"

    @property
    def vectors_name(self) -> str:
        """The symbol of the matrix of feature vectors: W, or V with a free W₂."""
        return "W" if self.tied else "V"


@dataclass(frozen=True)
class Reconstruction:
    """The results of a forward pass; shapes (rows, m), (rows, n) and (rows, n)."""

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
    """The target of the model for ``x``: x itself, or \\|x\\|."""
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
            summary="no activation: it keeps the m most important features and ignores the rest",
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
            summary="a ReLU on the hidden layer gives it a privileged basis: its units are neurons",
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
    """The model called ``name``; raises ``InvalidValue`` if there is none."""
    return lookup("model", MODELS, name)
