"""Scenes made of given numbers, for tests of drawing functions."""

from collections.abc import Sequence

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.record.history import LossHistory
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.record.timeline import Moment, Timeline
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import model_named
from superpos_core.task.parameters import Parameters
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, Cursor, Focus, Options, Selection, ViewState

NO_CHOICES = Options()


def options_with(*states: ViewState, cursor: Cursor | None = None) -> Options:
    """What was chosen: these states of views, and perhaps a cursor."""
    return Options(cursor, frozenset(states))


def after(change: Change) -> Selection:
    """The selection after a click on the initial one."""
    return change(Selection("live", Focus("tied")))


def selected_by(change: Change) -> Cursor:
    """What a click that selects something selects."""
    cursor = after(change).options.cursor
    assert cursor is not None
    return cursor


def scene_of(
    encoder: FloatArray,
    losses: FloatArray,
    *,
    bias: FloatArray | None = None,
    model: str = "tied",
    options: Options = NO_CHOICES,
) -> Scene:
    """The scene of a lane with this encoder (n, m); ``losses`` has shape (steps, lanes).

    All lanes have the same weights; the first is in focus.
    """
    n, m = encoder.shape
    lanes = losses.shape[1]
    sparsities = tuple(lane / max(lanes, 1) for lane in range(lanes))
    config = ExperimentConfig(
        "test", features=n, hidden=m, models=(model,), sparsities=sparsities, importance=1
    )
    history = LossHistory(lanes)
    history.append(losses.astype(np.float32))
    cohort = Cohort(
        lanes=config.lanes_of(model),
        step=history.step,
        parameters=Parameters(
            encoder=np.repeat(encoder[None], lanes, axis=0),
            decoder=None if model_named(model).tied else np.repeat(encoder.T[None], lanes, axis=0),
            bias=np.repeat((np.zeros(n) if bias is None else bias)[None], lanes, axis=0),
        ),
        losses=history.full,
        recent_losses=history.recent,
    )
    snapshot = Snapshot(
        0, LanesRecord(config, {model: cohort}), "training", 10.0, "scripted", "cpu"
    )
    return Scene(snapshot, Focus(model), options)


def scene_of_settings(
    encoders: FloatArray,
    *,
    setting: int = 0,
    config: ExperimentConfig | None = None,
    steps: Sequence[int] = (),
    step: int | None = None,
    options: Options = NO_CHOICES,
) -> Scene:
    """A scene with one encoder per setting, shape (settings, n, m).

    With ``steps``, encoders have shape (moments, settings, n, m): the weights at each of these
    steps, of which ``step`` is looked at.
    """
    moments = encoders if steps else encoders[None]
    _, count, n, m = moments.shape
    if config is None:
        sparsities = tuple(index / count for index in range(count))
        config = ExperimentConfig(
            "test", features=n, hidden=m, models=("tied",), sparsities=sparsities, importance=1
        )
    parameters = [Parameters(encoder=each, bias=np.zeros((count, n))) for each in moments]
    history = LossHistory(count)
    history.append(np.full((100, count), 0.01, dtype=np.float32))
    cohort = Cohort(
        lanes=config.lanes_of("tied"),
        step=max(steps, default=100),
        parameters=parameters[-1],
        losses=history.full,
        recent_losses=history.recent,
        timeline=Timeline(tuple(map(Moment, steps, parameters))),
    )
    snapshot = Snapshot(
        0, LanesRecord(config, {"tied": cohort}), "training", 10.0, "scripted", "cpu"
    )
    return Scene(snapshot, Focus("tied", setting, step=step), options)
