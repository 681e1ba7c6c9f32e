"""The reference with which the focus is compared, and the difference from it."""

import numpy as np

from superpos_core.analysis.adversarial import REFERENCE_MODEL
from superpos_core.analysis.evaluation import linear_optimum_of
from superpos_core.arrays import FloatArray
from superpos_core.geometry import blocks
from superpos_core.geometry.blocks import GramChange
from superpos_core.record.history import moving_average
from superpos_tui.drawing.window import Window
from superpos_tui.measures.product import responses
from superpos_tui.scene import Scene, measure_of_lane, measure_of_scene
from superpos_tui.selection import Focus, Options
from superpos_tui.views.compare.state import CompareState, PinnedRun

History = tuple[FloatArray, FloatArray]
"""Steps and values, both (points,)."""


@measure_of_scene
def reference_scene(scene: Scene) -> Scene:
    """The reference: the pinned lane, of another run perhaps, or else a default one."""
    state = pin_of(scene)
    pinned = state.reference
    if pinned is not None and state.run is not None:
        return _scene_in(state.run, pinned, scene.options)
    if pinned is None or pinned.model not in scene.snapshot.record.groups:
        pinned = _default_reference(scene)
    return scene.with_focus(pinned)


def awaited_reference(scene: Scene) -> str:
    """Which model has yet to join to be the reference, in a sentence; empty if none has."""
    joining = scene.options.of(CompareState).joining
    has_come = not joining or joining in scene.config.models
    return "" if has_come else f"the {joining} model joins: it will be here in a moment"


def reference_word(scene: Scene) -> str:
    """What the reference is called."""
    return "reference" if pin_of(scene).reference is None else "pinned"


def sides_of(scene: Scene) -> tuple[tuple[str, Scene], tuple[str, Scene]]:
    """The reference and the current lane, each after what it is called."""
    return (reference_word(scene), scene.of(reference_scene)), ("now", scene)


def pin_of(scene: Scene) -> CompareState:
    """What is pinned and can be compared with the scene."""
    return scene.options.of(CompareState).beside(scene.config)


def _default_reference(scene: Scene) -> Focus:
    """The linear model at the same setting, or else another setting, group or restart.

    It is the first of them or, while that is in focus, the last. A run of one lane has itself.
    """
    focus, config, groups = scene.focus, scene.config, list(scene.snapshot.record.groups)
    if focus.model != REFERENCE_MODEL and REFERENCE_MODEL in config.groups:
        return Focus(REFERENCE_MODEL, focus.setting)
    if len(config.settings) > 1:
        other = _other(focus.setting, len(config.settings))
        return Focus(focus.model, other, _rank_at(scene, other))
    if len(groups) > 1:
        return Focus(groups[_other(groups.index(focus.model), len(groups))], focus.setting)
    return Focus(focus.model, focus.setting, _other(focus.rank, config.restarts))


def _rank_at(scene: Scene, setting: int) -> int:
    """The best restart of another setting, or that of the same seed if it has the same task."""
    group = scene.group
    if not group.compared_by_seed:
        return 0
    return scene.ranked(setting).index(group.lanes_at(setting)[scene.lane_index % group.restarts])


def _other(index: int, count: int) -> int:
    return count - 1 if index == 0 else 0


@measure_of_lane
def gram_change(
    scene: Scene, reference: Focus, run: PinnedRun | None, block: int, window: Window
) -> GramChange | None:
    """The difference from the product of another lane or moment, in blocks like ``gram_blocks``.

    ``None`` for a lane of another ``run`` with another number of features.
    """
    other = scene.with_focus(reference) if run is None else _scene_in(run, reference, Options())
    if other.config.features != scene.config.features:
        return None
    part = window.part_of(scene.config.features)
    return blocks.gram_change(other.of(responses), scene.of(responses), block, part)


@measure_of_scene
def smoothed_losses(scene: Scene) -> History:
    """The kept steps, and the loss averaged back over a tenth of each step."""
    kept = scene.group.losses
    steps = kept.steps.astype(np.float64)
    return steps, moving_average(kept.steps, kept.mean[scene.lane_index], 0.9 * steps, steps)


@measure_of_scene
def relative_losses(scene: Scene) -> History:
    """The kept steps, and the smoothed L / L_linear; NaN if unknown."""
    steps, losses = scene.of(smoothed_losses)
    optimum = linear_optimum_of(scene.config, scene.lane) if scene.knows_data else np.nan
    with np.errstate(all="ignore"):
        relative = losses * scene.config.features / optimum
    return steps, np.where(np.isfinite(relative), relative, np.nan)


def _scene_in(run: PinnedRun, focus: Focus, options: Options) -> Scene:
    return Scene(run.snapshot, focus, options, run.trial.experiment)
