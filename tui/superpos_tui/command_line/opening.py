"""Opens the paths on the command line: what there is becomes a source that does not train."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from superpos_core.errors import PATH, InvalidValue
from superpos_core.experiments import DEFAULT_EXPERIMENT, EXPERIMENTS, Trial, current_name
from superpos_core.files.runs.kinds import kind_of
from superpos_core.files.runs.listing import RunLister
from superpos_core.files.runs.reader import RunReader
from superpos_core.files.weights.opening import open_weights
from superpos_core.files.weights.starting import training_from
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.options import options_of
from superpos_core.training.jobs import check_trainable
from superpos_tui.process.opened_run import NothingOpened, OpenedFile, OpenedRun
from superpos_tui.process.source import Opened
from superpos_tui.settings.start import ListedRuns


def opened(given: dict[str, Any]) -> tuple[Opened, ListedRuns | None]:
    """The run to show with its source, and the list to choose from if there are several.

    Raises ``InvalidValue`` for what cannot be opened.
    """
    _check_options(given)
    for option, field in (("from", "start_from"), ("run", "run"), ("resume", "resume")):
        if given[field] is not None:
            reason = "a path is opened, not trained"
            raise InvalidValue(option, given[field], reason, "one of both")
    typed, options = _typed_options(given), _options(given)
    paths = [_path(each) for each in given["paths"]]
    kinds = [kind_of(path) for path in paths]
    if kinds == ["weights"]:
        return _opened_weights(paths[0], given["layout"], typed, options), None
    if given["layout"] is not None:
        reason = "a run's folder says itself how its files are laid out"
        raise InvalidValue("layout", given["layout"], reason, "no --layout")
    if kinds == ["run"]:
        return _opened_run(paths[0], typed, options), None
    for path, kind in zip(paths, kinds, strict=True):
        if kind == "weights":
            reason = "several files of weights are not shown together"
            raise InvalidValue(PATH, path, reason, "one file, or runs and folders of runs")
    if given["export"] is not None:
        choices = "the folders of the runs: each holds its own"
        raise InvalidValue("export", given["export"], "nothing is trained", choices)
    nothing: Opened = Trial(EXPERIMENTS[DEFAULT_EXPERIMENT].config), NothingOpened()
    return nothing, ListedRuns(RunLister(paths), partial(_opened_run, typed=typed, options=options))


def _opened_weights(
    path: Path, layout: str | None, typed: Mapping[str, str], options: Sequence[str]
) -> Opened:
    snapshot = open_weights(path, layout, typed)
    trial = Trial(snapshot.config, EXPERIMENTS.get(current_name(snapshot.config.name)))
    return trial, OpenedFile(snapshot, path, options)


def _opened_run(path: Path, typed: Mapping[str, str], options: Sequence[str]) -> Opened:
    reader = RunReader(path, typed)
    return Trial(reader.config, reader.experiment), OpenedRun(reader, options)


def started_from(given: dict[str, Any]) -> Trial:
    """The run that trains from the weights of a file; raises ``InvalidValue`` if there is none."""
    _check_options(given, "what is trained is in the file", "a file")
    path = _path(given["start_from"])
    config, start = training_from(path, given["layout"], _typed_options(given))
    check_trainable(config)
    return Trial(config, start=start)


def _check_options(
    given: dict[str, Any],
    reason: str = "an opened run is not trained",
    instead: str = "a path",
) -> None:
    """Refuse options that say what to train, because that follows from what is opened."""
    chosen = given["experiment"]
    if chosen != DEFAULT_EXPERIMENT:
        choices = f"it without {instead}, or {instead} without it"
        raise InvalidValue("experiment", chosen, reason, choices)
    if given["quick"]:
        raise InvalidValue("quick", "", reason, f"{instead} without it")


def _typed_options(given: dict[str, Any]) -> dict[str, str]:
    """The options of the config by field: they can say what a file leaves open."""
    return {
        option.field: given[option.field]
        for option in options_of(ExperimentConfig)
        if given[option.field] is not None
    }


def _options(given: Mapping[str, Any]) -> list[str]:
    """The same as words on a command line, with the layout."""
    words = [] if given["layout"] is None else ["--layout", given["layout"]]
    for option in options_of(ExperimentConfig):
        if given[option.field] is not None:
            words += [f"--{option.name}", given[option.field]]
    return words


def _path(typed: str) -> Path:
    try:
        return Path(typed).expanduser()
    except RuntimeError:  # an unknown user's home
        return Path(typed)
