"""The training loss of the lane in focus at the current step."""

from superpos_core.analysis import evaluation
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_tui.scene import Scene, measure_of_scene

WINDOW = 100
"""Losses are averaged over this many steps: the loss of a single step fluctuates."""


@measure_of_scene
def recent_loss(scene: Scene) -> float:
    """The mean training loss of the last steps; NaN before the first.

    Live, every step is known; for a past moment only the decimated curve is.
    """
    group = scene.group
    curve = group.recent_losses if scene.focus.step is None else group.losses
    return curve.mean_up_to(scene.step, WINDOW, scene.lane_index)


@measure_of_scene
def recent_l0(scene: Scene) -> float:
    """The mean L0 of a dictionary over these steps; NaN before the first."""
    cohort = scene.snapshot.record_as(DictionaryRecord).cohorts[scene.focus.model]
    curve = cohort.recent_active if scene.focus.step is None else cohort.active
    return curve.mean_up_to(scene.step, WINDOW, scene.lane_index)


@measure_of_scene
def loss_over_linear(scene: Scene) -> float:
    """L / L_linear from the training loss; NaN if a linear model could be perfect.

    NaN too if the data are unknown, and for dictionaries.
    """
    if not scene.knows_data or not scene.has_lane:
        return float("nan")
    total = scene.of(recent_loss) * scene.config.features
    return evaluation.loss_over_linear(scene.config, scene.lane, total)
