"""Small circuits that the paper describes in models that compute in superposition.

The asymmetric superposition motif ("Computing in Superposition"): one neuron serves two features,
with input weights [2, −½] and output weights [½, 2]. Each feature reaches its own output with gain
1. But the first feature adds four times its value to the output of the second, and the second adds
only a quarter of its value to the output of the first. The large disturbance is removed from the
second output by another neuron, also driven by the first feature: it inhibits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray, IntArray
from superpos_core.task.parameters import Parameters

MIN_GAIN = 0.5
"""A neuron serves a feature if it contributes at least this share of |x| to its output."""
MIN_ASYMMETRY = 4.0
"""Minimum ratio of the two disturbances; 16 in the paper's example."""
MIN_INHIBITION = 0.5
"""Minimum share of the large disturbance that the inhibitory neuron removes."""


@dataclass(frozen=True)
class AsymmetricMotif:
    """One motif: the neurons (hidden units) and features involved, and its strength.

    ``disturbing`` has the large input weight on ``neuron`` and ``disturbed`` the large output
    weight. ``disturbance`` is what the first feature adds to the output of the second, for x = ±1,
    and ``asymmetry`` its ratio to the opposite disturbance. ``inhibition`` is what ``inhibitor``
    removes from it.
    """

    neuron: int
    disturbing: int
    disturbed: int
    disturbance: float
    asymmetry: float
    inhibitor: int
    inhibition: float


@dataclass(frozen=True, eq=False)
class AsymmetricMotifs(Sequence[AsymmetricMotif]):
    """All motifs of a model, by disturbing features; a large model may hold millions.

    ``inward`` and ``outward``, shape (m, n), are the weights. ``neurons``, ``disturbing`` and
    ``disturbed``, shape (motifs,), locate each motif.
    """

    inward: FloatArray
    outward: FloatArray
    neurons: IntArray
    disturbing: IntArray
    disturbed: IntArray

    @property
    def strongest(self) -> AsymmetricMotif | None:
        """The motif with the largest disturbance, if there is one."""
        if not len(self):
            return None
        openings = np.abs(self.inward[self.neurons, self.disturbing])
        return self[int(np.argmax(openings * self.outward[self.neurons, self.disturbed]))]

    def __len__(self) -> int:
        return len(self.neurons)

    @overload
    def __getitem__(self, index: int) -> AsymmetricMotif: ...
    @overload
    def __getitem__(self, index: slice) -> list[AsymmetricMotif]: ...

    def __getitem__(self, index: int | slice) -> AsymmetricMotif | list[AsymmetricMotif]:
        if isinstance(index, slice):
            return [self[each] for each in range(len(self))[index]]
        neuron, disturbing, disturbed = (
            int(numbers[index]) for numbers in (self.neurons, self.disturbing, self.disturbed)
        )
        pair = [disturbing, disturbed]
        openings, writings = self.inward[:, pair].astype(np.float64), self.outward[:, pair]
        forward, backward = np.abs(openings[neuron]) * writings[neuron, ::-1]
        added = np.maximum(openings[:, 0] * np.sign(openings[neuron, 0]), 0) * writings[:, 1]
        inhibitor = int(np.argmin(added))
        return AsymmetricMotif(
            neuron,
            disturbing,
            disturbed,
            disturbance=float(forward),
            asymmetry=float(forward / backward),
            inhibitor=inhibitor,
            inhibition=-float(added[inhibitor]),
        )


def asymmetric_motifs(parameters: Parameters) -> AsymmetricMotifs:
    """All motifs in one lane of a model with a ReLU on its hidden layer.

    Of several inhibitory neurons the strongest is reported. Rescaling a neuron, input weights by
    c > 0 and output weights by 1/c, changes nothing. Neurons whose weights or their products are
    not finite are ignored.
    """
    inward, outward = parameters.encoder.T.copy(), parameters.decoder.copy()
    with np.errstate(all="ignore"):
        reach = np.abs(inward).max(axis=1) * np.abs(outward).max(axis=1)
        inward[~np.isfinite(reach)], outward[~np.isfinite(reach)] = 0, 0
        serves = np.abs(inward) * outward >= MIN_GAIN
        found = [
            _motifs_of(feature, sign, inward, outward, serves)
            for feature in range(inward.shape[1])
            for sign in (1, -1)
        ]
    return AsymmetricMotifs(inward, outward, *np.concatenate(found, axis=1))


def balanced_weights(parameters: Parameters, neuron: int) -> tuple[FloatArray, FloatArray]:
    """A neuron's input and output weights, (n,) each, scaled to the same largest magnitude.

    The scale is free: input weights times c > 0, output weights over c. At this scale the paper
    writes the motif as [2, −½] and [½, 2]. If all weights of one kind are 0, both stay unchanged.
    """
    inward = parameters.encoder[:, neuron].astype(np.float64)
    outward = parameters.decoder[neuron].astype(np.float64)
    with np.errstate(all="ignore"):
        scale = np.sqrt(np.abs(outward).max() / np.abs(inward).max())
    if not (np.isfinite(scale) and scale > 0):
        return inward, outward
    return inward * scale, outward / scale


def added_by(parameters: Parameters, neuron: int, feature: int, x: float) -> FloatArray:
    """What a neuron adds to all outputs if only ``feature`` is active, at ``x``; shape (n,)."""
    opening = np.maximum(x * parameters.encoder[feature, neuron].astype(np.float64), 0)
    with np.errstate(all="ignore"):
        added: FloatArray = opening * parameters.decoder[neuron]
    return added


def _motifs_of(
    disturbing: int, sign: int, inward: FloatArray, outward: FloatArray, serves: BoolArray
) -> IntArray:
    """The motifs in which a feature of this sign disturbs others, shape (3, motifs).

    The rows are neurons, disturbing features and disturbed features. ``inward``, ``outward`` and
    ``serves`` have shape (m, n).
    """
    opened = np.flatnonzero(sign * inward[:, disturbing] > 0)
    openings = np.abs(inward[opened, disturbing])[:, None]
    serving = serves[opened, disturbing]
    neurons = opened[serving]
    reached = outward[neurons]
    disturbances = openings[serving] * reached
    backward = np.abs(inward[neurons]) * reached[:, [disturbing]]
    is_disturbed = serves[neurons] & (disturbances >= MIN_ASYMMETRY * backward)
    if not is_disturbed.any():
        return np.empty((3, 0), dtype=int)
    # Inhibition does not depend on the neuron: it comes from all that the feature opens.
    added = outward[opened]
    added *= openings
    is_inhibited = -added.min(axis=0) >= MIN_INHIBITION * disturbances
    rows, disturbed = np.divmod(np.flatnonzero(is_disturbed & is_inhibited), inward.shape[1])
    return np.stack([neurons[rows], np.full(len(rows), disturbing), disturbed])
