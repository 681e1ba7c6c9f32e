"""The training loss of the lane in focus, at the step looked at."""

from superpos_core.analysis import evaluation
from superpos_tui.scene import Scene, measure_of_scene

WINDOW = 100
"""Losses are means over so many last steps: one step's loss jumps about."""


@measure_of_scene
def recent_loss(scene: Scene) -> float:
    """The mean training loss of the last steps; NaN before the first.

    Of now each of these steps is known, of a moment that is past the decimated curve.
    """
    cohort = scene.cohort
    curve = cohort.recent_losses if scene.focus.step is None else cohort.losses
    return curve.mean_up_to(scene.step, WINDOW, scene.lane_index)


@measure_of_scene
def loss_over_linear(scene: Scene) -> float:
    """L / L_linear from the training loss; NaN where a linear model could be perfect."""
    total = scene.of(recent_loss) * scene.config.features
    return evaluation.loss_over_linear(scene.config, scene.lane, total)
