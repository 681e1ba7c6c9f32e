"""A kept moment on disk: the weights of all lanes of a group at one step, as one file."""

import os
from pathlib import Path

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.files import storage
from superpos_core.files.runs.layout import MOMENT_FILE, TIMELINE_FOLDER, moment_file
from superpos_core.record.lane_group import named_for_files
from superpos_core.task.parameters import Parameters


def moment_path(folder: Path, name: str, step: int) -> Path:
    """Where a run's ``folder`` holds the moment of a model or kind of dictionary at ``step``."""
    return folder / TIMELINE_FOLDER / name / moment_file(step)


def kept_steps(folder: Path) -> set[int]:
    """The steps of the moments in the folder of a group; none if it cannot be read (yet)."""
    try:
        with os.scandir(folder) as entries:
            found = [MOMENT_FILE.fullmatch(entry.name) for entry in entries]
    except OSError:
        return set()
    return {int(match[1]) for match in found if match is not None}


def write_moment(folder: Path, name: str, step: int, parameters: Parameters) -> Path:
    """Write the parameters of all lanes, whole or not at all; returns the path.

    ``name`` is that of a model or a kind of dictionary. The arrays have their names in files, and
    lanes as leading axis. Raises ``storage.WriteError``; ``folder`` has to exist, so that a run
    whose folder was removed does not come back in parts.
    """
    from safetensors.numpy import save

    path = moment_path(folder, name, step)
    arrays: dict[str, FloatArray] = {
        in_file: np.ascontiguousarray(array, dtype=np.float32)
        for in_file, array in named_for_files(name, parameters).items()
    }
    try:
        for parent in (path.parent.parent, path.parent):
            parent.mkdir(exist_ok=True)
    except OSError as error:
        raise storage.WriteError(path, error) from error
    storage.write_bytes(path, save(arrays))
    return path
