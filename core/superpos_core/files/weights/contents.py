"""What kind of file of arrays it is, told by its content, not by its name."""

import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from superpos_core.files.array_file import UnreadableArrays
from superpos_core.files.weights.found import Contents
from superpos_core.files.weights.numpy_files import arrays_of_npy, arrays_of_npz, opened_archive
from superpos_core.files.weights.safetensors_files import arrays_of_safetensors
from superpos_core.files.weights.torch_files import arrays_of_torch

FORMATS = "safetensors, npz, npy, or a PyTorch file"
FIRST_BYTES = 16
NPY = b"\x93NUMPY"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
LEGACY_TORCH = bytes.fromhex("80028a0a6cfc9c46f920")
"""How PyTorch files began before they were archives: a pickle of a fixed number."""
PICKLE = b"\x80"
OTHERS = {
    b"\x89HDF": "HDF5",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x89PNG": "a picture",
    b"%PDF": "a PDF file",
    b"GGUF": "GGUF",
}

Reader = Callable[[Path], AbstractContextManager[Contents]]


@contextmanager
def arrays_in(path: Path) -> Iterator[Contents]:
    """The arrays of a file of weights, each read only on request while the context is open.

    Raises ``UnreadableArrays`` for anything else, and ``OSError``.
    """
    with _reader_for(path)(path) as contents:
        yield contents


def _reader_for(path: Path) -> Reader:
    first = _first_bytes(path)
    if first.startswith(NPY):
        return arrays_of_npy
    if first.startswith(ZIP):
        return _reader_for_archive(path)
    if first.startswith(LEGACY_TORCH):
        return arrays_of_torch
    if first[8:9] == b"{":  # after the length of the header
        return arrays_of_safetensors
    if first.startswith(PICKLE):
        raise UnreadableArrays("it is a pickle, which may run anything, so it is not read")
    for start, name in OTHERS.items():
        if first.startswith(start):
            raise UnreadableArrays(f"it is {name}")
    raise UnreadableArrays("it is of no known kind")


def _first_bytes(path: Path) -> bytes:
    if not stat.S_ISREG(path.stat().st_mode):  # to open a pipe would wait for a writer
        raise UnreadableArrays("it is not a regular file")
    with path.open("rb") as file:
        first = file.read(FIRST_BYTES)
    if not first:
        raise UnreadableArrays("it is empty")
    return first


def _reader_for_archive(path: Path) -> Reader:
    with opened_archive(path) as archive:
        names = archive.namelist()
    if any(name.endswith("/data.pkl") or name == "data.pkl" for name in names):
        return arrays_of_torch
    if any(name.endswith(".npy") for name in names):
        return arrays_of_npz
    raise UnreadableArrays("it is an archive of other things than arrays")
