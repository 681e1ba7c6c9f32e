"""Small circuits that the paper found in models which compute in superposition, and found here.

The asymmetric superposition motif ("Computing in Superposition"): one neuron serves two features,
with input weights [2, −½] and output weights [½, 2]. Each feature reaches its own output with gain
1. But the first disturbs the output of the second four times as much as itself, and the second that
of the first only by a quarter. The one large disturbance is what another neuron, driven by the
first feature alike, takes away from the second output: it inhibits.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.models import Parameters

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


def asymmetric_motifs(parameters: Parameters) -> tuple[AsymmetricMotif, ...]:
    """All of them in one lane of a model with a ReLU on its hidden layer; the strongest first.

    The strongest is the one with the largest disturbance. Of several inhibitory neurons the one
    that takes away most is named. Rescaling a neuron, its input weights by c > 0 and its output
    weights by 1/c, changes nothing. Neurons with weights that are not finite take part in nothing.
    """
    inward = np.swapaxes(parameters.encoder, -1, -2).astype(np.float64)
    outward = parameters.decoder.astype(np.float64)
    broken = ~(np.isfinite(inward) & np.isfinite(outward)).all(axis=1)
    inward[broken], outward[broken] = 0, 0
    with np.errstate(all="ignore"):
        found = [
            motif for neuron in range(len(inward)) for motif in _motifs_of(neuron, inward, outward)
        ]
    return tuple(sorted(found, key=lambda motif: -motif.disturbance))


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


def _motifs_of(neuron: int, inward: FloatArray, outward: FloatArray) -> Iterator[AsymmetricMotif]:
    """``inward`` and ``outward`` have shape (m, n)."""
    opening, writing = np.abs(inward[neuron]), outward[neuron]
    served = np.flatnonzero(opening * writing >= LEAST_GAIN)
    disturbances = opening[served, None] * writing[served]
    asymmetries = disturbances / disturbances.T
    for one, other in np.argwhere(asymmetries >= LEAST_ASYMMETRY):
        disturbing, disturbed = int(served[one]), int(served[other])
        disturbance = float(disturbances[one, other])
        same_sign = inward[:, disturbing] * np.sign(inward[neuron, disturbing])
        inhibitions = -np.maximum(same_sign, 0) * outward[:, disturbed]
        inhibitor = int(np.argmax(inhibitions))
        inhibition = float(inhibitions[inhibitor])
        if inhibition >= LEAST_INHIBITION * disturbance:
            yield AsymmetricMotif(
                neuron,
                disturbing,
                disturbed,
                disturbance,
                float(asymmetries[one, other]),
                inhibitor,
                inhibition,
            )
