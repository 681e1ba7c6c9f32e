"""The options of the command line that are no option of a config, in the order of the help page."""

from typing import Any

import click

from superpos_core.engine.choice import engine_names
from superpos_core.engine.registry import engines_on
from superpos_core.experiments import DEFAULT_EXPERIMENT, EXPERIMENTS
from superpos_core.files.formats import FORMATS
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.pacing import PACES
from superpos_core.version import version
from superpos_tui.command_line.completion import SHELLS, described
from superpos_tui.command_line.help_text import config_options, option, variable_of
from superpos_tui.command_line.presets import ConfigOption
from superpos_tui.command_line.request import (
    ALL,
    DEFAULT_FORMAT,
    LOCAL_FRAMES_PER_SECOND,
    REMOTE_FRAMES_PER_SECOND,
)
from superpos_tui.look.theme_names import THEME_NAMES
from superpos_tui.process.environment import COLOUR_DEPTHS, DEFAULT_DEPTH
from superpos_tui.views.registry import VIEWS

DEVICES = ("cpu", "cuda", "mps", "auto")
PORT = 8000


def _print_version(ctx: click.Context, _parameter: click.Parameter, is_asked: bool) -> None:
    """Print the version and exit; Click's own option looks it up at every start."""
    if is_asked and not ctx.resilient_parsing:
        click.echo(f"superpos-tui, version {version()}")
        ctx.exit()


OPTIONS = (
    click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path()),
    option(
        "Experiment",
        "--experiment",
        metavar="NAME",
        names={**described(EXPERIMENTS), ALL: "with --export"},
        default=DEFAULT_EXPERIMENT,
        help=f"Which experiment: {', '.join(EXPERIMENTS)}; or {ALL}, with --export.",
        show_default=True,
    ),
    option(
        "Experiment",
        "--list-experiments",
        is_flag=True,
        help="List all experiments, one line each, and exit.",
        is_preset=False,
    ),
    option(
        "Experiment",
        "--quick",
        is_flag=True,
        help="Fewer steps and restarts; every figure says so.",
    ),
    config_options("Experiment", ExperimentConfig),
    config_options("Training", ExperimentConfig),
    config_options("Dictionary", ExperimentConfig),
    option(
        "Training",
        "--engine",
        metavar="NAME",
        names=engine_names(),
        default="auto",
        show_default=True,
        help=f"Training engine: {', '.join(engine_names())}; auto is {engines_on('cpu')[0].name} "
        f"on cpu, {engines_on('cuda')[0].name} elsewhere.",
    ),
    option(
        "Training",
        "--threads",
        metavar="N",
        help="Threads of the fused engine, and drawing processes [default: all available cores].",
    ),
    option(
        "Training",
        "--device",
        metavar="NAME",
        names=DEVICES,
        default="cpu",
        show_default=True,
        help="cpu, cuda, cuda:N, mps or auto: a GPU for large matrices.",
    ),
    option(
        "Runs and weights",
        "--layout",
        metavar="NAME",
        help="How PATH, a file of weights, is laid out, where the file leaves it open.",
        is_preset=False,
    ),
    option(
        "Runs and weights",
        "--from",
        "start_from",
        metavar="FILE",
        help="Train from the weights in FILE, with the settings given here.",
        is_preset=False,
    ),
    option(
        "Runs and weights",
        "--list-runs",
        metavar="DIR",
        help="Print the runs in DIR, with what differs between their settings, and exit.",
        is_preset=False,
    ),
    option(
        "Runs and weights",
        "--json",
        is_flag=True,
        help="With --list-runs: print JSON instead of a table.",
        is_preset=False,
    ),
    option(
        "Runs and weights",
        "--run",
        metavar="DIR",
        help="Keep the run in DIR while it trains, to open, follow or resume it.",
        is_preset=False,
    ),
    option(
        "Runs and weights",
        "--resume",
        metavar="DIR",
        help="Continue the run in DIR to its end, or to --steps; with --export DIR without a "
        "screen.",
        is_preset=False,
    ),
    option(
        "Screen",
        "--fps",
        metavar="N",
        help=f"Frames per second [default: {LOCAL_FRAMES_PER_SECOND:g}, "
        f"over SSH {REMOTE_FRAMES_PER_SECOND:g}].",
    ),
    option(
        "Screen",
        "--view",
        metavar="NAME",
        names=described(VIEWS),
        help=f"The view to open: {', '.join(VIEWS)}.",
    ),
    option(
        "Screen",
        "--focus",
        metavar="MODEL,K",
        help="The initial focus: a model and the 0-based index of a setting.",
        is_preset=False,
    ),
    option(
        "Screen",
        "--theme",
        metavar="NAME",
        names=THEME_NAMES,
        help=f"Colours: {', '.join(THEME_NAMES)}.",
    ),
    option(
        "Screen",
        "--colour",
        "--color",
        "colour",
        metavar="DEPTH",
        names=COLOUR_DEPTHS,
        default=DEFAULT_DEPTH,
        help=f"How many colours: {', '.join(COLOUR_DEPTHS)} [default: {DEFAULT_DEPTH}, over SSH "
        "256 at most].",
    ),
    option("Screen", "--ascii", is_flag=True, help="Show nothing but ASCII characters."),
    option(
        "Screen",
        "--pace",
        metavar="NAME",
        names=described(PACES),
        help=f"How fast to train: {', '.join(PACES)}.",
    ),
    option(
        "Screen",
        "--serve",
        is_flag=True,
        is_preset=False,
        help="Show it in a browser on this machine, with the other options in every tab.",
    ),
    option("Screen", "--port", metavar="N", help=f"With --serve: the port [default: {PORT}]."),
    option(
        "Export",
        "--export",
        metavar="DIR",
        help="Train without a screen and write figures, numbers and weights to DIR.",
        is_preset=False,
    ),
    option(
        "Export",
        "--formats",
        metavar="LIST",
        names=FORMATS,
        is_list=True,
        default=DEFAULT_FORMAT,
        show_default=True,
        help="Formats of figures, comma-separated: png, svg, pdf; and saelens, for a folder per "
        "dictionary in the layout of SAELens.",
    ),
    option(
        "Export",
        "--film-width",
        metavar="PIXELS",
        help="Width of the film that g writes [default: 480 to 790, by figure].",
    ),
    option(
        "Export",
        "--overwrite",
        is_flag=True,
        help="Replace the run in DIR; other files there are never touched.",
        is_preset=False,
    ),
    option(
        "Settings",
        "--config",
        metavar="FILE",
        cls=ConfigOption,
        is_preset=False,
        envvar=variable_of("config"),
        help='The config file, if not the usual one: options as lines, such as theme = "paper".',
    ),
    option(
        "Settings",
        "--show-config",
        is_flag=True,
        is_preset=False,
        help="Print every setting and where it is from, as a config file, and exit.",
    ),
    option(
        "Settings",
        "--completion",
        metavar="SHELL",
        names=SHELLS,
        is_preset=False,
        help=f"Print the script that lets a shell complete, and exit: {', '.join(SHELLS)}.",
    ),
    click.option(
        "-V",
        "--version",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_print_version,
        help="Show the version and exit.",
    ),
)
"""Decorators of the command, in the order of the help page."""


def with_options(command: Any) -> Any:
    """The command with all of its options."""
    for decorate in reversed(OPTIONS):
        command = decorate(command)
    return command
