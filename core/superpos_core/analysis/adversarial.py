"""Small input changes that harm the output most: the paper's "Adversarial Vulnerability".

A feature in superposition can be driven through every feature that overlaps with it. So the change
of norm λ that moves output i most goes along column i of W·Wᵀ, and its harm is proportional to the
norm of that column.
"""

from dataclasses import dataclass

import numpy as np

from superpos_core.analysis.attacked_inputs import AttackedInputs, in_blocks
from superpos_core.analysis.probe import check_row
from superpos_core.arrays import FloatArray, IntArray
from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dataset import fresh_rows
from superpos_core.task.lanes import Lane
from superpos_core.task.models import Model, model_named
from superpos_core.task.parameters import Parameters

DEFAULT_SHARE = 0.1
"""The norm of the paper's attacks, as a share of the mean norm of the inputs."""
REFERENCE_MODEL = "linear"
"""The paper's reference model without superposition."""
ATTACKED_ROWS = 1000
"""Maximum number of rows over which a lane's vulnerability is averaged."""
MAX_ATTACKED_ENTRIES = 1 << 24
"""Maximum rows × n²: above 129 features there are fewer rows."""


@dataclass(frozen=True)
class Attack:
    """A perturbation of one input and its effect. Arrays have shape (n,).

    ``feature`` is the output under attack, ``perturbation`` is added to x, and ``output`` is the
    resulting x̂. Both are total losses against the target of the unperturbed x.
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

    def attacked_input(self, x: FloatArray) -> FloatArray:
        """The input ``x`` plus the perturbation."""
        with np.errstate(all="ignore"):
            changed: FloatArray = x + self.perturbation
        return changed


def attack_feature(
    model: Model,
    parameters: Parameters,
    x: FloatArray,
    importance: FloatArray,
    feature: int,
    size: float,
) -> Attack:
    """The perturbation of ``x``, shape (n,), of norm ``size`` that harms output ``feature`` most.

    Optimal if the hidden activation is the identity: of the two directions along the column it
    takes the one with the larger error, so it accounts for a closed ReLU. Otherwise optimal to
    first order. Raises ``InvalidValue`` for an unknown feature, a negative size or an ``x`` that is
    not one row.
    """
    features = parameters.bias.size
    if not 0 <= feature < features:
        raise InvalidValue(
            "feature", feature, "there is no such feature", f"from 0 to {features - 1}"
        )
    check_row(x, features)
    inputs = AttackedInputs.of(model, parameters, x[None], importance, size)
    return _worst(inputs, np.array([feature]))


def worst_attack(
    model: Model, parameters: Parameters, x: FloatArray, importance: FloatArray, size: float
) -> Attack:
    """The attack, over all features, that adds most to the total loss.

    Raises ``InvalidValue`` like ``attack_feature``.
    """
    check_row(x, parameters.bias.size)
    inputs = AttackedInputs.of(model, parameters, x[None], importance, size)
    attacks = (_worst(inputs, attacked) for attacked in inputs.features_in_blocks())
    return max(attacks, key=lambda attack: attack.loss_after)


def vulnerability(
    model: Model,
    parameters: Parameters,
    x: FloatArray,
    importance: FloatArray,
    share: float = DEFAULT_SHARE,
    both_ways: bool = True,
) -> float:
    """L' − L: the loss added by the worst attack on each row of ``x``, (rows, n), on average.

    The norm of the attacks is ``share`` of the rows' mean norm. Each goes along a column or against
    it, whichever is worse; the paper's, with ``both_ways`` false, only go along it. Raises
    ``InvalidValue`` like ``attack_feature``, and for no rows.
    """
    if x.ndim != 2 or len(x) == 0:
        raise InvalidValue("input", f"of shape {x.shape}", "rows are needed", "shape (rows, n)")
    check_row(x[0], parameters.bias.size)
    size = share * float(np.mean(np.linalg.norm(x, axis=1)))
    harms = [
        _worst_harms(AttackedInputs.of(model, parameters, x[rows], importance, size, both_ways))
        for rows in in_blocks(len(x), parameters.bias.size**2)
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
    both_ways: bool = True,
) -> float:
    """(L' − L)/(L'₀ − L₀), with a model without superposition as the reference.

    The paper's reference is the linear model on the same data. NaN if nothing harms it.
    """
    harm = vulnerability(model, parameters, x, importance, share, both_ways)
    reference = vulnerability(
        reference_model, reference_parameters, x, importance, share, both_ways
    )
    return harm / reference if reference != 0 else float("nan")


def relative_vulnerability_of_lane(
    config: ExperimentConfig,
    lane: Lane,
    parameters: Parameters,
    linear_parameters: Parameters,
    both_ways: bool = True,
) -> float:
    """``relative_vulnerability`` of a trained lane, over rows of its own data.

    ``linear_parameters`` belong to the linear model trained at the same setting. The rows depend
    only on the lane and its seed.
    """
    x = fresh_rows(config, lane, lane.random("attacked rows"), attacked_rows(config.features))
    return relative_vulnerability(
        model_named(lane.model),
        parameters,
        model_named(REFERENCE_MODEL),
        linear_parameters,
        x,
        config.importance_of(lane),
        both_ways=both_ways,
    )


def attacked_rows(features: int) -> int:
    """The number of rows that ``relative_vulnerability_of_lane`` averages over; fewer for large n.

    Each row costs n attacks of n entries.
    """
    return int(np.clip(MAX_ATTACKED_ENTRIES // features**2, 1, ATTACKED_ROWS))


def _worst(inputs: AttackedInputs, attacked: IntArray) -> Attack:
    """The attack on one row that adds most to its loss."""
    attacks = inputs.attacked_at(attacked)
    worst = int(np.argmax(attacks.losses))
    direction = inputs.directions(attacked[worst : worst + 1])[0, 0]
    return Attack(
        feature=int(attacked[worst]),
        perturbation=inputs.size * attacks.signs[0, worst] * direction,
        output=attacks.outputs[0, worst],
        loss_before=float(inputs.losses_before[0]),
        loss_after=float(attacks.losses[0, worst]),
    )


def _worst_harms(inputs: AttackedInputs) -> FloatArray:
    """The total loss added by the worst attack on each row, shape (rows,)."""
    losses = [
        inputs.attacked_at(attacked).losses.max(axis=1) for attacked in inputs.features_in_blocks()
    ]
    harms: FloatArray = np.max(losses, axis=0) - inputs.losses_before
    return harms
