"""The command line: parse first, import late. ``--help`` imports neither torch nor textual."""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from superpos_core.engine.choice import EngineChoice, engine_names
from superpos_core.engine.registry import engines_on
from superpos_core.errors import EngineError, InvalidValue, known_name
from superpos_core.experiments import (
    DEFAULT_EXPERIMENT,
    EXPERIMENTS,
    Experiment,
    Trial,
    current_name,
)
from superpos_core.machine.cores import usable_cores
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.numbers_typed import number, whole_number
from superpos_core.task.options import options_of
from superpos_core.task.values import listed
from superpos_core.version import version
from superpos_tui.command_line.help_text import GroupedCommand, config_options, option
from superpos_tui.look.theme_names import THEME_NAMES
from superpos_tui.looking import Focus, first_focus
from superpos_tui.process.environment import prepare_for_textual
from superpos_tui.settings.typed import config_with
from superpos_tui.views.registry import VIEWS, view_of_experiment

DEFAULT_FORMAT = "png"
ALL = "all"
LOCAL_FRAMES_PER_SECOND = 10.0
REMOTE_FRAMES_PER_SECOND = 4.0
"""Over SSH every frame costs bandwidth."""
MAX_FRAMES_PER_SECOND = 60.0


@dataclass(frozen=True)
class Request:
    """The parsed command line, all values checked; several trials only for export."""

    trials: tuple[Trial, ...]
    engine: EngineChoice
    frames_per_second: float
    theme: str | None
    view: str
    focus: Focus
    export: Path | None
    formats: tuple[str, ...]


ABOUT = """\
A live instrument for Toy Models of Superposition (Elhage et al. 2022).

It trains tiny models x̂ = ReLU(x·W·Wᵀ + b) and shows W·Wᵀ, the loss and the feature norms while
they learn to keep more features than they have dimensions.
"""


@click.command(
    cls=GroupedCommand, help=ABOUT, context_settings={"help_option_names": ["-h", "--help"]}
)
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
)
@option("Screen", "--theme", metavar="NAME", help=f"Colours: {', '.join(THEME_NAMES)}.")
@option(
    "Export",
    "--export",
    metavar="DIR",
    help="Train without a screen and write figures, numbers and weights to DIR.",
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
    "--overwrite",
    is_flag=True,
    help="Replace the run in DIR; other files there are never touched.",
)
@click.version_option(version(), "-V", "--version", prog_name="superpos-tui")
def command(**given: Any) -> int:
    """Carry out the parsed command line and return the exit code."""
    if given["list_experiments"]:
        return _list_experiments()
    request = _request(given)
    request.engine.check_device()
    if request.export is not None:
        from superpos_tui.headless import export_headless

        return export_headless(
            request.trials,
            request.export,
            request.formats,
            request.engine,
            overwrite=given["overwrite"],
        )
    return _show(request)


def run() -> int:
    """Carry out ``sys.argv`` and return the exit code; invalid input takes one line."""
    try:
        code = command.main(prog_name="superpos-tui", standalone_mode=False)
    except InvalidValue as error:
        return _complain(f"--{error}")
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


def _request(given: dict[str, Any]) -> Request:
    """Check everything before anything starts; raises ``InvalidValue``."""
    from superpos_core.training.memory_needed import check_memory

    trials = _trials(given)
    engine = _engine(given)
    if engine.device == "cpu":
        for trial in trials:
            check_memory(trial.config, engine.engine, engine.threads or usable_cores())
    return Request(
        trials=trials,
        engine=engine,
        frames_per_second=_frames_per_second(given["fps"]),
        theme=_name("theme", given["theme"], THEME_NAMES),
        view=_view(given["view"], trials[0]),
        focus=_focus(given["focus"], trials[0]),
        export=_folder(given["export"]),
        formats=_formats(given["formats"]),
    )


