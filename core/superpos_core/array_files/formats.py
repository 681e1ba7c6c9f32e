"""What kind of file of arrays it is, told by its content, not by its name."""

import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from superpos_core.array_files.array_file import UnreadableArrays
from superpos_core.array_files.found import Contents
from superpos_core.array_files.numpy_files import arrays_of_npy, arrays_of_npz, opened_archive
from superpos_core.array_files.safetensors_files import arrays_of_safetensors

FIRST_BYTES = 16
NPY = b"\x93NUMPY"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")

Reader = Callable[[Path], AbstractContextManager[Contents]]


def first_bytes(path: Path) -> bytes:
    """The first bytes of a file; raises ``UnreadableArrays`` for what has none, and ``OSError``."""
    if not stat.S_ISREG(path.stat().st_mode):  # to open a pipe would wait for a writer
        raise UnreadableArrays("it is not a regular file")
    with path.open("rb") as file:
        first = file.read(FIRST_BYTES)
    if not first:
        raise UnreadableArrays("it is empty")
    return first


def reader_for(path: Path) -> Reader | None:
    """The reader of an npy, npz or safetensors file; ``None`` for any other."""
    first = first_bytes(path)
    if first.startswith(NPY):
        return arrays_of_npy
    if first.startswith(ZIP):
        with opened_archive(path) as archive:
            names = archive.namelist()
        return arrays_of_npz if any(name.endswith(".npy") for name in names) else None
    if first[8:9] == b"{":  # after the length of the header
        return arrays_of_safetensors
    return None
