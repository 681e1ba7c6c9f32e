"""Reading safetensors lazily, and without trust in what the file says about itself.

The header is checked as a whole before anything is allocated for an array: afterwards every array
is known to lie within the file, so none can take more memory than the file has bytes. Weights of
unknown origin and the folders of runs are both read with it.
"""

import json
import math
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from superpos_core.errors import printable

HEADER_SIZE_BYTES = 8
MAX_HEADER = 32 << 20
"""Maximum bytes of a header: more than 100,000 lanes of a run need."""
MAX_AXES = 8
MAX_BYTES = 1 << 48
"""Maximum bytes of an array if its axes of size 0 had size 1; numpy cannot hold larger shapes."""
METADATA = "__metadata__"

DTYPES: Mapping[str, str] = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "|u1",
    "BOOL": "|b1",
}
"""The names in a header and how numpy spells their bytes. BF16 is read as float32."""


class UnreadableArrays(ValueError):
    """A file does not hold the arrays that it promises; the message says why, without the path."""


@dataclass(frozen=True)
class StoredArray:
    """An array in a file: what the header says of it. ``dtype`` is a name of ``DTYPES``.

    ``start`` is the position of its first byte in the file.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    nbytes: int

    def at(self, index: int) -> "StoredArray":
        """One entry along the first axis; raises ``IndexError`` if there is none."""
        if not self.shape or not 0 <= index < self.shape[0]:
            raise IndexError(f"{self.name} has no entry {index}")
        nbytes = self.nbytes // self.shape[0]
        start = self.start + index * nbytes
        return StoredArray(self.name, self.dtype, self.shape[1:], start, nbytes)


class ArrayFile:
    """An open safetensors file: the table of its arrays, each read when asked for.

    Use it as a context manager, in one thread at a time. A file that is replaced while it is open
    stays readable as it was.
    """

    def __init__(self, path: Path) -> None:
        """Open a file and check its header.

        Raises ``UnreadableArrays`` for a file that is damaged or not safetensors, and ``OSError``.
        """
        if not stat.S_ISREG(path.stat().st_mode):  # to open a pipe would wait for a writer
            raise UnreadableArrays("it is not a regular file")
        self._file: RawIOBase = path.open("rb", buffering=0)
        try:
            self.arrays, self.metadata = _table(self._file, os.fstat(self._file.fileno()).st_size)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def read(self, name: str) -> NDArray[Any]:
        """A whole array; raises ``KeyError`` for an unknown name, and as ``_read`` does."""
        return self._read(self.arrays[name])

    def read_at(self, name: str, index: int) -> NDArray[Any]:
        """One entry along the first axis, such as one lane of a stack, reading only its bytes.

        Raises ``KeyError`` and ``IndexError`` for what does not exist, and as ``_read`` does.
        """
        return self._read(self.arrays[name].at(index))

    def _read(self, array: StoredArray) -> NDArray[Any]:
        """Raises ``UnreadableArrays`` if the file has shrunk, and ``OSError``."""
        values = np.empty(array.shape, dtype=DTYPES[array.dtype])
        _fill(self._file, array.start, values.reshape(-1).view(np.uint8).data, array.name)
        if array.dtype == "BF16":  # the upper half of a float32
            return (values.astype(np.uint32) << 16).view(np.float32)
        return values.astype(values.dtype.newbyteorder("="), copy=False)


def _fill(file: RawIOBase, start: int, buffer: memoryview, what: str) -> None:
    """Read bytes from ``start`` until the buffer is full."""
    file.seek(start)
    filled = 0
    while filled < len(buffer):
        count = file.readinto(buffer[filled:])
        if not count:
            raise UnreadableArrays(f"it ends within {printable(what)}")
        filled += count


def _table(file: RawIOBase, size: int) -> tuple[dict[str, StoredArray], dict[str, str]]:
    """All arrays by name, and the metadata of a file of ``size`` bytes."""
    if size < HEADER_SIZE_BYTES:
        raise UnreadableArrays("it is too short for safetensors")
    prefix = bytearray(HEADER_SIZE_BYTES)
    _fill(file, 0, memoryview(prefix), "the header")
    header_size = int.from_bytes(prefix, "little")
    start = HEADER_SIZE_BYTES + header_size
    if start > size:
        raise UnreadableArrays("its header is longer than the file")
    if header_size > MAX_HEADER:
        raise UnreadableArrays(f"its header has more than {MAX_HEADER >> 20} MiB")
    text = bytearray(header_size)
    _fill(file, HEADER_SIZE_BYTES, memoryview(text), "the header")
    header = _parsed(text)
    metadata = header.pop(METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(x, str) for x in metadata.values()):
        raise UnreadableArrays("its metadata are not texts")
    arrays = [_stored(name, entry, start) for name, entry in header.items()]
    _check_coverage(arrays, start, size)
    return {array.name: array for array in arrays}, metadata


def _parsed(text: bytearray) -> dict[str, Any]:
    try:
        header = json.loads(text, object_pairs_hook=_without_repetition)
    except UnreadableArrays:
        raise
    except (ValueError, RecursionError):
        raise UnreadableArrays("its header is not JSON") from None
    if not isinstance(header, dict):
        raise UnreadableArrays("its header is not a table of arrays")
    return header


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; readers disagree on which value of a repeated name counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UnreadableArrays("its header names something twice")
    return found


def _stored(name: str, entry: Any, start: int) -> StoredArray:
    """The array described by an entry of the header; the data start at byte ``start``."""
    try:
        dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    except (KeyError, TypeError):
        raise UnreadableArrays(f"its header does not describe {printable(name)}") from None
    if not (isinstance(dtype, str) and dtype in DTYPES):
        fault = f"has dtype {printable(dtype)}, which is not one of {', '.join(DTYPES)}"
        raise UnreadableArrays(f"{printable(name)} {fault}")
    if not (_are_sizes(shape) and _are_sizes(offsets) and len(offsets) == 2):
        raise UnreadableArrays(f"the shape or offsets of {printable(name)} are not sizes")
    begin, end = offsets
    itemsize = np.dtype(DTYPES[dtype]).itemsize
    if len(shape) > MAX_AXES or math.prod(axis or 1 for axis in shape) * itemsize > MAX_BYTES:
        raise UnreadableArrays(f"{printable(name)} has an impossible shape")
    if end - begin != math.prod(shape) * itemsize:
        raise UnreadableArrays(f"the shape of {printable(name)} contradicts its bytes")
    return StoredArray(name, dtype, tuple(shape), start + begin, end - begin)


def _are_sizes(values: object) -> bool:
    """Whether it is a list of whole numbers from 0; true and false are none."""
    return isinstance(values, list) and all(type(value) is int and value >= 0 for value in values)


def _check_coverage(arrays: list[StoredArray], start: int, size: int) -> None:
    """Raise ``UnreadableArrays`` unless the arrays cover all data, without overlaps or gaps."""
    position = start
    for array in sorted(arrays, key=lambda each: (each.start, each.nbytes)):
        if array.start != position:
            fault = "overlaps another array" if array.start < position else "follows a gap"
            raise UnreadableArrays(f"{printable(array.name)} {fault}")
        position += array.nbytes
    if position != size:
        fault = "truncated" if position > size else "longer than its header says"
        raise UnreadableArrays(f"it is {fault}")
