"""What ``--show-config`` prints: every setting and where it is from, as a config file.

What nobody has set is commented out, so that the output can be kept as a file and edited.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping

import click
from click.core import ParameterSource

from superpos_core.errors import printable
from superpos_core.machine.cores import usable_cores
from superpos_core.task.options import options_of
from superpos_core.task.values import listed
from superpos_tui.command_line.config_file import KEYS, ConfigFile
from superpos_tui.command_line.help_text import GroupedOption
from superpos_tui.command_line.presets import settable
from superpos_tui.command_line.request import Request
from superpos_tui.command_line.show import without_chosen
from superpos_tui.look.theme_names import DEFAULT_THEME
from superpos_tui.settings.remembered import NOTHING, Memory
from superpos_tui.settings.start import DEFAULT_PACE
from superpos_tui.views.key import Key

PRECEDENCE = (
    "# What is typed counts before variables such as SUPERPOS_THEME, and those before the file."
)
WIDTH = 40
"""Columns of a line in front of where its value is from."""


def config_shown(ctx: click.Context, request: Request, keys: Iterable[Key]) -> str:
    """All settings in groups, after the path of the file; then the keys."""
    lines, group = [_heading(ctx.obj), PRECEDENCE], ""
    chosen = {**_of_the_run(request), **_of_the_program(request), **_of_last_time(request)}
    for option in settable(ctx.command):
        if option.group != group:
            group = option.group
            lines += ["", f"# {group}"]
        lines.append(_line(ctx, option, chosen))
    lines += ["", f"[{KEYS}]", *(_line_of_key(ctx.obj, key) for key in keys)]
    return "\n".join(lines)


def _heading(config: ConfigFile) -> str:
    if config.places.path is None:
        return "# no config file: there is no home folder"
    state = f" ({config.absence})" if config.absence else ""
    return f"# {printable(config.places.path)}{state}"


Chosen = Mapping[str, tuple[str, str]]
"""The text of a setting that nobody has made, and where it is from, by its name."""


def _of_the_run(request: Request) -> Chosen:
    """What the experiment, or the opened run, says."""
    config = request.trials[0].config
    return {
        option.name: (option.show(getattr(config, option.field)), f"the run {config.name}")
        for option in options_of(type(config))
    }


def _of_the_program(request: Request) -> Chosen:
    return {
        "threads": (str(request.engine.threads or usable_cores()), "default"),
        "fps": (f"{request.frames_per_second:g}", "default"),
        "view": (request.view, "default"),
        "theme": (request.theme or DEFAULT_THEME, "default"),
        "pace": (request.pace or DEFAULT_PACE, "default"),
    }


def _of_last_time(request: Request) -> Chosen:
    memory = Memory.of_user()
    remembered, _ = (NOTHING, "") if memory is None else memory.recall()
    remembered = without_chosen(request, remembered)
    texts = {"theme": remembered.theme, "pace": remembered.pace, "view": remembered.view}
    return {name: (text, "remembered") for name, text in texts.items() if text is not None}


def _line(ctx: click.Context, option: GroupedOption, chosen: Chosen) -> str:
    given = ctx.params[str(option.name)]
    text, origin = chosen.get(option.long_name, (given, "default"))
    match ctx.get_parameter_source(str(option.name)):
        case ParameterSource.COMMANDLINE:
            origin, is_set = "command line", True
        case ParameterSource.ENVIRONMENT:
            origin, is_set = str(option.envvar), True
        case ParameterSource.DEFAULT_MAP:
            origin, is_set = ctx.obj.places.line(option.long_name), True
        case _:
            is_set = False
    value = in_toml(text, is_list=option.is_list)
    return _in_columns(option.long_name, value, origin, is_set=is_set)


def _line_of_key(config: ConfigFile, key: Key) -> str:
    is_set = key.id in config.keys
    names = config.keys[key.id] if is_set else key.keys.split(",")
    value = in_toml(names[0]) if len(names) == 1 else in_toml(",".join(names), is_list=True)
    origin = config.places.line(key.id, KEYS) if is_set else key.description
    return _in_columns(key.id, value, origin, is_set=is_set)


def _in_columns(name: str, value: str, origin: str, *, is_set: bool) -> str:
    line = f"{'' if is_set else '# '}{name} = {value}"
    return f"{line:<{WIDTH}}  # {origin}"


def in_toml(value: str | bool | None, *, is_list: bool = False) -> str:
    """A value as in the config file: a number, a text, or a list of either."""
    if value is None:
        return '""'
    if isinstance(value, bool):
        return str(value).lower()
    if is_list:
        return f"[{', '.join(in_toml(each.strip()) for each in listed(value))}]"
    return value if _is_number(value) else json.dumps(value, ensure_ascii=False)


def _is_number(text: str) -> bool:
    try:
        number = tomllib.loads(f"it = {text}")["it"]
    except tomllib.TOMLDecodeError:
        return False
    return isinstance(number, int | float) and not isinstance(number, bool)
