"""The checks of the experiment on noise pass, and miss when there is no noise."""

from dataclasses import replace
from functools import cache

import pytest

from superpos_core.experiments import experiment_named, verdicts
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.run import train

EXPERIMENT = experiment_named("noise")
CONFIG = replace(
    EXPERIMENT.config, batch=2048, steps=1000, sweep_values=(0.0, 0.1, 0.16, 0.2, 0.32, 0.36, 0.44)
)


@cache
def run_of(config: ExperimentConfig) -> LanesRecord:
    return train(config).record_as(LanesRecord)


def passed(run: LanesRecord) -> list[bool | None]:
    return [verdict.passed for verdict in verdicts(EXPERIMENT, run)]


def test_with_noise_all_checks_pass() -> None:
    assert passed(run_of(CONFIG)) == [True] * 4


@pytest.mark.parametrize("said", [1.0, 1e-6])
def test_without_noise_no_check_of_a_removal_passes(said: float) -> None:
    """Whether the run says so (1e-6) or claims the noise of the experiment."""
    run = run_of(replace(CONFIG, hidden_noise=1e-6))
    seen = passed(replace(run, config=replace(CONFIG, hidden_noise=said)))
    assert seen[:3] == [False] * 3
    assert seen[3] is (said < 1)


def test_a_run_with_a_little_less_noise_than_it_claims_misses() -> None:
    """By 5 % of σ: the removals seem to be at a σ² that is 10 % higher."""
    claimed = replace(CONFIG, hidden_noise=1.05 * CONFIG.hidden_noise)
    assert passed(replace(run_of(CONFIG), config=claimed)) == [False] * 4
