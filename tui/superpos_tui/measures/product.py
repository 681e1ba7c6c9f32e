"""What features add to one another's outputs: the product of the matrices, W·Wᵀ where it is tied.

Of many features it is never held as a whole.
"""

from superpos_core.arrays import FloatArray
from superpos_core.geometry import blocks, components, feature_vectors, measures
from superpos_core.task.parameters import Parameters
from superpos_tui.scene import Scene, measure_of_lane


@measure_of_lane
def responses(scene: Scene) -> Parameters:
    """The matrices whose product says what a feature, alone, adds to each output."""
    return feature_vectors.responses(scene.model, scene.parameters)


@measure_of_lane
def gram_blocks(scene: Scene, block: int) -> FloatArray:
    """The square, block × block entries joined to the strongest one: (n, n) for 1."""
    return blocks.strongest_of_gram(scene.of(responses), block)


@measure_of_lane
def gram_entry(scene: Scene, feature: int, other: int) -> float:
    """What a feature adds to the output of another."""
    row, column = slice(feature, feature + 1), slice(other, other + 1)
    return float(measures.gram_part(scene.of(responses), row, column)[0, 0])


@measure_of_lane
def strongest_interferers(scene: Scene, feature: int, count: int) -> list[tuple[int, float]]:
    """The features that disturb the output of one most, with what they add to it."""
    column = slice(feature, feature + 1)
    added = measures.gram_part(scene.of(responses), slice(None), column)[:, 0]
    return components.strongest_interferers(added, feature, count)
