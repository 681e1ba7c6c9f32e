"""The hand-made input, followed through the lane in focus."""

import numpy as np

from superpos_core.analysis import adversarial, probe
from superpos_core.analysis.adversarial import Attack
from superpos_core.analysis.probe import Probe
from superpos_core.arrays import FloatArray
from superpos_core.geometry import components
from superpos_tui.measures.geometry import feature_vectors
from superpos_tui.scene import Scene, measure_of_scene
from superpos_tui.views.probe.state import ProbeState, input_shown


@measure_of_scene
def probe_input(scene: Scene) -> FloatArray:
    """x, shape (n,), according to ``input_shown``."""
    x = np.zeros(scene.config.features)
    for feature, value in input_shown(scene.options).values:
        if feature < x.size:
            x[feature] = value
    return x


@measure_of_scene
def followed(scene: Scene) -> Probe:
    """The input followed through the model."""
    return _follow(scene, scene.of(probe_input))


@measure_of_scene
def angles_to_hidden(scene: Scene) -> FloatArray:
    """The angle between each feature and h, in degrees, shape (n,)."""
    return components.angles_to(scene.of(followed).hidden, scene.of(feature_vectors))


@measure_of_scene
def worst_attack(scene: Scene) -> Attack | None:
    """The worst perturbation of the input of the chosen size; ``None`` for size 0."""
    size = scene.options.of(ProbeState).attack
    if size == 0:
        return None
    x = scene.of(probe_input)
    return adversarial.worst_attack(scene.model, scene.parameters, x, scene.importance, size)


@measure_of_scene
def followed_under_attack(scene: Scene) -> Probe | None:
    """The attacked input followed through the model."""
    attack = scene.of(worst_attack)
    return None if attack is None else _follow(scene, attack.attacked_input(scene.of(probe_input)))


def _follow(scene: Scene, x: FloatArray) -> Probe:
    return probe.probe(scene.model, scene.parameters, x, scene.importance)
