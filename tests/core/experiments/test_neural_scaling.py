"""Scaling laws: the checks pass at a small size, and fail without the weight decay behind them."""

from dataclasses import replace

import pytest

from superpos_core.experiments import experiment_named
from superpos_core.record.lanes import LanesRecord
from superpos_core.training.run import train

SIZES = (6, 9, 13, 20)


def trained(name: str, **changes: float) -> LanesRecord:
    """The experiment with 100 features, and these options."""
    config = replace(
        experiment_named(name).config,
        features=100,
        hidden=max(SIZES),
        sweep_values=SIZES,
        batch=1024,
        steps=1500,
        warm_up=75,
        **changes,
    )
    record = train(config).record
    assert isinstance(record, LanesRecord)
    return record


@pytest.mark.parametrize("name", ["scaling-skewed", "scaling-weak", "scaling-strong"])
@pytest.mark.sampled(2)
def test_every_check_needs_the_weight_decay(name: str) -> None:
    with_decay, without = trained(name), trained(name, weight_decay=0.0)
    for check in experiment_named(name).checks:
        assert check.verdict(with_decay).passed is True, check.verdict(with_decay).line
        assert check.verdict(without).passed is False, check.verdict(without).line
