"""Small changes of the input that harm the output most: the paper's "Adversarial Vulnerability".

A feature in superposition can be driven through every feature that overlaps with it. So the change
of length λ that moves output i most goes along column i of W·Wᵀ, and harms in proportion to the
column's norm.
"""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.config import ExperimentConfig, Lane
from superpos_core.errors import InvalidValue
from superpos_core.evaluation import fresh_rows
from superpos_core.models import (
    ACTIVATIONS,
    Activation,
    Model,
    Parameters,
    model_named,
    reconstruct,
    target_of,
)
from superpos_core.probe import checked_row

DEFAULT_SHARE = 0.1
"""The paper's size of an attack, as a share of the mean norm of the inputs."""
REFERENCE_MODEL = "linear"
"""The paper's model without superposition, against which others are vulnerable."""
ATTACKED_ROWS = 1000
"""Rows of a lane's data over which its vulnerability is averaged, at most."""
MOST_ATTACKED_ENTRIES = 1 << 24
"""Rows × n² at most: above 129 features there are fewer rows."""

_WIDTH = 1e-6
"""Of the difference that stands for the slope of an activation."""
_BLOCK_ENTRIES = 1 << 17
"""Entries of perturbed inputs at once: some MiB, which caches hold, whatever the sizes are."""


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
    attacks = [
        _worst(model, parameters, x, importance, attacked, size)
        for attacked in _blocks(parameters.bias.size, parameters.bias.size)
    ]
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
    checked_row(x[0], parameters.bias.size)
    size = share * float(np.mean(np.linalg.norm(x, axis=1)))
    harms = [
        _worst_harms(model, parameters, x[rows], importance, size)
        for rows in _blocks(len(x), parameters.bias.size**2)
    ]
    return float(np.mean(np.concatenate(harms)))


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


def relative_vulnerability_of_lane(
    config: ExperimentConfig, lane: Lane, parameters: Parameters, linear_parameters: Parameters
) -> float:
    """``relative_vulnerability`` of a trained lane, over rows of its own data.

    ``linear_parameters`` are those of the linear model that was trained at the same setting. The
    rows depend on the lane and its seed only.
    """
    x = fresh_rows(config, lane, lane.random("attacked rows"), attacked_rows(config.features))
    return relative_vulnerability(
        model_named(lane.model),
        parameters,
        model_named(REFERENCE_MODEL),
        linear_parameters,
        x,
        config.importance_of(lane),
    )


def attacked_rows(features: int) -> int:
    """Over how many rows ``relative_vulnerability_of_lane`` takes the mean: fewer where n is large.

    A row costs as much as the n attacks of n entries that there are on it.
    """
    return int(np.clip(MOST_ATTACKED_ENTRIES // features**2, 1, ATTACKED_ROWS))


def _blocks(count: int, entries_each: int) -> list[IntArray]:
    """0 … count − 1 in blocks of ``_BLOCK_ENTRIES`` in all, or of one where each has more."""
    blocks = -(-count * entries_each // _BLOCK_ENTRIES)
    return np.array_split(np.arange(count), min(blocks, count))


def _worst(
    model: Model,
    parameters: Parameters,
    x: FloatArray,
    importance: FloatArray,
    attacked: IntArray,
    size: float,
) -> Attack:
    checked_row(x, parameters.bias.size)
    attacks = _attacks(model, parameters, x[None], importance, attacked, size)
    worst = int(np.argmax(attacks.losses_after))
    return Attack(
        feature=int(attacked[worst]),
        perturbation=attacks.steps[0, worst],
        output=attacks.outputs[0, worst],
        loss_before=float(attacks.losses_before[0]),
        loss_after=float(attacks.losses_after[0, worst]),
    )


def _worst_harms(
    model: Model, parameters: Parameters, x: FloatArray, importance: FloatArray, size: float
) -> FloatArray:
    """What the worst attack on each row adds to its total loss, shape (rows,)."""
    worst = []
    for attacked in _blocks(parameters.bias.size, parameters.bias.size):
        attacks = _attacks(model, parameters, x, importance, attacked, size)
        worst.append(attacks.losses_after.max(axis=1) - attacks.losses_before)
    harms: FloatArray = np.max(worst, axis=0)
    return harms


@dataclass(frozen=True)
class _Attacks:
    """The attack on each attacked feature of each row.

    Shapes: ``steps`` and ``outputs`` (rows, attacked, n), ``losses_before`` (rows,) and
    ``losses_after`` (rows, attacked); losses are total ones.
    """

    steps: FloatArray
    outputs: FloatArray
    losses_before: FloatArray
    losses_after: FloatArray


def _attacks(
    model: Model,
    parameters: Parameters,
    x: FloatArray,
    importance: FloatArray,
    attacked: IntArray,
    size: float,
) -> _Attacks:
    """Of each step and its opposite the one that leaves the attacked output with a larger error.

    ``x`` has shape (rows, n).
    """
    if not (np.isfinite(size) and size >= 0):
        raise InvalidValue("size", size, "it is a length", "a number from 0, such as 0.1")
    exact = x.astype(np.float64)[:, None]
    target = target_of(model, exact)
    with np.errstate(all="ignore"):
        steps = size * _directions(model, parameters, exact, attacked)
        forth, back = (_outputs(model, parameters, exact + way * steps) for way in (1, -1))
        is_worse = _own_errors(back, target, attacked) > _own_errors(forth, target, attacked)
        outputs = np.where(is_worse, back, forth)
        unharmed = _outputs(model, parameters, exact) - target
        return _Attacks(
            steps=np.where(is_worse, -steps, steps),
            outputs=outputs,
            losses_before=np.square(unharmed[:, 0]) @ importance,
            losses_after=np.square(outputs - target) @ importance,
        )


def _own_errors(outputs: FloatArray, target: FloatArray, attacked: IntArray) -> FloatArray:
    """How far each attacked output is from its target, shape (rows, attacked, 1)."""
    own = outputs[:, np.arange(attacked.size), attacked]
    return np.abs(own - target[:, 0, attacked])[..., None]


def _outputs(model: Model, parameters: Parameters, x: FloatArray) -> FloatArray:
    """x̂ of shape (…, n) for ``x`` of the same shape."""
    rows = x.reshape(-1, x.shape[-1])
    return reconstruct(model, parameters, rows).output.reshape(x.shape)


def _directions(
    model: Model, parameters: Parameters, x: FloatArray, attacked: IntArray
) -> FloatArray:
    """The unit vectors along which the attacked pre-activations grow fastest at ``x``.

    ``x`` has shape (rows, 1, n), the result (rows, attacked, n). For an output that nothing moves
    it is the feature's own axis.
    """
    slopes = _slope(model.hidden_activation, x @ parameters.encoder)
    gradients = (parameters.decoder.T[attacked] * slopes) @ parameters.encoder.T
    norms = np.linalg.norm(gradients, axis=-1, keepdims=True)
    own_axes = np.eye(x.shape[-1])[attacked]
    return np.where(norms == 0, own_axes, gradients / norms)


def _slope(activation: Activation, values: FloatArray) -> FloatArray:
    """The derivative of any activation, by central differences."""
    function = ACTIVATIONS[activation]
    return (function(values + _WIDTH) - function(values - _WIDTH)) / (2 * _WIDTH)
