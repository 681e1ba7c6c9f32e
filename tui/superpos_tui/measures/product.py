"""What features add to each other's outputs: the product of the matrices, W·Wᵀ if tied.

With many features it is never held in full.
"""

from superpos_core.arrays import FloatArray
from superpos_core.geometry import blocks, components, feature_vectors, measures
from superpos_core.geometry.blocks import MergedEntries
from superpos_core.task.parameters import Parameters
from superpos_tui.drawing.window import Window
from superpos_tui.scene import Scene, measure_of_lane


@measure_of_lane
def responses(scene: Scene) -> Parameters:
    """The matrices whose product is what each feature alone adds to each output."""
    return feature_vectors.responses(scene.model, scene.parameters)


@measure_of_lane
def gram_blocks(scene: Scene, block: int, window: Window) -> FloatArray:
    """A part of the product, each block × block entries reduced to the strongest."""
    return blocks.strongest_of_gram(
        scene.of(responses), block, window.part_of(scene.config.features)
    )


@measure_of_lane
def gram_entry(scene: Scene, feature: int, other: int) -> float:
    """What a feature adds to the output of another."""
    row, column = slice(feature, feature + 1), slice(other, other + 1)
    return float(measures.gram_part(scene.of(responses), row, column)[0, 0])


@measure_of_lane
def strongest_interferers(scene: Scene, feature: int, count: int) -> list[tuple[int, float]]:
    """The features that interfere most with the output of one, with what they add to it."""
    column = slice(feature, feature + 1)
    added = measures.gram_part(scene.of(responses), slice(None), column)[:, 0]
    return components.strongest_interferers(added, feature, count)


@measure_of_lane
def merged_entries(scene: Scene, rows: range, columns: range) -> MergedEntries:
    """What a block of entries hides that is drawn as one."""
    return blocks.merged_entries(scene.of(responses), (rows, columns))
