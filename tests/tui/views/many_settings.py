"""A run of thousands of settings, and how many of them a panel computes to draw it."""

import numpy as np
import pytest
from tests.tui.pictures import scene_of_settings

from superpos_core.arrays import FloatArray
from superpos_core.geometry import measures
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.parameters import Parameters
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Palette
from superpos_tui.views.panel import Panel


def drawn_and_computed(
    panel: Panel, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> tuple[Cells, int]:
    """The panel, and the number of squares computed for it; S 0.5, I₁ ×6 is in focus."""
    config = ExperimentConfig(
        "phases",
        features=2,
        hidden=1,
        models=("tied",),
        sparsities=tuple(index / 100 for index in range(100)),
        sweep="last-importance",
        sweep_values=tuple(1 + index / 10 for index in range(100)),
    )
    scene = scene_of_settings(np.ones((10_000, 2, 1)), setting=5050, config=config)
    computed = 0
    gram_part = measures.gram_part

    def counting(parameters: Parameters, rows: slice, columns: slice) -> FloatArray:
        nonlocal computed
        computed += 1
        return gram_part(parameters, rows, columns)

    monkeypatch.setattr(measures, "gram_part", counting)
    return panel.draw(scene, *size, Palette()), computed
