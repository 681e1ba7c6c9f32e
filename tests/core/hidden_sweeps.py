"""A small sweep over m, and the runs of its lanes alone."""

from dataclasses import replace

from superpos_core.task.config import ExperimentConfig

SWEEP = ExperimentConfig(
    "small",
    features=8,
    hidden=5,
    models=("tied", "untied"),
    sparsities=(0.0, 0.9),
    sweep="hidden",
    sweep_values=(1.0, 2.0, 3.0, 5.0),
    importance=0.9,
    steps=40,
)


def alone(config: ExperimentConfig, hidden: int) -> ExperimentConfig:
    """The same run with one m and no sweep."""
    return replace(config, hidden=hidden, sweep="none", sweep_values=())


def place_of(config: ExperimentConfig, hidden: int) -> int:
    """Where a swept m stands among the settings of the first sparsity."""
    return config.sweep_values.index(hidden)
