"""Small circuits that the paper found in models which compute in superposition, and found here.

The asymmetric superposition motif ("Computing in Superposition"): one neuron serves two features,
with input weights [2, −½] and output weights [½, 2]. Each feature reaches its own output with gain
1. But the first disturbs the output of the second four times as much as itself, and the second that
of the first only by a quarter. The one large disturbance is what another neuron, driven by the
first feature alike, takes away from the second output: it inhibits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from superpos_core.arrays import BoolArray, FloatArray, IntArray
from superpos_core.task.parameters import Parameters

LEAST_GAIN = 0.5
"""A neuron serves a feature when it gives its output at least this share of |x|."""
LEAST_ASYMMETRY = 4.0
"""How many times larger one disturbance is than the other; 16 in the paper's example."""
LEAST_INHIBITION = 0.5
"""How much of the large disturbance the inhibitory neuron takes away at least."""


@dataclass(frozen=True)
class AsymmetricMotif:
    """Where the motif is; neurons are hidden units.

    ``disturbing`` has the large input weight on ``neuron`` and ``disturbed`` the large output
    weight. ``disturbance`` is what the first adds to the output of the second, for x = ±1, and
    ``asymmetry`` how many times that of the other way it is. ``inhibition`` is what ``inhibitor``
    takes away from it.
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

    ``inward`` and ``outward``, shape (m, n), are its weights. ``neurons``, ``disturbing`` and
    ``disturbed``, shape (motifs,), say where each motif is.
    """

    inward: FloatArray
    outward: FloatArray
    neurons: IntArray
    disturbing: IntArray
    disturbed: IntArray

    @property
    def strongest(self) -> AsymmetricMotif | None:
        """The one with the largest disturbance, if there is one."""
        if not len(self):
            return None
        openings = np.abs(self.inward[self.neurons, self.disturbing])
        return self[int(np.argmax(openings * self.outward[self.neurons, self.disturbed]))]

    def __len__(self) -> int:
        return len(self.neurons)

    @overload
    def __getitem__(self, place: int) -> AsymmetricMotif: ...
    @overload
    def __getitem__(self, place: slice) -> list[AsymmetricMotif]: ...

    def __getitem__(self, place: int | slice) -> AsymmetricMotif | list[AsymmetricMotif]:
        if isinstance(place, slice):
            return [self[each] for each in range(len(self))[place]]
        neuron, disturbing, disturbed = (
            int(numbers[place]) for numbers in (self.neurons, self.disturbing, self.disturbed)
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
    """All of them in one lane of a model with a ReLU on its hidden layer.

    Of several inhibitory neurons the one that takes away most is named. Rescaling a neuron, its
    input weights by c > 0 and its output weights by 1/c, changes nothing. Neurons with weights or
    products of them that are not finite take part in nothing.
    """
    inward, outward = parameters.encoder.T.copy(), parameters.decoder.copy()
    with np.errstate(all="ignore"):
        reach = np.abs(inward).max(axis=1) * np.abs(outward).max(axis=1)
        inward[~np.isfinite(reach)], outward[~np.isfinite(reach)] = 0, 0
        serves = np.abs(inward) * outward >= LEAST_GAIN
        found = [
            _motifs_of(feature, sign, inward, outward, serves)
            for feature in range(inward.shape[1])
            for sign in (1, -1)
        ]
    return AsymmetricMotifs(inward, outward, *np.concatenate(found, axis=1))


def balanced_weights(parameters: Parameters, neuron: int) -> tuple[FloatArray, FloatArray]:
    """A neuron's input and output weights, (n,) each, at the scale where both reach as far.

    The scale is free, input weights times c > 0 and output weights over c; at this one the paper
    writes the motif as [2, −½] and [½, 2]. Where all of one kind are 0 both stay as they are.
    """
    inward = parameters.encoder[:, neuron].astype(np.float64)
    outward = parameters.decoder[neuron].astype(np.float64)
    with np.errstate(all="ignore"):
        scale = np.sqrt(np.abs(outward).max() / np.abs(inward).max())
    if not (np.isfinite(scale) and scale > 0):
        return inward, outward
    return inward * scale, outward / scale


def added_by(parameters: Parameters, neuron: int, feature: int, x: float) -> FloatArray:
    """What a neuron adds to all outputs where ``feature`` alone is ``x``, shape (n,)."""
    opening = np.maximum(x * parameters.encoder[feature, neuron].astype(np.float64), 0)
    with np.errstate(all="ignore"):
        added: FloatArray = opening * parameters.decoder[neuron]
    return added


def _motifs_of(
    disturbing: int, sign: int, inward: FloatArray, outward: FloatArray, serves: BoolArray
) -> IntArray:
    """Those in which a feature disturbs others while it has this sign, shape (3, motifs).

    The rows are neurons, disturbing and disturbed features. ``inward``, ``outward`` and ``serves``
    have shape (m, n).
    """
    opened = np.flatnonzero(sign * inward[:, disturbing] > 0)
    openings = np.abs(inward[opened, disturbing])[:, None]
    serving = serves[opened, disturbing]
    neurons = opened[serving]
    reached = outward[neurons]
    disturbances = openings[serving] * reached
    backward = np.abs(inward[neurons]) * reached[:, [disturbing]]
    is_disturbed = serves[neurons] & (disturbances >= LEAST_ASYMMETRY * backward)
    if not is_disturbed.any():
        return np.empty((3, 0), dtype=int)
    # What inhibits does not depend on the neuron: it is whatever else the feature opens.
    added = outward[opened]
    added *= openings
    is_inhibited = -added.min(axis=0) >= LEAST_INHIBITION * disturbances
    rows, disturbed = np.divmod(np.flatnonzero(is_disturbed & is_inhibited), inward.shape[1])
    return np.stack([neurons[rows], np.full(len(rows), disturbing), disturbed])
