"""Briefly trained weights: too large, or those of another experiment."""

from dataclasses import replace
from functools import cache

import numpy as np

from superpos_core.experiments import EXPERIMENTS, Experiment
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import LANES, ExperimentConfig
from superpos_core.task.lanes import Lane
from superpos_core.task.parameters import Parameters
from superpos_core.training.run import train

MAX_TRAINED_RESTARTS = 8
MAX_STEPS, MAX_DATASET_STEPS = 600, 60
"""Maximum steps of the short training behind some counterfeits."""


def ten_times(config: ExperimentConfig, lane: Lane) -> Parameters:
    """The experiment's own briefly trained parameters, times ten."""
    return _trained_parameters(config.name, config, lane).map(lambda array: 10 * array)


def from_elsewhere(config: ExperimentConfig, lane: Lane) -> Parameters:
    """The weights of ``donor_of`` at its nearest density."""
    donor = donor_of(EXPERIMENTS[config.name])
    if donor is None:
        raise LookupError(f"no other experiment has the sizes of {config.name}")
    return _trained_parameters(donor.name, config, lane)


def donor_of(experiment: Experiment) -> Experiment | None:
    """Another experiment that trains one of the models at the same sizes, if there is one."""
    config = experiment.config
    for other in EXPERIMENTS.values():
        if (
            other.name != experiment.name
            and other.config.kind == LANES
            and (other.config.features, other.config.hidden) == (config.features, config.hidden)
            and other.config.models[0] in config.models
        ):
            return other
    return None


def _trained_parameters(name: str, config: ExperimentConfig, lane: Lane) -> Parameters:
    """The best lane of the briefly trained experiment ``name`` at the setting nearest to it."""
    run = briefly_trained(name)
    model = lane.model if lane.model in run.cohorts else run.config.models[0]
    cohort = run.cohorts[model]
    away = [
        abs(np.log(setting.density / lane.density)) + _sweep_apart(setting.swept, lane.swept)
        for setting in run.config.settings
    ]
    return cohort.parameters.take(cohort.lane_at(int(np.argmin(away))))


def _sweep_apart(one: float | None, other: float | None) -> float:
    """The distance between two swept factors: of their logarithms unless one is 0."""
    if one is None:
        return 0
    other = 1.0 if other is None else other
    return abs(float(np.log(one / other))) if one and other else abs(one - other)


@cache
def briefly_trained(name: str) -> LanesRecord:
    """A shortened quick run of the experiment ``name``, which takes seconds at most."""
    config = EXPERIMENTS[name].quick_config
    steps = min(config.steps, MAX_DATASET_STEPS if config.dataset_size else MAX_STEPS)
    short = replace(
        config,
        steps=steps,
        batch=min(config.batch, 256),
        warm_up=min(config.warm_up, steps // 10),
        restarts=min(config.restarts, MAX_TRAINED_RESTARTS),
    )
    return train(short).record_as(LanesRecord)
