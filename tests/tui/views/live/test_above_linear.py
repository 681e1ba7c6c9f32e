"""The loss panel says why a model of two matrices ends above the linear optimum."""

from dataclasses import replace

import numpy as np
from tests.tui.pictures import scene_of

from superpos_core.arrays import FloatArray
from superpos_core.record.history import LossHistory
from superpos_tui.scene import Scene
from superpos_tui.views.live.loss import PANEL
from superpos_tui.views.live.loss_curves import LossCurves


def ended_at(times_linear: float, own: FloatArray, model: str = "untied") -> Scene:
    """A finished lane of a model whose features raise their outputs by ``own``."""
    scene = scene_of(np.full((8, 2), 0.7), np.full((100, 1), 0.1), model=model)
    cohort = scene.cohort
    optimum = LossCurves(scene).optimum(0)
    history = LossHistory(1)
    history.append(np.full((100, 1), times_linear * optimum, np.float32))
    parameters = cohort.parameters
    if not parameters.is_tied:
        decoder = parameters.encoder * own[:, None]
        parameters = parameters.with_arrays(decoder=decoder.swapaxes(1, 2))
    cohort = replace(
        cohort, parameters=parameters, losses=history.full, recent_losses=history.recent
    )
    config = replace(scene.config, steps=100)
    record = replace(scene.lanes, config=config, cohorts={model: cohort})
    snapshot = replace(scene.snapshot, record=record, phase="finished")
    return Scene(snapshot, scene.focus, scene.options)


def test_closed_outputs_explain_a_loss_above_the_linear_optimum_and_only_that() -> None:
    half = np.array([1.0, -1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    said = "above linear: 1 of 8 outputs are closed"
    assert said in PANEL.reading_within(50, ended_at(1.9, half))
    assert "get no gradient" in PANEL.reading_within(90, ended_at(1.9, half))
    for scene in (
        ended_at(0.5, half),
        ended_at(1.9, np.ones(8)),
        ended_at(1.9, half, "tied"),
        ended_at(1.9, half, "gelu"),
    ):
        assert "closed" not in PANEL.reading_within(90, scene)
