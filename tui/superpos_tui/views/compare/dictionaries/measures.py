"""What two dictionaries have in common."""

import numpy as np

from superpos_core.analysis.dictionaries.consistency import Consistency, consistency_of
from superpos_core.arrays import FloatArray, freeze
from superpos_tui.measures.dictionaries import directions, latent_order
from superpos_tui.scene import Scene, measure_of_scene
from superpos_tui.views.compare.measures import reference_scene

MOST_PAIRS = 1 << 20
"""Latents of more pairs are not matched: a picture may take about half a second."""


@measure_of_scene
def why_no_consistency(scene: Scene) -> str:
    """Why the latents of both are not compared, in a few words; empty if they are."""
    reference = scene.of(reference_scene)
    if not np.array_equal(reference.of(directions), scene.of(directions)):
        return "other true directions"  # so no latent can be the same
    pairs = reference.config.latents * scene.config.latents
    return "too many latents" if pairs > MOST_PAIRS else ""


@measure_of_scene
def consistency(scene: Scene) -> Consistency | None:
    """The latents of the reference beside those of the current lane, if they can be compared."""
    if scene.of(why_no_consistency):
        return None
    reference = scene.of(reference_scene)
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
