"""What kind of file of weights it is, told by its content, not by its name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from superpos_core.array_files.array_file import UnreadableArrays
from superpos_core.array_files.formats import ZIP, Reader, first_bytes, reader_for
from superpos_core.array_files.found import Contents
from superpos_core.array_files.numpy_files import opened_archive
from superpos_core.files.weights.torch_files import arrays_of_torch

FORMATS = "safetensors, npz, npy, or a PyTorch file"
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


@contextmanager
def arrays_in(path: Path) -> Iterator[Contents]:
    """The arrays of a file of weights, each read only on request while the context is open.

    Raises ``UnreadableArrays`` for anything else, and ``OSError``.
    """
    with _reader_for(path)(path) as contents:
        yield contents


def _reader_for(path: Path) -> Reader:
    first = first_bytes(path)
    if first.startswith(LEGACY_TORCH) or (first.startswith(ZIP) and _is_torch_archive(path)):
        return arrays_of_torch
    if (reader := reader_for(path)) is not None:
        return reader
    if first.startswith(ZIP):
        raise UnreadableArrays("it is an archive of other things than arrays")
    if first.startswith(PICKLE):
        raise UnreadableArrays("it is a pickle, which may run anything, so it is not read")
    for start, name in OTHERS.items():
        if first.startswith(start):
            raise UnreadableArrays(f"it is {name}")
    raise UnreadableArrays("it is of no known kind")


def _is_torch_archive(path: Path) -> bool:
    with opened_archive(path) as archive:
        return any(name.endswith("/data.pkl") or name == "data.pkl" for name in archive.namelist())
