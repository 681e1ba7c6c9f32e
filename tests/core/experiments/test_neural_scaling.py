"""Scaling laws: the checks pass at a small size, and fail without the weight decay behind them."""

from dataclasses import replace

import pytest

from superpos_core.experiments import experiment_named
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.run import train

SIZES = (6, 9, 13, 20)


def trained(config: ExperimentConfig) -> LanesRecord:
    """The run of an experiment's config with 100 features."""
    small = replace(
        config,
        features=100,
        hidden=max(SIZES),
        sweep_values=SIZES,
        batch=1024,
        steps=1500,
        warm_up=75,
    )
    return train(small).record_as(LanesRecord)


@pytest.mark.parametrize("name", ["scaling-skewed", "scaling-weak", "scaling-strong"])
@pytest.mark.sampled(2)
def test_every_check_needs_the_weight_decay(name: str) -> None:
    config = experiment_named(name).config
    with_decay, without = trained(config), trained(replace(config, weight_decay=0.0))
    for check in experiment_named(name).checks:
        assert check.verdict(with_decay).passed is True, check.verdict(with_decay).line
        assert check.verdict(without).passed is False, check.verdict(without).line