def _trials(given: dict[str, Any]) -> tuple[Trial, ...]:
    """The experiments, with typed options in place of their own settings."""
    name = known_name("experiment", current_name(given["experiment"]), [*EXPERIMENTS, ALL])
    if name != ALL:
        return (_trial(EXPERIMENTS[name], given),)
    if given["export"] is None:
        raise InvalidValue(
            "experiment", ALL, "the screen shows one at a time", "one, or add --export DIR"
        )
    return tuple(_trial(experiment, given) for experiment in EXPERIMENTS.values())


def _trial(experiment: Experiment, given: dict[str, Any]) -> Trial:
    config = experiment.quick_config if given["quick"] else experiment.config
    typed = {
        option.field: given[option.field]
        for option in options_of(ExperimentConfig)
        if given[option.field] is not None
    }
    return Trial(config_with(config, typed), experiment)


def _list_experiments() -> int:
    width = max(map(len, EXPERIMENTS))
    for name, experiment in EXPERIMENTS.items():
        click.echo(f"{name:<{width}}  {experiment.title} ({experiment.section})")
    return 0


def _formats(typed: str) -> tuple[str, ...]:
    if typed == DEFAULT_FORMAT:
        return (DEFAULT_FORMAT,)
    from superpos_core.files.export import parse_formats

    return parse_formats(listed(typed))


def _engine(given: dict[str, Any]) -> EngineChoice:
    threads = given["threads"]
    return EngineChoice(
        known_name("engine", given["engine"], engine_names()),
        given["device"].casefold(),
        None if threads is None else whole_number("threads", threads),
    )


def _folder(typed: str | None) -> Path | None:
    if typed is None:
        return None
    if not typed:
        raise InvalidValue("export", "''", "it names no folder", "a folder, such as out/")
    try:
        return Path(typed).expanduser()  # shells do not expand --export=~/out
    except RuntimeError:
        first, *_ = Path(typed).parts
        raise InvalidValue(
            "export", typed, f"{first} has no known home folder", f"./{typed}, or another folder"
        ) from None


def _frames_per_second(typed: str | None) -> float:
    if typed is None:
        remote = "SSH_CONNECTION" in os.environ
        return REMOTE_FRAMES_PER_SECOND if remote else LOCAL_FRAMES_PER_SECOND
    wanted = number("fps", typed)
    if not 0 < wanted <= MAX_FRAMES_PER_SECOND:
        raise InvalidValue(
            "fps", typed, "out of range", f"a number above 0, up to {MAX_FRAMES_PER_SECOND:g}"
        )
    return wanted


def _view(typed: str | None, trial: Trial) -> str:
    if typed is None:
        return view_of_experiment(trial.experiment).name
    return known_name("view", typed, VIEWS)


def _name(option: str, typed: str | None, known: Iterable[str]) -> str | None:
    return None if typed is None else known_name(option, typed, known)


def _focus(typed: str | None, trial: Trial) -> Focus:
    if typed is None:
        return first_focus(trial)
    config = trial.config
    model, _, index = typed.partition(",")
    model = known_name("focus", model.strip(), config.models)
    setting = whole_number("focus", index.strip() or "0")
    last = len(config.settings) - 1
    if not 0 <= setting <= last:
        raise InvalidValue(
            "focus",
            typed,
            "there is no such setting",
            f"an index from 0 to {last}, such as {model},{last}",
        )
    return Focus(model, setting)


def _show(request: Request) -> int:
    """Open the instrument and return its exit code."""
    from superpos_tui.process.terminal import terminal_problem

    problem = terminal_problem(os.environ)
    if problem is not None:
        return _complain(problem)
    try:
        prepare_for_textual(os.environ)
    except InvalidValue as error:
        return _complain(str(error))
    from superpos_tui.command_line.run import run
    from superpos_tui.settings.remembered import remembered_theme, settings_path
    from superpos_tui.settings.start import Settings

    remembered, notice = remembered_theme(settings_path())
    settings = Settings(
        trial=request.trials[0],
        make_engine=request.engine.make,
        engine=request.engine,
        frames_per_second=request.frames_per_second,
        theme=request.theme or remembered,
        view=request.view,
        focus=request.focus,
        formats=request.formats,
        settings_path=settings_path(),
        notice=notice,
    )
    return run(settings)
