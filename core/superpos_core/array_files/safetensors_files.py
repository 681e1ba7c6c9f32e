"""Reading safetensors files of weights."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from superpos_core.array_files.array_file import DTYPES, ArrayFile
from superpos_core.array_files.found import Contents, FoundArray


@contextmanager
def arrays_of_safetensors(path: Path) -> Iterator[Contents]:
    """The arrays of a safetensors file; raises ``UnreadableArrays``."""
    with ArrayFile(path) as file:
        yield Contents(found_in(file), file.metadata)


def found_in(file: ArrayFile) -> dict[str, FoundArray]:
    """The arrays of an open file."""
    return {
        name: FoundArray(name, _dtype_name(array.dtype), array.shape, partial(file.read, name))
        for name, array in file.arrays.items()
    }


def _dtype_name(dtype: str) -> str:
    return "bfloat16" if dtype == "BF16" else np.dtype(DTYPES[dtype]).name
