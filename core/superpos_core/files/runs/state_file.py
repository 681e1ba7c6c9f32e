"""``state.safetensors``: the newest record, and everything that training needs to continue."""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from superpos_core.array_files.array_file import ArrayFile, UnreadableArrays
from superpos_core.files import storage
from superpos_core.files.runs.layout import STATE_FILE
from superpos_core.record.stored import Stored

FACTS_KEY = "facts"
"""The only metadata key, as in ``storage``."""


def write_state(folder: Path, stored: Stored) -> None:
    """Replace the state in a run's folder, whole or not at all; raises ``storage.WriteError``."""
    from safetensors.numpy import save

    # Not ascontiguousarray: it gives an axis to arrays that have none.
    arrays = {name: np.asarray(array, order="C") for name, array in stored.arrays.items()}
    metadata = {FACTS_KEY: storage.strict_json(stored.facts, indent=None)}
    storage.write_bytes(folder / STATE_FILE, save(arrays, metadata=metadata))


def read_state(folder: Path, without: Iterable[str] = ()) -> Stored:
    """The state in a run's folder, ``without`` the arrays below these names.

    Raises ``OSError`` if there is none, and ``UnreadableArrays`` if it is not one.
    """
    with ArrayFile(folder / STATE_FILE) as file:
        try:
            facts = json.loads(file.metadata[FACTS_KEY])
        except (KeyError, ValueError) as error:
            raise UnreadableArrays("it holds no facts") from error
        if not isinstance(facts, dict):
            raise UnreadableArrays("its facts are not an object")
        unwanted = tuple(f"{name}/" for name in without)
        names = [name for name in file.arrays if not name.startswith(unwanted)]
        return Stored({name: file.read(name) for name in names}, facts)
