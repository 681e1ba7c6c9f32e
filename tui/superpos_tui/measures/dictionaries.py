"""Measures of the dictionary in focus, beside the true directions of its lane."""

import numpy as np

from superpos_core.analysis.dictionaries.matching import Matching, cosines_between, match
from superpos_core.analysis.dictionaries.mixture import Mixture, mixture_of
from superpos_core.analysis.dictionaries.score import (
    DictionaryScore,
    evaluate_lane,
)
from superpos_core.arrays import BoolArray, FloatArray, IntArray, freeze
from superpos_core.geometry.hidden_space import HiddenPicture, hidden_picture
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_tui.scene import Scene, measure_of_lane

MOST_ROWS, FEWEST_ROWS = 1 << 12, 1 << 8
MOST_ENTRIES = 1 << 16
"""Rows × the larger of n and K, if that leaves enough rows: about 40 ms."""
MAX_RATIO = 100.0
"""Errors beyond as many times the truth's say no more than that the truth's is next to nothing."""


@measure_of_lane
def directions(scene: Scene) -> FloatArray:
    """The true directions of the lane in focus, shape (n, d)."""
    found: FloatArray = scene.snapshot.record_as(DictionaryRecord).directions[scene.lane_index]
    return found


@measure_of_lane
def cosines(scene: Scene) -> FloatArray:
    """The cosines, shape (n, K), of the true directions and the decoder's rows."""
    return freeze(cosines_between(scene.of(directions), scene.parameters.decoder))


@measure_of_lane
def matching(scene: Scene) -> Matching:
    """Which latent is which feature, one to one."""
    return match(scene.of(cosines))


@measure_of_lane
def latent_order(scene: Scene) -> IntArray:
    """The latents, (K,), in the order of the features that they are matched with."""
    return freeze(scene.of(matching).order(scene.config.latents))


@measure_of_lane
def ordered_cosines(scene: Scene) -> FloatArray:
    """``cosines`` with latents in that order: of a perfect dictionary they are a diagonal."""
    return freeze(scene.of(cosines)[:, scene.of(latent_order)])


@measure_of_lane
def best_cosines(scene: Scene) -> tuple[FloatArray, IntArray]:
    """The largest |cosine| of each feature, (n,), and the latent that has it."""
    sizes = np.abs(np.nan_to_num(scene.of(cosines)))
    best = sizes.argmax(axis=1)
    return freeze(sizes[np.arange(len(best)), best]), freeze(best)


@measure_of_lane
def is_recovered(scene: Scene) -> BoolArray:
    """Which features, (n,), have a latent of their own that points along them."""
    return freeze(scene.of(matching).is_recovered)


@measure_of_lane
def score(scene: Scene) -> DictionaryScore:
    """What takes rows to measure, on fewer rows than a figure: a frame has to wait for it."""
    config = scene.config
    most = MOST_ENTRIES // max(config.features, config.latents)
    rows = min(max(most, FEWEST_ROWS), MOST_ROWS)
    return evaluate_lane(config, scene.lane, scene.parameters, scene.of(directions), rows)


@measure_of_lane
def duplicates(scene: Scene) -> IntArray:
    """The latent that each latent duplicates, (K,), or ``NO_LATENT``."""
    return scene.of(score).duplicates


@measure_of_lane
def error_over_truth(scene: Scene) -> float:
    """The error over that of the true directions with as many active; NaN if that is ≈ 0."""
    found = scene.of(score).reconstruction
    is_known = found.error < MAX_RATIO * found.error_of_truth
    return found.error / found.error_of_truth if is_known else float("nan")


@measure_of_lane
def mixture(scene: Scene, latent: int) -> Mixture:
    """What one latent mixes of the true directions."""
    return mixture_of(scene.parameters.decoder[latent], scene.of(directions))


@measure_of_lane
def feature_picture(scene: Scene) -> HiddenPicture:
    """The true directions as points of a picture of the hidden space, and its axes."""
    return hidden_picture(scene.of(directions))
