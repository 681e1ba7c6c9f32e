"""Reads from a run's folder where its training continues."""

from pathlib import Path

from superpos_core.array_files.array_file import UnreadableArrays
from superpos_core.errors import InvalidValue, reason_of
from superpos_core.files.runs.layout import STATE_FILE, TIMELINE_FOLDER, moment_file
from superpos_core.files.runs.manifest import Manifest
from superpos_core.files.runs.moments import kept_steps
from superpos_core.files.runs.state_file import read_state
from superpos_core.files.runs.stored_parameters import found_parameters
from superpos_core.record.stored import Stored
from superpos_core.record.timeline import Moment, Timeline
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.checkpoint import ENGINE, Checkpoint
from superpos_core.training.jobs import JOBS

OPTION = "resume"


def checkpoint_in(folder: Path) -> Checkpoint:
    """Where the run in ``folder`` continues: its newest state, and the moments up to then.

    Raises ``InvalidValue`` for a folder that holds no run, or one that cannot be resumed.
    """
    if Manifest.read(folder) is None:
        raise InvalidValue(OPTION, folder, "it holds no run", "a folder that --export wrote")
    state = _state_in(folder)
    try:
        config = ExperimentConfig.from_dict(state.facts["config"])
        seconds = float(state.facts["seconds_training"])
        steps = {str(model): int(step) for model, step in state.facts.get("steps", {}).items()}
    except InvalidValue as error:
        raise InvalidValue(OPTION, folder, str(error), "the version that wrote it") from error
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _not_resumable(folder, f"its {STATE_FILE} is not one of a run") from None
    if config.kind not in JOBS:
        raise _not_resumable(folder, f"it is a run of a kind that is not known here, {config.kind}")
    if not state.under(ENGINE) and not state.facts.get("share_done") == 1:
        raise _not_resumable(folder, "it holds a moment of a run, without the optimiser's state")
    timelines = {
        model: _timeline(folder / TIMELINE_FOLDER / model, config, model, step)
        for model, step in steps.items()
    }
    return Checkpoint(config, state, timelines, seconds)


def _state_in(folder: Path) -> Stored:
    try:
        return read_state(folder)
    except FileNotFoundError:
        raise _not_resumable(folder, f"it has no {STATE_FILE}, from which to continue") from None
    except UnreadableArrays as error:
        raise _not_resumable(folder, f"its {STATE_FILE} cannot be read: {error}") from error
    except OSError as error:
        raise _not_resumable(folder, f"its {STATE_FILE}: {reason_of(error)}") from error


def _timeline(folder: Path, config: ExperimentConfig, model: str, last: int) -> Timeline:
    """The kept moments of a model up to the step ``last``, without any that cannot be read."""
    found = {
        step: found_parameters(folder / moment_file(step), config, model)
        for step in sorted(kept_steps(folder))
        if step <= last
    }
    return Timeline(
        tuple(
            Moment(step, parameters) for step, parameters in found.items() if parameters is not None
        )
    )


def _not_resumable(folder: Path, reason: str) -> InvalidValue:
    return InvalidValue(OPTION, folder, reason, "the folder of a run that was trained here")
