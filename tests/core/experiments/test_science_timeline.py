"""The timeline and the snapshots of a run on the real engine show training as it was."""

import itertools
import threading

import pytest
from tests.core.experiments.plane import assert_same_cohorts, assert_same_parameters

from superpos_core.record.lanes import LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.parameters import Parameters
from superpos_core.training.publishing import PUBLISH_SECONDS
from superpos_core.training.run import AUTOMATIC, loop_for, train

SHORT = ExperimentConfig(
    "short", features=5, hidden=2, models=("tied", "untied"), sparsities=(0.0, 0.9),
    restarts=2, batch=256, steps=150,
)  # fmt: skip


def parameters_after(model: str, steps: int) -> Parameters:
    """The parameters of a fresh engine after this many steps in one call."""
    engine = AUTOMATIC(SHORT)
    try:
        if steps:
            engine.advance({model: steps})
        return engine.parameters(model)
    finally:
        engine.close()


@pytest.mark.parametrize("model", SHORT.models)
def test_every_moment_of_the_timeline_equals_training_up_to_its_step(model: str) -> None:
    timeline = train(SHORT).record_as(LanesRecord).cohorts[model].timeline
    assert timeline.steps[0] == 0
    assert timeline.steps[-1] == SHORT.steps
    assert timeline.steps.size > 30
    for moment in timeline.moments:
        assert_same_parameters(moment.parameters, parameters_after(model, moment.step))


def test_further_training_does_not_change_published_snapshots() -> None:
    seen: list[Snapshot] = []
    last = train(SHORT, on_progress=seen.append).record_as(LanesRecord)
    first = seen[0].record_as(LanesRecord)
    for model in SHORT.models:
        assert first.cohorts[model].step == 0
        assert_same_parameters(first.cohorts[model].parameters, parameters_after(model, 0))
        assert_same_parameters(
            first.cohorts[model].timeline.moments[0].parameters,
            last.cohorts[model].timeline.moments[0].parameters,
        )


def test_publishing_every_step_does_not_change_the_numbers() -> None:
    """On a clock that advances one frame per reading, slices are one step and all are published."""
    ticks = itertools.count(step=PUBLISH_SECONDS)
    watched: list[Snapshot] = []
    loop_for(SHORT, AUTOMATIC, clock=lambda: next(ticks)).run(
        threading.Event(), watched.append, until_finished=True
    )
    assert len(watched) >= SHORT.steps
    unwatched = train(SHORT).record_as(LanesRecord)
    last = watched[-1].record_as(LanesRecord)
    for model in SHORT.models:
        assert_same_cohorts(last.cohorts[model], unwatched.cohorts[model])
        assert_same_parameters(last.cohorts[model].parameters, parameters_after(model, SHORT.steps))
