"""The command line: parse first, import late. ``--help`` imports neither torch nor textual."""

import sys
from collections.abc import Mapping
from typing import Any

import click

from superpos_core.errors import PATH, EngineError, InvalidValue
from superpos_core.experiments import EXPERIMENTS
from superpos_core.task.parse_numbers import whole_number
from superpos_tui.command_line.completion import script_for
from superpos_tui.command_line.config_file import InvalidPreset
from superpos_tui.command_line.help_text import GroupedCommand
from superpos_tui.command_line.options import PORT, with_options
from superpos_tui.command_line.presets import applicable, bound_keys, located, presets
from superpos_tui.command_line.request import Request, request_from

ABOUT = """\
A live instrument for Toy Models of Superposition (Elhage et al. 2022).

It trains tiny models x̂ = ReLU(x·W·Wᵀ + b) and shows W·Wᵀ, the loss and the feature norms while
they learn to keep more features than they have dimensions.

PATH opens something instead: the folder of a run, which may still be training elsewhere, or a file
of weights.

Options can also be set in a config file and by variables such as SUPERPOS_THEME: --show-config
lists them.
"""


@click.command(
    cls=GroupedCommand, help=ABOUT, context_settings={"help_option_names": ["-h", "--help"]}
)
@with_options
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> int:
    """Carry out the parsed command line and return the exit code."""
    try:
        return _carry_out(ctx, given)
    except InvalidValue as error:
        raise located(error, ctx) from error


def _carry_out(ctx: click.Context, given: dict[str, Any]) -> int:
    if given["list_experiments"]:
        return _list_experiments()
    if given["completion"] is not None:
        click.echo(script_for(given["completion"]))
        return 0
    if given["list_runs"] is not None:
        from superpos_tui.command_line.listing import print_runs

        return print_runs(given["list_runs"], as_json=given["json"])
    if given["json"]:
        raise InvalidValue("json", "", "only a list of runs is printed as JSON", "--list-runs DIR")
    request = request_from(applicable(given, ctx))
    keys = bound_keys(ctx.obj)
    if given["show_config"]:
        from superpos_tui.command_line.show_config import config_shown

        click.echo(config_shown(ctx, request, keys))
        return 0
    if given["serve"]:
        return _serve(given)
    request.engine.check_device()
    if request.export is not None:
        return _export(request)
    from superpos_tui.command_line.show import show

    return show(request, presets(ctx), ctx.obj.keys)


def _serve(given: Mapping[str, Any]) -> int:
    """Serve the instrument to a browser, and return the exit code."""
    port = PORT if given["port"] is None else whole_number("port", given["port"])
    for other in ("export", "run", "resume"):
        if given[other] is not None:
            raise InvalidValue(
                other, given[other], "every tab of --serve has a run of its own", "none"
            )
    try:
        from superpos_tui.command_line.serving import serve
    except ImportError:
        needed = "--serve needs textual-serve: pip install 'superpos-tui[serve]'"
        raise click.UsageError(needed) from None
    return serve(sys.argv[1:], port)


def _export(request: Request) -> int:
    """Write everything without a screen, and return the exit code."""
    assert request.export is not None
    if request.source is not None:
        from superpos_tui.headless.opened import export_opened

        return export_opened(
            request.source,
            request.trials[0].experiment,
            request.export,
            request.formats,
            overwrite=request.overwrite,
        )
    from superpos_tui.headless import export_headless

    return export_headless(
        request.trials,
        request.export,
        request.formats,
        request.engine,
        overwrite=request.overwrite,
        checkpoint=request.checkpoint,
    )


def run() -> int:
    """Carry out ``sys.argv`` and return the exit code; invalid input takes one line."""
    try:
        code = command.main(prog_name="superpos-tui", standalone_mode=False)
    except InvalidValue as error:
        is_typed = error.name != PATH and not isinstance(error, InvalidPreset)
        return _complain(f"--{error}" if is_typed else str(error))
    except EngineError as error:
        _complain(str(error))
        return 1
    except click.UsageError as error:
        return _complain(error.format_message())
    except click.Abort:
        return 130
    return code if isinstance(code, int) else 0


def _complain(message: str) -> int:
    sys.stderr.write(f"superpos-tui: {message}\n")
    return 2


def _list_experiments() -> int:
    width = max(map(len, EXPERIMENTS))
    for name, experiment in EXPERIMENTS.items():
        click.echo(f"{name:<{width}}  {experiment.title} ({experiment.section})")
    return 0
