"""Neurons: the hidden units of a model whose hidden layer has a privileged basis.

Only an activation on the hidden layer makes its axes special; without one, every rotation of the
hidden space gives the same model, and a single hidden unit has no meaning ("Superposition in a
Privileged Basis", "Computing in Superposition").
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray, IntArray
from superpos_core.geometry.measures import REPRESENTED_NORM
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import distribution_named
from superpos_core.task.lanes import Lane
from superpos_core.task.models import Model
from superpos_core.task.parameters import Parameters

NeuronKind = Literal["monosemantic", "polysemantic", "dead", "unknown"]

SIGNIFICANT_SHARE = 0.1
"""A weight is significant if its magnitude is above this share of its neuron's largest."""
DEAD_STRENGTH = 0.05
"""A neuron of at most this strength is dead: trained strengths cluster near 0 and near 1."""
RESOLUTION = 1e-7
"""Components below this share of the largest norm are float32 rounding errors."""


@dataclass(frozen=True)
class Neurons:
    """The hidden units of one lane, in the order in which they are shown.

    ``weights`` has shape (m, n), one row per neuron; ``units``, shape (m,), is the hidden unit of
    each row. ``kinds`` says what each neuron represents: one feature, several, none (dead), or
    unknown if a weight is not finite.
    """

    weights: FloatArray
    units: IntArray
    kinds: tuple[NeuronKind, ...]

    def count(self, kind: NeuronKind) -> int:
        """How many neurons are of this kind."""
        return self.kinds.count(kind)

    def first(self, most: int) -> "Neurons":
        """The first ``most`` neurons in this order."""
        return Neurons(self.weights[:most], self.units[:most], self.kinds[:most])


def has_privileged_basis(model: Model) -> bool:
    """Whether the hidden units of ``model`` are neurons."""
    return model.hidden_activation != "identity"


def neurons_of_lane(config: ExperimentConfig, lane: Lane, parameters: Parameters) -> Neurons:
    """The neurons of a lane of an experiment; see ``neurons_of``."""
    signed = distribution_named(config.distribution).values == "signed"
    return neurons_of(parameters, config.importance_of(lane), signed_inputs=signed)


def neurons_of(
    parameters: Parameters, importance: FloatArray, *, signed_inputs: bool = False
) -> Neurons:
    """The neurons of one lane, sorted by the importance of each neuron's largest feature.

    Ties are sorted by feature index, a feature's positive neuron before its negative one; dead
    neurons follow, then unknown ones. If the decoder is free, neurons that are not dead are
    rescaled to a largest weight of magnitude 1. ``importance`` has shape (n,); ``signed_inputs``
    says whether features can be negative.
    """
    weights = neuron_weights(parameters)
    is_dead = dead(parameters, signed_inputs=signed_inputs)
    keeps_scale = is_dead | parameters.is_tied
    shown = np.where(keeps_scale[:, None], weights, rescaled(weights))
    kinds = _kinds(weights, is_dead)
    order = _order(weights, kinds, importance)
    return Neurons(shown[order], order, tuple(kinds[unit] for unit in order))


def hidden_directions(weights: FloatArray) -> Neurons:
    """The axes of a hidden space without neurons, classified as if they were, in given order.

    ``weights`` has shape (m, n). Their appearance reflects the choice of basis, not the model:
    compare ``aligned``.
    """
    with np.errstate(all="ignore"):
        is_nothing = np.abs(weights).max(axis=-1) <= DEAD_STRENGTH
    return Neurons(weights, np.arange(len(weights)), tuple(_kinds(weights, is_nothing)))


def neuron_weights(parameters: Parameters) -> FloatArray:
    """The input weights of each hidden unit, shape (…, m, n), float64."""
    return np.swapaxes(parameters.encoder, -1, -2).astype(np.float64)


def rescaled(weights: FloatArray) -> FloatArray:
    """The same neurons, scaled to a largest input weight of magnitude 1; shape (…, m, n).

    A ReLU neuron with a free decoder has no scale of its own: input weights times c > 0 and output
    weights over c are the same model ("Computing in Superposition"). Zeros stay zeros.
    """
    with np.errstate(all="ignore"):
        largest = np.abs(weights).max(axis=-1, keepdims=True)
        scaled: FloatArray = weights / np.where(largest == 0, 1, largest)
    return scaled


