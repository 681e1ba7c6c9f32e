"""The command line: parse first, import late. ``--help`` imports neither torch nor textual."""

import sys
from typing import Any

import click

from superpos_core.engine.choice import engine_names
from superpos_core.engine.registry import engines_on
from superpos_core.errors import PATH, EngineError, InvalidValue
from superpos_core.experiments import DEFAULT_EXPERIMENT, EXPERIMENTS
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.pacing import PACES
from superpos_core.version import version
from superpos_tui.command_line.config_file import InvalidPreset
from superpos_tui.command_line.help_text import (
    GroupedCommand,
    config_options,
    option,
    variable_of,
)
from superpos_tui.command_line.presets import ConfigOption, applicable, bound_keys, located, presets
from superpos_tui.command_line.request import (
    ALL,
    DEFAULT_FORMAT,
    LOCAL_FRAMES_PER_SECOND,
    REMOTE_FRAMES_PER_SECOND,
    Request,
    request_from,
)
from superpos_tui.look.theme_names import THEME_NAMES
from superpos_tui.process.environment import COLOUR_DEPTHS, DEFAULT_DEPTH
from superpos_tui.views.registry import VIEWS

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
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@option(
    "Experiment",
    "--experiment",
    metavar="NAME",
    default=DEFAULT_EXPERIMENT,
    help=f"Which experiment: {', '.join(EXPERIMENTS)}; or {ALL}, with --export.",
    show_default=True,
)
@option(
    "Experiment",
    "--list-experiments",
    is_flag=True,
    help="List all experiments, one line each, and exit.",
    is_preset=False,
)
@option(
    "Experiment",
    "--quick",
    is_flag=True,
    help="Fewer steps and restarts; every figure says so.",
)
@config_options("Experiment", ExperimentConfig)
@config_options("Training", ExperimentConfig)
@option(
    "Training",
    "--engine",
    metavar="NAME",
    default="auto",
    show_default=True,
    help=f"Training engine: {', '.join(engine_names())}; auto is {engines_on('cpu')[0].name} on "
    f"cpu, {engines_on('cuda')[0].name} elsewhere.",
)
@option(
    "Training",
    "--threads",
    metavar="N",
    help="Threads of the fused engine, and drawing processes [default: all available cores].",
)
@option(
    "Training",
    "--device",
    metavar="NAME",
    default="cpu",
    show_default=True,
    help="cpu, cuda, cuda:N, mps or auto: a GPU for large matrices.",
)
@option(
    "Runs and weights",
    "--layout",
    metavar="NAME",
    help="How PATH, a file of weights, is laid out, where the file leaves it open.",
    is_preset=False,
)
@option(
    "Runs and weights",
    "--from",
    "start_from",
    metavar="FILE",
    help="Train from the weights in FILE, with the settings given here.",
    is_preset=False,
)
@option(
    "Runs and weights",
    "--list-runs",
    metavar="DIR",
    help="Print the runs in DIR, with what differs between their settings, and exit.",
    is_preset=False,
)
@option(
    "Runs and weights",
    "--json",
    is_flag=True,
    help="With --list-runs: print JSON instead of a table.",
    is_preset=False,
)
@option(
    "Runs and weights",
    "--run",
    metavar="DIR",
    help="Keep the run in DIR while it trains, to open, follow or resume it.",
    is_preset=False,
)
@option(
    "Runs and weights",
    "--resume",
    metavar="DIR",
    help="Continue the run in DIR to its end, or to --steps; with --export DIR without a screen.",
    is_preset=False,
)
@option(
    "Screen",
    "--fps",
    metavar="N",
    help=f"Frames per second [default: {LOCAL_FRAMES_PER_SECOND:g}, "
    f"over SSH {REMOTE_FRAMES_PER_SECOND:g}].",
)
@option("Screen", "--view", metavar="NAME", help=f"The view to open: {', '.join(VIEWS)}.")
@option(
    "Screen",
    "--focus",
    metavar="MODEL,K",
    help="The initial focus: a model and the 0-based index of a setting.",
    is_preset=False,
)
@option("Screen", "--theme", metavar="NAME", help=f"Colours: {', '.join(THEME_NAMES)}.")
@option(
    "Screen",
    "--colour",
    "--color",
    "colour",
    metavar="DEPTH",
    default=DEFAULT_DEPTH,
    help=f"How many colours: {', '.join(COLOUR_DEPTHS)} [default: {DEFAULT_DEPTH}, over SSH 256 "
    "at most].",
)
@option("Screen", "--pace", metavar="NAME", help=f"How fast to train: {', '.join(PACES)}.")
@option(
    "Export",
    "--export",
    metavar="DIR",
    help="Train without a screen and write figures, numbers and weights to DIR.",
    is_preset=False,
)
@option(
    "Export",
    "--formats",
    metavar="LIST",
    is_list=True,
    default=DEFAULT_FORMAT,
    show_default=True,
    help="Figure formats, comma-separated: png, svg, pdf.",
)
@option(
    "Export",
    "--film-width",
    metavar="PIXELS",
    help="Width of the film that g writes [default: 480 to 790, by figure].",
)
@option(
    "Export",
    "--overwrite",
    is_flag=True,
    help="Replace the run in DIR; other files there are never touched.",
    is_preset=False,
)
@option(
    "Settings",
    "--config",
    metavar="FILE",
    cls=ConfigOption,
    is_preset=False,
    envvar=variable_of("config"),
    help='The config file, if not the usual one: options as lines, such as theme = "paper".',
)
@option(
    "Settings",
    "--show-config",
    is_flag=True,
    is_preset=False,
    help="Print every setting and where it is from, as a config file, and exit.",
)
@click.version_option(version(), "-V", "--version", prog_name="superpos-tui")
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
    request.engine.check_device()
    if request.export is not None:
        return _export(request)
    from superpos_tui.command_line.show import show

    return show(request, presets(ctx), ctx.obj.keys)


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
