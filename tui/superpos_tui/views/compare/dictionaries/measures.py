"""What two dictionaries have in common."""

import numpy as np

from superpos_core.analysis.dictionaries.consistency import Consistency, consistency_of
from superpos_core.arrays import FloatArray, freeze
from superpos_core.record.history import moving_average
from superpos_tui.measures.dictionaries import directions, latent_order
from superpos_tui.scene import Scene, measure_of_scene
from superpos_tui.views.compare.measures import reference_scene

History = tuple[FloatArray, FloatArray]
"""Steps and values."""


@measure_of_scene
def consistency(scene: Scene) -> Consistency | None:
    """The latents of the reference beside those of the current lane.

    ``None`` if they look for other directions: then no latent can be the same.
    """
    reference = scene.of(reference_scene)
    if not np.array_equal(reference.of(directions), scene.of(directions)):
        return None
    return consistency_of(reference.parameters.decoder, scene.parameters.decoder)


@measure_of_scene
def ordered_consistency(scene: Scene) -> FloatArray | None:
    """Their cosines, each side's latents in the order of the features that they match."""
    found, reference = scene.of(consistency), scene.of(reference_scene)
    if found is None:
        return None
    order = np.ix_(reference.of(latent_order), scene.of(latent_order))
    ordered: FloatArray = found.cosines[order]
    return freeze(ordered)


@measure_of_scene
def error_history(scene: Scene) -> History:
    """The kept steps, and the error averaged back over a tenth of each step."""
    kept = scene.group.losses
    steps = kept.steps.astype(np.float64)
    return steps, moving_average(kept.steps, kept.mean[scene.lane_index], 0.9 * steps, steps)


@measure_of_scene
def both_errors(scene: Scene) -> tuple[History, History]:
    """Those of the reference and of the current lane."""
    return scene.of(reference_scene).of(error_history), scene.of(error_history)
