"""The checks of the experiment on hysteresis pass, and each misses when its cause is removed."""

from dataclasses import replace
from functools import cache

import pytest

from superpos_core.experiments import experiment_named, verdicts
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.timeline import Moment, Timeline
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.run import train

EXPERIMENT = experiment_named("noise-hysteresis")
CONFIG = replace(EXPERIMENT.quick_config, restarts=1, models=("tied",))
"""Each model is a kernel to compile."""


@cache
def run_of(config: ExperimentConfig) -> LanesRecord:
    return train(config).record_as(LanesRecord)


def passed(run: LanesRecord) -> list[bool | None]:
    """Whether features hold on at p = 0.4 and 0.3, return, and do both at once: dense, linear."""
    return [verdict.passed for verdict in verdicts(EXPERIMENT, run)]


def without_a_past(cohort: Cohort, config: ExperimentConfig) -> Cohort:
    """What a model without memory would do: the same as on the way up at each stair."""
    ends = (0, *config.noise_changes, config.steps)
    moments = {moment.step: moment.parameters for moment in cohort.timeline.moments}
    ups = [moments[end] for end in ends[: len(ends) // 2 + 1]]
    mirrored = [*ups, *ups[-2:0:-1]]
    assert len(mirrored) == len(ends)
    timeline = Timeline(tuple(map(Moment, ends, mirrored)))
    return replace(cohort, timeline=timeline)


def test_with_noise_all_checks_pass() -> None:
    assert passed(run_of(CONFIG)) == [True] * 4 + [None]


def test_without_noise_nothing_is_lost() -> None:
    quiet = run_of(replace(CONFIG, hidden_noise=1e-6, steps=2050))
    seen = passed(replace(quiet, config=replace(quiet.config, hidden_noise=2.0)))
    assert seen == [False] * 4 + [None]


@pytest.mark.thorough
def test_a_linear_model_does_not_hold_on() -> None:
    run = run_of(replace(CONFIG, models=("tied", "linear")))
    assert passed(run) == [True] * 5
    linear = replace(run.cohorts["linear"], lanes=run.cohorts["tied"].lanes)
    assert passed(replace(run, cohorts={**run.cohorts, "tied": linear}))[:2] == [False] * 2


def test_nor_do_dense_data_let_the_relu_model() -> None:
    """The lane of p = 1 in place of all others."""
    run = run_of(CONFIG)
    cohort = run.cohorts["tied"]
    dense = Timeline(
        tuple(
            Moment(moment.step, moment.parameters.take([0] * len(cohort.lanes)))
            for moment in cohort.timeline.moments
        )
    )
    seen = passed(replace(run, cohorts={"tied": replace(cohort, timeline=dense)}))
    assert seen[:2] == [False] * 2


def test_without_a_past_features_return_where_they_were_lost() -> None:
    run = run_of(CONFIG)
    forgetful = without_a_past(run.cohorts["tied"], CONFIG)
    assert passed(replace(run, cohorts={"tied": forgetful})) == [True, True, False, True, None]
