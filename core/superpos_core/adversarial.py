"""Small changes of the input that harm the output most: the paper's "Adversarial Vulnerability".

A feature in superposition can be driven through every feature that overlaps with it. So the change
of length λ that moves output i most goes along column i of W·Wᵀ, and harms in proportion to the
column's norm.
"""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.errors import InvalidValue
from superpos_core.models import ACTIVATIONS, Activation, Model, Parameters, reconstruct, target_of
from superpos_core.probe import checked_row

DEFAULT_SHARE = 0.1
"""The paper's size of an attack, as a share of the mean norm of the inputs."""

_WIDTH = 1e-6
"""Of the difference that stands for the slope of an activation."""
_BLOCK_ENTRIES = 1 << 20
"""Entries of perturbed inputs at once, so that those of 4096 features do not fill the memory."""


@dataclass(frozen=True)
class Attack:
    """A change of one input, and what it does. Arrays have shape (n,).

    ``feature`` is the output under attack, ``perturbation`` what is added to x and ``output`` the
    x̂ that follows. Both losses are total ones against the target of the unchanged x.
    """

    feature: int
    perturbation: FloatArray
    output: FloatArray
    loss_before: float
    loss_after: float

    @property
    def harm(self) -> float:
        """How much the attack adds to the loss."""
        return self.loss_after - self.loss_before


def attack_feature(
    model: Model,
    parameters: Parameters,
    x: FloatArray,
    importance: FloatArray,
    feature: int,
    size: float,
) -> Attack:
    """The change of ``x``, shape (n,), with norm ``size`` that harms output ``feature`` most.

    The best there is where the hidden activation is the identity: of the two directions along the
    column it takes the one with the larger error, so it knows that a ReLU may be closed. Otherwise
    it is the best to first order. Raises ``InvalidValue`` for an unknown feature, a negative size
    or an ``x`` that is not one row.
    """
    features = parameters.bias.size
    if not 0 <= feature < features:
        raise InvalidValue(
            "feature", feature, "there is no such feature", f"from 0 to {features - 1}"
        )
    return _worst(model, parameters, x, importance, np.array([feature]), size)


def worst_attack(
    model: Model, parameters: Parameters, x: FloatArray, importance: FloatArray, size: float
) -> Attack:
    """Of the attacks on each feature the one that adds most to the total loss.

    Raises ``InvalidValue`` as ``attack_feature`` does.
    """
    features = parameters.bias.size
    blocks = np.array_split(np.arange(features), -(-(features**2) // _BLOCK_ENTRIES))
    attacks = [_worst(model, parameters, x, importance, block, size) for block in blocks]
    return max(attacks, key=lambda attack: attack.loss_after)


def vulnerability(
    model: Model,
    parameters: Parameters,
    x: FloatArray,
    importance: FloatArray,
    share: float = DEFAULT_SHARE,
) -> float:
    """L' − L: what the worst attack on each row of ``x``, shape (rows, n), adds, on average.

    The attacks have ``share`` of the mean norm of the rows. Raises ``InvalidValue`` as
    ``attack_feature`` does, and for no rows.
    """
    if x.ndim != 2 or len(x) == 0:
        raise InvalidValue("input", f"of shape {x.shape}", "rows are needed", "shape (rows, n)")
    size = share * float(np.mean(np.linalg.norm(x, axis=1)))
    harms = [worst_attack(model, parameters, row, importance, size).harm for row in x]
    return float(np.mean(harms))


def relative_vulnerability(
    model: Model,
    parameters: Parameters,
    reference_model: Model,
    reference_parameters: Parameters,
    x: FloatArray,
    importance: FloatArray,
    share: float = DEFAULT_SHARE,
) -> float:
    """(L' − L)/(L'₀ − L₀), with a model without superposition as the reference.

    The paper's reference is the linear model on the same data. NaN if nothing harms that.
    """
    harm = vulnerability(model, parameters, x, importance, share)
    reference = vulnerability(reference_model, reference_parameters, x, importance, share)
    return harm / reference if reference != 0 else float("nan")


def _worst(
    model: Model,
    parameters: Parameters,
    x: FloatArray,
    importance: FloatArray,
    attacked: IntArray,
    size: float,
) -> Attack:
    checked_row(x, parameters.bias.size)
    if not (np.isfinite(size) and size >= 0):
        raise InvalidValue("size", size, "it is a length", "a number from 0, such as 0.1")
    exact = x.astype(np.float64)
    target = target_of(model, exact)
    with np.errstate(all="ignore"):
        steps = size * _directions(model, parameters, exact, attacked)
        steps = _with_the_worse_sign(model, parameters, exact, attacked, steps)
        outputs = reconstruct(model, parameters, exact + np.vstack([0 * exact, steps])).output
        losses = np.square(outputs - target) @ importance
    worst = 1 + int(np.argmax(losses[1:]))
    return Attack(
        feature=int(attacked[worst - 1]),
        perturbation=steps[worst - 1],
        output=outputs[worst],
        loss_before=float(losses[0]),
        loss_after=float(losses[worst]),
    )


def _directions(
    model: Model, parameters: Parameters, x: FloatArray, attacked: IntArray
) -> FloatArray:
    """The unit vectors along which the attacked pre-activations grow fastest at ``x``.

    One row each, shape (attacked, n). For an output that nothing moves it is the feature's own
    axis.
    """
    slopes = _slope(model.hidden_activation, x @ parameters.encoder)
    gradients = (parameters.decoder.T[attacked] * slopes) @ parameters.encoder.T
    norms = np.linalg.norm(gradients, axis=1, keepdims=True)
    own_axes = np.eye(x.size)[attacked]
    return np.where(norms == 0, own_axes, gradients / norms)


def _slope(activation: Activation, values: FloatArray) -> FloatArray:
    """The derivative of any activation, by central differences."""
    function = ACTIVATIONS[activation]
    return (function(values + _WIDTH) - function(values - _WIDTH)) / (2 * _WIDTH)


def _with_the_worse_sign(
    model: Model, parameters: Parameters, x: FloatArray, attacked: IntArray, steps: FloatArray
) -> FloatArray:
    """Each step, or its opposite where that leaves the attacked output with the larger error."""
    target = target_of(model, x)[attacked]
    one_each = (np.arange(attacked.size), attacked)
    with_it = np.abs(reconstruct(model, parameters, x + steps).output[one_each] - target)
    against_it = np.abs(reconstruct(model, parameters, x - steps).output[one_each] - target)
    return np.where((against_it > with_it)[:, None], -steps, steps)
