"""Presets: options that the environment or the config file sets, unless they are typed."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from superpos_core.errors import InvalidValue, reason_of, unknown_name
from superpos_core.experiments import DEFAULT_EXPERIMENT
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of
from superpos_tui.command_line.config_file import (
    KEYS,
    ConfigFile,
    InvalidPreset,
    Places,
    read_config,
    user_config_path,
)
from superpos_tui.command_line.help_text import (
    VARIABLES,
    GroupedOption,
    variable_of,
)
from superpos_tui.keys import table_of_keys
from superpos_tui.settings.typed import LISTED
from superpos_tui.views.key import Key
from superpos_tui.views.registry import VIEWS

PRESET = (ParameterSource.ENVIRONMENT, ParameterSource.DEFAULT_MAP)


class ConfigOption(GroupedOption):
    """The option that names the config file. It is read before the other options, for them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, is_eager=True, **kwargs)

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        """Read the file into the context; raises ``InvalidValue``."""
        typed = super().process_value(ctx, value)
        if not ctx.resilient_parsing:  # help and completion work beside a damaged file
            _check_variables(ctx.command, os.environ)
            ctx.obj = config = _config(ctx.command, typed)
            ctx.default_map = {
                str(option.name): setting if option.is_flag else [setting]
                for option in settable(ctx.command)
                if (setting := config.options.get(option.long_name)) is not None
            }
        return typed


def settable(command: click.Command) -> list[GroupedOption]:
    """The options that the environment and the file may set."""
    options = (each for each in command.params if isinstance(each, GroupedOption))
    return [each for each in options if each.is_preset]


def _config(command: click.Command, typed: str | None) -> ConfigFile:
    """What the file that was named sets; without one, the user's, if it is there."""
    path = user_config_path() if typed is None else _expanded(typed)
    if path is None:
        return ConfigFile()
    options = settable(command)
    flags = [each.long_name for each in options if each.is_flag]
    others = [each.long_name for each in options if not each.is_flag]
    try:
        return read_config(path, others, flags)
    except OSError as error:
        if typed is None:  # perhaps somebody else's home
            return ConfigFile(Places(path), absence=reason_of(error))
        choices = "a file of settings, or leave it out"
        raise InvalidValue("config", typed, reason_of(error), choices) from None


def _expanded(typed: str) -> Path:
    try:
        return Path(typed).expanduser()
    except RuntimeError:  # an unknown user's home
        return Path(typed)


def _check_variables(command: click.Command, environment: Iterable[str]) -> None:
    """Raise ``InvalidValue`` for a variable with our prefix that means nothing."""
    options = (each for each in command.params if isinstance(each, GroupedOption))
    known = [str(each.envvar) for each in options if each.envvar]
    for name in environment:
        if name.startswith(VARIABLES) and name not in known:
            unknown = unknown_name("variable", name, known)
            raise InvalidPreset("", unknown.of_option("variable", LISTED))


def located(error: InvalidValue, ctx: click.Context) -> InvalidValue:
    """The error of an option that was not typed, with the place where it is set."""
    for option in settable(ctx.command):
        if option.long_name != error.name or isinstance(error, InvalidPreset):
            continue
        source = ctx.get_parameter_source(str(option.name))
        if source is ParameterSource.ENVIRONMENT:
            return InvalidPreset("", error.of_option(variable_of(option.long_name)))
        if source is ParameterSource.DEFAULT_MAP:
            return InvalidPreset(ctx.obj.places(option.long_name), error)
    return error


def bound_keys(config: ConfigFile) -> tuple[Key, ...]:
    """The table of keys as the file binds them; raises ``InvalidValue`` if it cannot."""
    table = table_of_keys(VIEWS.values())
    if not config.keys:
        return table
    from superpos_tui.settings.rebinding import rebound  # which imports textual

    try:
        return rebound(table, config.keys)
    except InvalidValue as error:
        key = str(error.value) if error.name == KEYS else error.name
        raise InvalidPreset(config.places(key, KEYS), error) from None


def presets(ctx: click.Context) -> frozenset[str]:
    """The names of the options that are set, but were not typed."""
    return frozenset(
        option.long_name
        for option in settable(ctx.command)
        if ctx.get_parameter_source(str(option.name)) in PRESET and ctx.params[str(option.name)]
    )


def applicable(given: Mapping[str, Any], ctx: click.Context) -> dict[str, Any]:
    """The options without presets that say what to train, where something else is opened.

    What is opened has settings of its own; presets would only contradict them.
    """
    if not given["paths"] and given["start_from"] is None and given["resume"] is None:
        return dict(given)
    fields = [option.field for option in options_of(ExperimentConfig)]
    untold: dict[str, Any] = {"experiment": DEFAULT_EXPERIMENT, "quick": False, "engine": "auto"}
    untold |= dict.fromkeys(fields)
    return {
        name: untold[name] if name in untold and ctx.get_parameter_source(name) in PRESET else value
        for name, value in given.items()
    }
