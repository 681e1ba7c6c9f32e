"""The numbers of the panels of the weights view."""

from superpos_tui.scene import Scene
from superpos_tui.views.numbers import Numbers, check_copyable, with_index
from superpos_tui.views.weights.measures import hidden_units


def weights(scene: Scene) -> Numbers:
    """One row per feature: its weights to and from each hidden unit, and its bias."""
    arrays = scene.parameters.arrays
    columns = {
        each.file_name: arrays[each.name] if each.axes[0] == "features" else arrays[each.name].T
        for each in scene.model.trained
        if "features" in each.axes
    }
    return with_index("feature", columns)


def units(scene: Scene) -> Numbers:
    """One row per hidden unit: what it represents, and its weight from each feature."""
    neurons = scene.of(hidden_units)
    check_copyable(neurons.weights.size)
    rows = [
        [unit, kind, *weights]
        for unit, kind, weights in zip(neurons.units, neurons.kinds, neurons.weights, strict=True)
    ]
    features = (f"feature[{each}]" for each in range(scene.config.features))
    return Numbers(("unit", "represents", *features), rows)
