"""Asks the command line as the program does."""

import click
import pytest

from superpos_core.errors import InvalidValue
from superpos_tui.command_line import cli
from superpos_tui.command_line.config_file import InvalidPreset
from superpos_tui.command_line.presets import applicable, bound_keys, located
from superpos_tui.command_line.request import Request, request_from
from superpos_tui.command_line.show_config import config_shown


def context(*words: str) -> click.Context:
    return cli.command.make_context("superpos-tui", list(words))


def request_in(ctx: click.Context) -> Request:
    return request_from(applicable(ctx.params, ctx))


def requested(*words: str) -> Request:
    """The checked request; raises what the program reports."""
    ctx = context(*words)
    try:
        bound_keys(ctx.obj)
        return request_in(ctx)
    except InvalidValue as error:
        raise located(error, ctx) from None


def refusal(*words: str) -> str:
    """The one line about what is wrong, as the program says it."""
    with pytest.raises(InvalidValue) as caught:
        requested(*words)
    is_typed = not isinstance(caught.value, InvalidPreset)
    return f"--{caught.value}" if is_typed else str(caught.value)


def shown(ctx: click.Context) -> str:
    return config_shown(ctx, request_in(ctx), bound_keys(ctx.obj))
