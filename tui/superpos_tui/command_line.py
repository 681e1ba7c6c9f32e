"""The command line that recreates a screen."""

import shlex

from superpos_core.config import ExperimentConfig
from superpos_core.experiments import DEFAULT_EXPERIMENT, EXPERIMENTS
from superpos_tui.config_fields import FIELDS
from superpos_tui.options import Focus
from superpos_tui.views import VIEWS


def command_for(config: ExperimentConfig, view: str, focus: Focus) -> str:
    """Such as ``superpos-tui --sparsity 0.9 --view geometry``: only what is not by default."""
    experiment = EXPERIMENTS.get(config.name, EXPERIMENTS[DEFAULT_EXPERIMENT])
    words = ["superpos-tui"]
    if experiment.name != DEFAULT_EXPERIMENT:
        words += ["--experiment", experiment.name]
    for field in FIELDS:
        value = getattr(config, field.name)
        if value != getattr(experiment.config, field.name):
            words += [f"--{field.option}", field.show(value)]
    if view != next(iter(VIEWS)):
        words += ["--view", view]
    if focus.model != config.models[0] or focus.setting:
        words += ["--focus", f"{focus.model},{focus.setting}"]
    return shlex.join(words)
