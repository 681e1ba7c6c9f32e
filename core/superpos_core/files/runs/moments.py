"""A kept moment on disk: the weights of all lanes of a model at one step, as one file."""

import os
from pathlib import Path

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.files import storage
from superpos_core.files.runs.layout import MOMENT_FILE, TIMELINE_FOLDER, moment_file
from superpos_core.task.models import Model
from superpos_core.task.parameters import Parameters


def moment_path(folder: Path, model: str, step: int) -> Path:
    """Where a run's ``folder`` holds the moment of a model at ``step``."""
    return folder / TIMELINE_FOLDER / model / moment_file(step)


def kept_steps(folder: Path) -> set[int]:
    """The steps of the moments in the folder of a model; none if it cannot be read (yet)."""
    try:
        with os.scandir(folder) as entries:
            found = [MOMENT_FILE.fullmatch(entry.name) for entry in entries]
    except OSError:
        return set()
    return {int(match[1]) for match in found if match is not None}


def write_moment(folder: Path, model: Model, step: int, parameters: Parameters) -> Path:
    """Write the parameters of all lanes, whole or not at all; returns the path.

    The arrays have their names in files, and lanes as leading axis. Raises ``storage.WriteError``;
    ``folder`` has to exist, so that a run whose folder was removed does not come back in parts.
    """
    from safetensors.numpy import save

    path = moment_path(folder, model.name, step)
    arrays: dict[str, FloatArray] = {
        each.file_name: np.ascontiguousarray(parameters.arrays[each.name], dtype=np.float32)
        for each in model.trained
    }
    try:
        for parent in (path.parent.parent, path.parent):
            parent.mkdir(exist_ok=True)
    except OSError as error:
        raise storage.WriteError(path, error) from error
    storage.write_bytes(path, save(arrays))
    return path
