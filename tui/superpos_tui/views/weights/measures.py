"""The hidden units of the lane in focus."""

from superpos_core.analysis import neurons
from superpos_core.analysis.neurons import Neurons
from superpos_tui.measures.geometry import feature_vectors
from superpos_tui.scene import Scene, measure_of_lane

MAX_DIRECTIONS = 100
"""Maximum number of hidden axes aligned with features: no panel has room for more."""


@measure_of_lane
def hidden_units(scene: Scene) -> Neurons:
    """Sorted neurons if hidden units are neurons, else directions in their own order."""
    if neurons.has_privileged_basis(scene.model):
        return neurons.neurons_of_lane(scene.config, scene.lane, scene.parameters)
    return neurons.hidden_directions(neurons.neuron_weights(scene.parameters))


@measure_of_lane
def aligned_directions(scene: Scene) -> Neurons:
    """The first directions of the hidden space after aligning it with features."""
    directions = min(scene.hidden, MAX_DIRECTIONS)
    turned = neurons.aligned(scene.of(feature_vectors), scene.importance, directions)
    return neurons.hidden_directions(turned.T)
