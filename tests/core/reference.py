"""Independent reference implementations, slow and plain: random numbers, gradients, AdamW.

They share no code with the engines that they judge.
"""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.config import ExperimentConfig, Lane

GOLDEN_GAMMA = 0x9E3779B97F4A7C15
WORD = (1 << 64) - 1


def split_mix(z: int) -> int:
    """SplitMix64's finaliser (Steele, Lea and Flood 2014), in Python's integers."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & WORD
    return z ^ (z >> 31)


def as_int64(word: int) -> int:
    """The signed number with the same 64 bits."""
    word &= WORD
    return word - (1 << 64) if word >> 63 else word


@dataclass(frozen=True)
class SplitMix64:
    """A stream whose draw number c is mix(start + c·gamma)."""

    start: int
    gamma: int

    @classmethod
    def of(cls, lane: Lane) -> "SplitMix64":
        """The stream of a lane's data."""
        start, gamma = lane.seed_sequence("data").generate_state(2, np.uint64)
        return cls(int(start), int(gamma) | 1)

    def draw(self, counter: int) -> int:
        """64 random bits."""
        return split_mix((self.start + counter * self.gamma) & WORD)

    def uniform_pair(self, counter: int) -> tuple[float, float]:
        """The highest 24 bits and bits 8 to 31, each as a number on [0, 1)."""
        bits = self.draw(counter)
        return (bits >> 40) * 2.0**-24, ((bits >> 8) & 0xFFFFFF) * 2.0**-24


def training_data(config: ExperimentConfig, lane: Lane, step: int) -> FloatArray:
    """The rows that training step number ``step`` (from 0) of a lane sees, float64."""
    stream = SplitMix64.of(lane)
    data = np.zeros(config.batch * config.features)
    for entry in range(data.size):
        activity, value = stream.uniform_pair(step * data.size + entry)
        if activity < lane.density:
            data[entry] = value
    return data.reshape(config.batch, config.features)


@dataclass(frozen=True)
class Weights:
    """Encoder (n, m), free decoder (m, n) or None when tied, bias (n,)."""

    encoder: FloatArray
    free_decoder: FloatArray | None
    bias: FloatArray

    @property
    def arrays(self) -> list[FloatArray]:
        """All that training changes, in the order of the fields."""
        arrays = [self.encoder, self.free_decoder, self.bias]
        return [array for array in arrays if array is not None]

    def replaced(self, arrays: list[FloatArray]) -> "Weights":
        """The same with other numbers."""
        encoder, *middle, bias = arrays
        return Weights(encoder, middle[0] if middle else None, bias)


@dataclass(frozen=True)
class ReferenceModel:
    """The loss of one model, as its paper writes it, and its gradient, derived by hand."""

    relu_hidden: bool
    relu_output: bool

    def loss(self, weights: Weights, x: FloatArray, importance: FloatArray) -> float:
        """Mean over rows and features of I_i (x_i − x̂_i)²."""
        _, _, output = self._forward(weights, x)
        return float(np.mean(importance * (x - output) ** 2))

    def gradient(self, weights: Weights, x: FloatArray, importance: FloatArray) -> Weights:
        """With E = ∂L/∂(h·W₂ + b) and G = ∂L/∂(x·W₁): ∂W₁ = xᵀG, ∂W₂ = hᵀE, ∂b = Σ E."""
        decoder = _decoder(weights)
        hidden, before, output = self._forward(weights, x)
        error = 2 * importance * (output - x) / x.size
        if self.relu_output:
            error = error * (before > 0)
        into_hidden = error @ decoder.T
        if self.relu_hidden:
            into_hidden = into_hidden * (x @ weights.encoder > 0)
        for_encoder, for_decoder = x.T @ into_hidden, hidden.T @ error
        bias = error.sum(axis=0)
        if weights.free_decoder is None:
            return Weights(for_encoder + for_decoder.T, None, bias)
        return Weights(for_encoder, for_decoder, bias)

    def _forward(
        self, weights: Weights, x: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        hidden = x @ weights.encoder
        if self.relu_hidden:
            hidden = np.maximum(hidden, 0)
        before = hidden @ _decoder(weights) + weights.bias
        return hidden, before, np.maximum(before, 0) if self.relu_output else before


REFERENCE_MODELS = {
    "tied": ReferenceModel(relu_hidden=False, relu_output=True),
    "untied": ReferenceModel(relu_hidden=False, relu_output=True),
    "linear": ReferenceModel(relu_hidden=False, relu_output=False),
    "mlp": ReferenceModel(relu_hidden=True, relu_output=False),
}


def _decoder(weights: Weights) -> FloatArray:
    return weights.encoder.T if weights.free_decoder is None else weights.free_decoder


def finite_differences(
    model: ReferenceModel, weights: Weights, x: FloatArray, importance: FloatArray
) -> Weights:
    """∂loss/∂weights by central differences."""
    width = 1e-6
    gradient = [np.zeros_like(array) for array in weights.arrays]
    for which, array in enumerate(weights.arrays):
        for index in np.ndindex(array.shape):
            sides = []
            for shift in (width, -width):
                moved = [other.copy() for other in weights.arrays]
                moved[which][index] += shift
                sides.append(model.loss(weights.replaced(moved), x, importance))
            gradient[which][index] = (sides[0] - sides[1]) / (2 * width)
    return weights.replaced(gradient)


class ReferenceAdamW:
    """Loshchilov and Hutter's AdamW with the usual β = 0.9, 0.999 and ε = 1e-8."""

    def __init__(self, weights: Weights, learning_rate: float, weight_decay: float) -> None:
        self._learning_rate = learning_rate
        self._weight_decay = weight_decay
        self._first = [np.zeros_like(array) for array in weights.arrays]
        self._second = [np.zeros_like(array) for array in weights.arrays]
        self._steps = 0

    def step(self, weights: Weights, gradient: Weights) -> Weights:
        """The weights after one more step."""
        self._steps += 1
        moved = []
        for index, (array, slope) in enumerate(zip(weights.arrays, gradient.arrays, strict=True)):
            self._first[index] = 0.9 * self._first[index] + 0.1 * slope
            self._second[index] = 0.999 * self._second[index] + 0.001 * slope**2
            mean = self._first[index] / (1 - 0.9**self._steps)
            size = np.sqrt(self._second[index] / (1 - 0.999**self._steps))
            decayed = array * (1 - self._learning_rate * self._weight_decay)
            moved.append(decayed - self._learning_rate * mean / (size + 1e-8))
        return weights.replaced(moved)
