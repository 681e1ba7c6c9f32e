"""The command line that recreates a screen."""

import shlex
from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from pathlib import Path

from superpos_core.engine.choice import EngineChoice
from superpos_core.experiments import DEFAULT_EXPERIMENT, EXPERIMENTS, Experiment, Trial
from superpos_core.task.config import LANES, ExperimentConfig
from superpos_core.task.models import MODELS
from superpos_core.task.options import options_of
from superpos_tui.selection import Focus, first_focus
from superpos_tui.views.registry import view_of_trial

BY_DEFAULT = EngineChoice()


def command_for(
    config: ExperimentConfig,
    view: str,
    focus: Focus,
    engine: EngineChoice = BY_DEFAULT,
    *,
    experiment: Experiment | None = None,
    preset: Collection[str] = (),
) -> str:
    """Such as ``superpos-tui --sparsity 0.9 --view geometry``: only what differs from defaults.

    Options that are ``preset`` are always among them. The result is always a valid command line: a
    model that is about to join trains from the start, and a setting that the run lacks is left out.
    """
    experiment = experiment or EXPERIMENTS[DEFAULT_EXPERIMENT]
    joins = focus.model in MODELS and focus.model not in config.models
    if joins and config.kind == LANES:
        config = replace(config, models=(*config.models, focus.model))
    usual = experiment.quick_config if "quick" in preset else experiment.config
    words = ["superpos-tui"]
    if experiment.name != DEFAULT_EXPERIMENT or "experiment" in preset:
        words += ["--experiment", experiment.name]
    for option in options_of(type(config)):
        value = getattr(config, option.field)
        asks_for_kind = config.kind == option.kind != usual.kind
        is_changed = value != getattr(usual, option.field) or asks_for_kind
        if is_changed or option.name in preset:
            words += [f"--{option.name}", option.show(value)]
    for part in fields(engine):
        chosen = getattr(engine, part.name)
        if chosen != part.default or (part.name in preset and chosen is not None):
            words += [f"--{part.name}", str(chosen)]
    return shlex.join([*words, *_selecting(Trial(config, experiment), view, focus, preset)])


def command_to_open(
    path: Path,
    options: Sequence[str],
    trial: Trial,
    view: str,
    focus: Focus,
    preset: Collection[str] = (),
) -> str:
    """Such as ``superpos-tui out --view geometry``: opens the same with the same selection."""
    return shlex.join(
        ["superpos-tui", str(path), *options, *_selecting(trial, view, focus, preset)]
    )


def _selecting(trial: Trial, view: str, focus: Focus, preset: Collection[str]) -> list[str]:
    """The options for a view and a focus, as far as they differ from those of the start."""
    config, words = trial.config, []
    if view != view_of_trial(trial).name or "view" in preset:
        words += ["--view", view]
    is_valid = focus.model in config.groups and focus.setting < len(config.settings)
    first = first_focus(trial)
    if is_valid and (focus.model, focus.setting) != (first.model, first.setting):
        words += ["--focus", f"{focus.model},{focus.setting}"]
    return words