def significant_weights(weights: FloatArray) -> BoolArray:
    """Whether each |w| is above a tenth of its neuron's largest, shape (…, m, n)."""
    with np.errstate(all="ignore"):
        magnitude = np.abs(weights)
        counts: BoolArray = magnitude > SIGNIFICANT_SHARE * magnitude.max(axis=-1, keepdims=True)
    return counts


def monosemantic(weights: FloatArray) -> BoolArray:
    """Whether exactly one weight of each neuron is significant, shape (…, m).

    False where a weight is not finite. The paper shades neurons by it; the threshold of a tenth is
    ours.
    """
    alone: BoolArray = significant_weights(weights).sum(axis=-1) == 1
    return alone & np.isfinite(weights).all(axis=-1)


def strength(parameters: Parameters) -> FloatArray:
    """√(largest \\|w_in\\| · largest \\|w_out\\|) of each hidden unit, shape (…, m).

    It is independent of the scale that a free decoder leaves open; in a tied model it is the
    largest \\|w\\|.
    """
    with np.errstate(all="ignore"):
        inward = np.abs(neuron_weights(parameters)).max(axis=-1)
        outward = np.abs(parameters.decoder.astype(np.float64)).max(axis=-1)
        root: FloatArray = np.sqrt(inward) * np.sqrt(outward)
    return root


def dead(parameters: Parameters, *, signed_inputs: bool = False) -> BoolArray:
    """Whether each hidden unit is dead, shape (…, m).

    It is if its input or output weights are all nearly 0, or, if inputs are never negative, its
    significant weights are all negative: its ReLU never opens.
    """
    weights = neuron_weights(parameters)
    without_effect = strength(parameters) <= DEAD_STRENGTH
    if signed_inputs:
        return without_effect
    opens = (significant_weights(weights) & (weights > 0)).any(axis=-1)
    return without_effect | (~opens & np.isfinite(weights).all(axis=-1))


def aligned(encoder: FloatArray, importance: FloatArray, directions: int) -> FloatArray:
    """W after a rotation of the hidden space that aligns its axes with features.

    ``encoder`` has shape (n, m); the result, float64, has the first ``directions`` ≤ m columns.
    Each axis follows the most important feature with a component of norm above 0.5 orthogonal to
    all previous axes, or else the feature with the largest such component. All m columns give the
    same W·Wᵀ as before. NaN throughout if a weight is not finite.
    """
    weights = encoder.astype(np.float64)
    if not np.isfinite(weights).all():
        return np.full((len(weights), directions), np.nan)
    by_importance = np.argsort(-importance, kind="stable")
    norms = np.linalg.norm(weights, axis=1)
    axes = np.zeros((directions, weights.shape[1]))
    columns = np.zeros((len(weights), directions))
    outside = norms.copy()
    for index in range(min(directions, len(weights))):
        standing_out = by_importance[outside[by_importance] > REPRESENTED_NORM]
        feature = standing_out[0] if standing_out.size else np.argmax(outside)
        axis = _outside(weights[feature], axes[:index])
        length = np.linalg.norm(axis)
        if length <= RESOLUTION * norms.max():
            break
        axes[index] = axis / length
        columns[:, index] = weights @ axes[index]
        outside = np.sqrt(np.maximum(outside**2 - columns[:, index] ** 2, 0))
        outside[feature] = 0
    return columns


def _outside(vector: FloatArray, axes: FloatArray) -> FloatArray:
    """The component of a vector orthogonal to all axes; projected twice against rounding."""
    for _ in range(2):
        vector = vector - (vector @ axes.T) @ axes
    return vector


def _kinds(weights: FloatArray, is_dead: BoolArray) -> list[NeuronKind]:
    is_unknown = ~np.isfinite(weights).all(axis=-1)
    names: list[NeuronKind] = ["unknown", "dead", "monosemantic", "polysemantic"]
    which = np.select([is_unknown, is_dead, monosemantic(weights)], [0, 1, 2], 3)
    return [names[index] for index in which.tolist()]


def _order(weights: FloatArray, kinds: list[NeuronKind], importance: FloatArray) -> IntArray:
    largest = np.nan_to_num(np.abs(weights)).argmax(axis=-1)
    is_negative = weights[np.arange(len(weights)), largest] < 0
    last = [kind in ("dead", "unknown") for kind in kinds]
    very_last = [kind == "unknown" for kind in kinds]
    # lexsort sorts by its last key first.
    order: IntArray = np.lexsort((is_negative, largest, -importance[largest], last, very_last))
    return order
