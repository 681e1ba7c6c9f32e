"""Scenes with a reference to compare with."""

from collections.abc import Sequence

import numpy as np
from tests.tui.pictures import options_with

from superpos_core.arrays import FloatArray
from superpos_core.record.history import LossHistory
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import model_named
from superpos_core.task.parameters import Parameters
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, Focus
from superpos_tui.views.compare.state import CompareState

DIGON = np.array([[1.0], [-1.0], [0.0]])
DEDICATED = np.array([[1.0], [0.0], [0.0]])


def snapshot(encoders: Sequence[FloatArray], models: tuple[str, ...] = ("tied",)) -> Snapshot:
    """One setting per encoder, with loss 0.1 / (index + 1), the same for every model."""
    n, m = encoders[0].shape
    sparsities = tuple(index / len(encoders) for index in range(len(encoders)))
    config = ExperimentConfig(
        "test", features=n, hidden=m, models=models, sparsities=sparsities, importance=1
    )
    cohorts = {}
    for model in models:
        history = LossHistory(len(encoders))
        losses = 0.1 / np.arange(1, len(encoders) + 1)
        history.append(np.tile(losses, (3, 1)).astype(np.float32))
        stacked = np.stack(encoders)
        free = None if model_named(model).tied else 0.5 * np.swapaxes(stacked, 1, 2)
        cohorts[model] = Cohort(
            lanes=config.lanes_of(model),
            step=history.step,
            parameters=Parameters(encoder=stacked, decoder=free, bias=np.zeros((len(encoders), n))),
            losses=history.full,
            recent_losses=history.recent,
        )
    return Snapshot(0, LanesRecord(config, cohorts), "training", 10.0, "scripted", "cpu")


def comparing(
    encoders: Sequence[FloatArray],
    now: Focus,
    reference: Focus | None = None,
    cursor: Cursor | None = None,
    models: tuple[str, ...] = ("tied",),
) -> Scene:
    options = options_with(CompareState(reference), cursor=cursor)
    return Scene(snapshot(encoders, models), now, options)
