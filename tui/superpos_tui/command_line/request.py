"""The parsed command line: every value is checked before anything starts."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from superpos_core.engine.choice import EngineChoice, engine_names
from superpos_core.errors import InvalidValue, known_name
from superpos_core.experiments import (
    DEFAULT_EXPERIMENT,
    EXPERIMENTS,
    Experiment,
    Trial,
    current_name,
)
from superpos_core.files.formats import parse_formats
from superpos_core.machine.cores import usable_cores
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dataset import check_data
from superpos_core.task.options import options_of
from superpos_core.task.parse_numbers import number, whole_number
from superpos_core.task.values import listed
from superpos_core.training.pacing import PACES
from superpos_tui.command_line.continuing import resumed
from superpos_tui.look.theme_names import THEME_NAMES
from superpos_tui.process.environment import COLOUR_DEPTHS
from superpos_tui.settings.typed import config_with
from superpos_tui.views.registry import VIEWS, view_of_trial

if TYPE_CHECKING:
    from superpos_core.training.checkpoint import Checkpoint
    from superpos_tui.process.source import Source
    from superpos_tui.selection import Focus
    from superpos_tui.settings.start import ListedRuns

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
    colour: str
    pace: str | None
    view: str
    focus: "Focus"
    export: Path | None
    formats: tuple[str, ...]
    film_width: int | None
    source: "Source | None" = None
    """What was opened, if it is not to be trained."""
    runs: "ListedRuns | None" = None
    """The runs to choose from, if several were opened."""
    run: Path | None = None
    """Where the instrument keeps its run."""
    checkpoint: "Checkpoint | None" = None
    overwrite: bool = False
    ascii: bool = False
    may_open_last_view: bool = False
    """Whether nothing was said about what to open, nor in which view."""


def request_from(given: dict[str, Any]) -> Request:
    """Check everything before anything starts; raises ``InvalidValue``."""
    if given["paths"]:
        from superpos_tui.command_line.opening import opened

        (trial, source), listed = opened(given)
        export = _folder("export", given["export"])
        request = _request(given, (trial,), _engine(given))
        return replace(request, source=source, runs=listed, export=export)
    if given["layout"] is not None and given["start_from"] is None:
        raise InvalidValue("layout", given["layout"], "no file is opened", "a file of weights")
    from superpos_core.training.memory_needed import check_memory

    trials, export, run, checkpoint = _to_train(given)
    engine = _engine(given)
    for trial in trials:
        check_data(trial.config)
        if engine.device == "cpu":
            check_memory(trial.config, engine.engine, engine.threads or usable_cores())
    return replace(
        _request(given, trials, engine),
        export=export,
        run=run,
        checkpoint=checkpoint,
    )


def _to_train(
    given: dict[str, Any],
) -> tuple[tuple[Trial, ...], Path | None, Path | None, "Checkpoint | None"]:
    """The trials, where to export them or keep the run, and where it continues."""
    export, run = _folder("export", given["export"]), _folder("run", given["run"])
    resumes = _folder("resume", given["resume"])
    if resumes is not None:
        export, run = _folders_of_resumed(resumes, export, run)
        trial, checkpoint = resumed(resumes, given)
        return (trial,), export, run, checkpoint
    trials = _trials(given)
    if run is not None:
        if export is not None:
            raise InvalidValue("run", run, "--export keeps the run too", "one of the two")
        _check_run(run, trials[0], overwrite=given["overwrite"])
    return trials, export, run, None


def _request(
    given: dict[str, Any],
    trials: tuple[Trial, ...],
    engine: EngineChoice,
) -> Request:
    return Request(
        trials=trials,
        engine=engine,
        frames_per_second=_frames_per_second(given["fps"]),
        theme=_name("theme", given["theme"], THEME_NAMES),
        colour=known_name("colour", given["colour"], COLOUR_DEPTHS),
        pace=_name("pace", given["pace"], PACES),
        view=_view(given["view"], trials[0]),
        focus=_focus(given["focus"], trials[0]),
        export=None,
        formats=parse_formats(listed(given["formats"])),
        film_width=_film_width(given["film_width"]),
        overwrite=given["overwrite"],
        ascii=given["ascii"],
        may_open_last_view=_says_nothing_of_views(given),
    )


def _says_nothing_of_views(given: Mapping[str, Any]) -> bool:
    opens = (given["paths"], given["start_from"], given["resume"], given["view"], given["focus"])
    return not any(opens) and given["experiment"] == DEFAULT_EXPERIMENT


def _folders_of_resumed(
    resumes: Path, export: Path | None, run: Path | None
) -> tuple[Path | None, Path | None]:
    """The folders to export to and to keep the run in: either is that of the resumed run."""
    for option, folder in (("export", export), ("run", run)):
        if folder is not None and folder.resolve() != resumes.resolve():
            reason = "a resumed run stays in its folder"
            raise InvalidValue(option, folder, reason, str(resumes))
    return (None, resumes) if export is None else (resumes, None)


def _check_run(folder: Path, trial: Trial, *, overwrite: bool) -> None:
    """Raise ``InvalidValue`` unless a new run can be kept in ``folder``."""
    from superpos_core.files.export import check_export

    try:
        check_export(trial.config, folder, (), overwrite=overwrite)
    except InvalidValue as error:
        raise error.of_option("run") from None


def _trials(given: dict[str, Any]) -> tuple[Trial, ...]:
    """The experiments, with typed options in place of their own settings."""
    if given["start_from"] is not None:
        from superpos_tui.command_line.opening import started_from

        return (started_from(given),)
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


def _film_width(typed: str | None) -> int | None:
    if typed is None:
        return None
    from superpos_core.figures.film import check_width

    width = whole_number("film-width", typed)
    check_width(width)
    return width


def _engine(given: dict[str, Any]) -> EngineChoice:
    threads = given["threads"]
    return EngineChoice(
        known_name("engine", given["engine"], engine_names()),
        given["device"].casefold(),
        None if threads is None else whole_number("threads", threads),
    )


def _folder(option: str, typed: str | None) -> Path | None:
    if typed is None:
        return None
    if not typed:
        raise InvalidValue(option, "''", "it names no folder", "a folder, such as out/")
    try:
        return Path(typed).expanduser()  # shells do not expand --export=~/out
    except RuntimeError:
        first, *_ = Path(typed).parts
        raise InvalidValue(
            option, typed, f"{first} has no known home folder", f"./{typed}, or another folder"
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
        return view_of_trial(trial).name
    return known_name("view", typed, VIEWS)


def _name(option: str, typed: str | None, known: Iterable[str]) -> str | None:
    return None if typed is None else known_name(option, typed, known)


def _focus(typed: str | None, trial: Trial) -> "Focus":
    from superpos_tui.selection import Focus, first_focus

    if typed is None:
        return first_focus(trial)
    config = trial.config
    model, _, index = typed.partition(",")
    model = known_name("focus", model.strip(), config.groups)
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
