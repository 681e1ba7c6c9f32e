"""What a config can say that an engine has to obey: for all suites that compare engines."""

from dataclasses import replace

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.schedules import SCHEDULES

STEPS = 20


def variants_of(config: ExperimentConfig) -> dict[str, ExperimentConfig]:
    """The config with one thing after another that changes training, by name; for ``STEPS``."""
    return {
        "whole datasets": replace(config, dataset_size=40),
        "small batches of datasets": replace(config, dataset_size=200),
        "datasets of several sizes": replace(
            config, dataset_size=100, sweep="dataset-size", sweep_values=(0.1, 0.5, 1.0)
        ),
        "rows drawn as a whole": replace(config, distribution="circle"),
        "a penalty on the hidden layer": replace(config, hidden_penalty=0.3),
        "noise and dropout on the hidden layer": replace(
            config,
            hidden_noise=0.3,
            hidden_dropout=0.2,
            sweep="hidden-noise",
            sweep_values=(0.0, 1.0),
        ),
        "noise on the hidden layer that rises and falls": replace(
            config, hidden_noise=0.5, hidden_noise_schedule="up-and-down", steps=STEPS
        ),
        "sgd without momentum": replace(config, optimiser="sgd", momentum=0.0, learning_rate=0.1),
        "weight decay": replace(config, weight_decay=0.5),
        "weight decay of the matrices": replace(config, weight_decay=0.5, decay_of="weights"),
        "row-norm decay": replace(config, weight_decay=-0.5, learning_rate=0.1),
        **{
            f"{schedule} rates after a warm-up": replace(
                config, learning_rate_schedule=schedule, warm_up=5, steps=STEPS + 5
            )
            for schedule in SCHEDULES
        },
    }
