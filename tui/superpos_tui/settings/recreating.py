"""The command line that recreates a screen."""

import shlex
from dataclasses import fields, replace

from superpos_core.engine.choice import EngineChoice
from superpos_core.experiments import DEFAULT_EXPERIMENT, EXPERIMENTS, Experiment, Trial
from superpos_core.task.config import LANES, ExperimentConfig
from superpos_core.task.models import MODELS
from superpos_core.task.options import options_of
from superpos_tui.selection import Focus, first_focus
from superpos_tui.views.registry import view_of_experiment

BY_DEFAULT = EngineChoice()


def command_for(
    config: ExperimentConfig,
    view: str,
    focus: Focus,
    engine: EngineChoice = BY_DEFAULT,
    *,
    experiment: Experiment | None = None,
) -> str:
    """Such as ``superpos-tui --sparsity 0.9 --view geometry``: only what differs from defaults.

    The result is always a valid command line: a model that is about to join trains from the start,
    and a setting that the run lacks is left out.
    """
    experiment = experiment or EXPERIMENTS[DEFAULT_EXPERIMENT]
    joins = focus.model in MODELS and focus.model not in config.models
    if joins and config.kind == LANES:
        config = replace(config, models=(*config.models, focus.model))
    words = ["superpos-tui"]
    if experiment.name != DEFAULT_EXPERIMENT:
        words += ["--experiment", experiment.name]
    for option in options_of(type(config)):
        value = getattr(config, option.field)
        if value != getattr(experiment.config, option.field):
            words += [f"--{option.name}", option.show(value)]
    for part in fields(engine):
        chosen = getattr(engine, part.name)
        if chosen != part.default:
            words += [f"--{part.name}", str(chosen)]
    if view != view_of_experiment(experiment).name:
        words += ["--view", view]
    is_valid = focus.model in config.models and focus.setting < len(config.settings)
    first = first_focus(Trial(config, experiment))
    if is_valid and (focus.model, focus.setting) != (first.model, first.setting):
        words += ["--focus", f"{focus.model},{focus.setting}"]
    return shlex.join(words)
