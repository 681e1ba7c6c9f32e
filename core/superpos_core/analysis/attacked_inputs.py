"""Rows under attack: the attack on each output of each row, and its effect."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from superpos_core.activations import ACTIVATIONS, ActivationName
from superpos_core.arrays import FloatArray, IntArray
from superpos_core.errors import InvalidValue
from superpos_core.geometry.measures import fewest_rows
from superpos_core.strips import strips
from superpos_core.task.models import Model, target_of
from superpos_core.task.parameters import Parameters

_DIFFERENCE = 1e-6
"""Step size of the finite differences for the slope of an activation."""
BLOCK_ENTRIES = 1 << 17
"""Maximum number of perturbed entries at once: a few MiB, which fit in cache."""


@dataclass(frozen=True)
class Attacks:
    """The attack on each attacked feature of each input.

    ``signs`` (rows, attacked, 1) says whether each goes along or against its direction; ``outputs``
    (rows, attacked, n) and the total ``losses`` (rows, attacked) are the effect.
    """

    signs: FloatArray
    outputs: FloatArray
    losses: FloatArray


@dataclass(frozen=True)
class AttackedInputs:
    """Rows to attack, and everything that does not depend on which output is attacked.

    ``reduced`` has as few rows as possible with the same ‖W·v‖ and WᵀW·v as W: an attack is
    followed in the m hidden dimensions where it arrives, not in the n input dimensions. Shapes:
    ``target`` (rows, 1, n), ``arriving`` and ``slopes`` (rows, 1, m) and ``losses_before`` (rows,).
    Unless ``both_ways``, attacks only go along the columns, never against them.
    """

    model: Model
    parameters: Parameters
    importance: FloatArray
    size: float
    reduced: FloatArray
    target: FloatArray
    arriving: FloatArray
    slopes: FloatArray
    losses_before: FloatArray
    both_ways: bool

    @classmethod
    def of(
        cls,
        model: Model,
        parameters: Parameters,
        x: FloatArray,
        importance: FloatArray,
        size: float,
        both_ways: bool = True,
    ) -> "AttackedInputs":
        """``x`` has shape (rows, n). Raises ``InvalidValue`` for an invalid size."""
        if not (np.isfinite(size) and size >= 0):
            raise InvalidValue("size", size, "it is a length", "a number from 0, such as 0.1")
        encoder = parameters.encoder.astype(np.float64)
        decoder = parameters.decoder.astype(np.float64)
        exact = Parameters(encoder=encoder, decoder=decoder, bias=parameters.bias)
        rows = x.astype(np.float64)[:, None]
        target = target_of(model, rows)
        with np.errstate(all="ignore"):
            arriving = rows @ encoder
            unharmed = _outputs(model, exact, arriving) - target
            return cls(
                model,
                exact,
                importance,
                size,
                fewest_rows(encoder),
                target,
                arriving,
                _slope(model.hidden_activation, arriving),
                np.square(unharmed[:, 0]) @ importance,
                both_ways,
            )

    def features_in_blocks(self) -> Iterator[IntArray]:
        """All features, as many at a time as ``BLOCK_ENTRIES`` allows."""
        features = self.target.shape[-1]
        entries = features * len(self.target)
        for block in in_blocks(features, entries):
            yield np.arange(block.start, block.stop)

    def attacked_at(self, features: IntArray) -> Attacks:
        """The step or its opposite, whichever leaves the feature with the larger error."""
        with np.errstate(all="ignore"):
            steps = self.size * self._hidden_directions(features)
            signs = self._worse_signs(steps, features)
            outputs = _outputs(self.model, self.parameters, self.arriving + signs * steps)
            losses = np.square(outputs - self.target) @ self.importance
        return Attacks(signs, outputs, losses)

    def _worse_signs(self, steps: FloatArray, features: IntArray) -> FloatArray:
        """1 or −1 for each step, shape (rows, features, 1)."""
        if not self.both_ways:
            return np.ones((*steps.shape[:-1], 1))
        forth, back = (self._own_errors(self.arriving + way * steps, features) for way in (1, -1))
        return np.where(back > forth, -1.0, 1.0)

    def directions(self, features: IntArray) -> FloatArray:
        """The unit vectors along which pre-activations of ``features`` grow fastest at each row.

        Shape (rows, features, n). For an output that no input affects it is the feature's own axis.
        """
        with np.errstate(all="ignore"):
            gradients = self._jacobian(features) @ self.parameters.encoder.T
            norms = np.linalg.norm(gradients, axis=-1, keepdims=True)
            own_axes = np.zeros((features.size, self.parameters.bias.size))
            own_axes[np.arange(features.size), features] = 1
            return np.where(norms == 0, own_axes, gradients / norms)

    def _hidden_directions(self, features: IntArray) -> FloatArray:
        """``directions`` times W, shape (rows, features, m), computed without n dimensions."""
        gradients = self._jacobian(features) @ self.reduced.T
        norms = np.linalg.norm(gradients, axis=-1, keepdims=True)
        own_axes = self.parameters.encoder[features]
        return np.where(norms == 0, own_axes, (gradients / norms) @ self.reduced)

    def _jacobian(self, features: IntArray) -> FloatArray:
        """The effect of each hidden pre-activation on each output, shape (rows, features, m)."""
        return self.parameters.decoder.T[features] * self.slopes

    def _own_errors(self, arriving: FloatArray, features: IntArray) -> FloatArray:
        """How far each feature's own output is from its target, shape (rows, features, 1)."""
        hidden = self.model.hidden(arriving)
        driven = np.sum(hidden * self.parameters.decoder.T[features], axis=-1)
        own = self.model.output(driven + self.parameters.bias[features])
        return np.abs(own - self.target[:, 0, features])[..., None]


def in_blocks(count: int, entries: int) -> Iterator[slice]:
    """``count`` attacks of ``entries`` each, as many at a time as ``BLOCK_ENTRIES`` allows."""
    return strips(count, entries, BLOCK_ENTRIES)


def _outputs(model: Model, parameters: Parameters, arriving: FloatArray) -> FloatArray:
    """x̂, shape (…, n), from x·W₁ arriving at the hidden units, shape (…, m)."""
    hidden = model.hidden(arriving)
    return model.output(hidden @ parameters.decoder + parameters.bias)


def _slope(activation: ActivationName, values: FloatArray) -> FloatArray:
    """The derivative of any activation, by central differences."""
    function = ACTIVATIONS[activation]
    return (function(values + _DIFFERENCE) - function(values - _DIFFERENCE)) / (2 * _DIFFERENCE)
