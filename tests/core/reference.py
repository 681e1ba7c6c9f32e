"""Independent reference implementations, slow and plain: random numbers, gradients, optimisers.

They share no code with the engines that they judge.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from superpos_core.arrays import FloatArray
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.lanes import Lane

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
class ReferenceActivation:
    """A function and its derivative, both of what comes before it."""

    value: Callable[[FloatArray], FloatArray]
    slope: Callable[[FloatArray], FloatArray]


def _gelu_angle(z: FloatArray) -> FloatArray:
    angle: FloatArray = np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)
    return angle


IDENTITY = ReferenceActivation(lambda z: z, np.ones_like)
RELU = ReferenceActivation(lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float))
GELU = ReferenceActivation(
    lambda z: z / 2 * (1 + np.tanh(_gelu_angle(z))),
    lambda z: (
        (1 + np.tanh(_gelu_angle(z))) / 2
        + z / 2 / np.cosh(_gelu_angle(z)) ** 2 * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * z**2)
    ),
)
SOFTPLUS = ReferenceActivation(lambda z: np.logaddexp(0, z), expit)


@dataclass(frozen=True)
class ReferenceModel:
    """The loss of one model, as its paper writes it, and its gradient, derived by hand.

    What is minimised has λ·‖h‖₁ besides, averaged over rows and divided by n.
    """

    hidden: ReferenceActivation = IDENTITY
    output: ReferenceActivation = RELU
    absolute: bool = False

    def loss(self, weights: Weights, x: FloatArray, importance: FloatArray) -> float:
        """Mean over rows and features of I_i (target_i − x̂_i)²."""
        _, _, output = self._forward(weights, x)
        return float(np.mean(importance * (self._target(x) - output) ** 2))

    def minimised(
        self, weights: Weights, x: FloatArray, importance: FloatArray, penalty: float = 0.0
    ) -> float:
        """The loss and what the hidden units cost."""
        hidden, _, _ = self._forward(weights, x)
        cost = penalty * np.abs(hidden).sum(axis=1).mean() / x.shape[1]
        return self.loss(weights, x, importance) + float(cost)

    def gradient(
        self, weights: Weights, x: FloatArray, importance: FloatArray, penalty: float = 0.0
    ) -> Weights:
        """With E = ∂L/∂(h·W₂ + b) and G = ∂L/∂(x·W₁): ∂W₁ = xᵀG, ∂W₂ = hᵀE, ∂b = Σ E."""
        decoder = _decoder(weights)
        hidden, before, output = self._forward(weights, x)
        error = 2 * importance * (output - self._target(x)) / x.size * self.output.slope(before)
        into_hidden = error @ decoder.T + penalty * np.sign(hidden) / x.size
        into_hidden = into_hidden * self.hidden.slope(x @ weights.encoder)
        for_encoder, for_decoder = x.T @ into_hidden, hidden.T @ error
        bias = error.sum(axis=0)
        if weights.free_decoder is None:
            return Weights(for_encoder + for_decoder.T, None, bias)
        return Weights(for_encoder, for_decoder, bias)

    def _target(self, x: FloatArray) -> FloatArray:
        return np.abs(x) if self.absolute else x

    def _forward(
        self, weights: Weights, x: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        hidden = self.hidden.value(x @ weights.encoder)
        before = hidden @ _decoder(weights) + weights.bias
        return hidden, before, self.output.value(before)


REFERENCE_MODELS = {
    "tied": ReferenceModel(),
    "untied": ReferenceModel(),
    "linear": ReferenceModel(output=IDENTITY),
    "mlp": ReferenceModel(hidden=RELU, output=IDENTITY),
    "relu-hidden": ReferenceModel(hidden=RELU),
    "absolute": ReferenceModel(hidden=RELU, absolute=True),
    "gelu": ReferenceModel(output=GELU),
    "softplus": ReferenceModel(output=SOFTPLUS),
}


def _decoder(weights: Weights) -> FloatArray:
    return weights.encoder.T if weights.free_decoder is None else weights.free_decoder


def finite_differences(
    model: ReferenceModel,
    weights: Weights,
    x: FloatArray,
    importance: FloatArray,
    penalty: float = 0.0,
) -> Weights:
    """∂minimised/∂weights by central differences."""
    width = 1e-6
    gradient = [np.zeros_like(array) for array in weights.arrays]
    for which, array in enumerate(weights.arrays):
        for index in np.ndindex(array.shape):
            sides = []
            for shift in (width, -width):
                moved = [other.copy() for other in weights.arrays]
                moved[which][index] += shift
                sides.append(model.minimised(weights.replaced(moved), x, importance, penalty))
            gradient[which][index] = (sides[0] - sides[1]) / (2 * width)
    return weights.replaced(gradient)


def rows_pulled_towards_one(weights: Weights, strength: float) -> Weights:
    """Each feature's row of the encoder, and column of the decoder, a part of the way to length 1.

    As a convex combination of the row and its direction, which is how the paper's formula reads.
    """
    encoder = weights.encoder.copy()
    decoder = None if weights.free_decoder is None else weights.free_decoder.copy()
    for each in [*encoder, *([] if decoder is None else decoder.T)]:
        each[:] = (1 - strength) * each + strength * each / np.sqrt(np.sum(each**2))
    return Weights(encoder, decoder, weights.bias)


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


class ReferenceSGD:
    """Heavy-ball momentum: v ← μ·v + g + λ·W, W ← W − η·v."""

    def __init__(
        self, weights: Weights, learning_rate: float, momentum: float, weight_decay: float
    ) -> None:
        self._learning_rate = learning_rate
        self._momentum = momentum
        self._weight_decay = weight_decay
        self._velocity = [np.zeros_like(array) for array in weights.arrays]

    def step(self, weights: Weights, gradient: Weights) -> Weights:
        """The weights after one more step."""
        moved = []
        for index, (array, slope) in enumerate(zip(weights.arrays, gradient.arrays, strict=True)):
            slope = slope + self._weight_decay * array
            self._velocity[index] = self._momentum * self._velocity[index] + slope
            moved.append(array - self._learning_rate * self._velocity[index])
        return weights.replaced(moved)
