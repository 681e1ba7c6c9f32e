"""Reading npy and npz files: never a pickle, and nothing larger than their headers admit.

The header of an array is checked against the bytes that are there before anything is allocated.
"""

import math
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from superpos_core.array_files.array_file import MAX_AXES, MAX_BYTES, UnreadableArrays
from superpos_core.array_files.found import Contents, FoundArray
from superpos_core.errors import printable

NPY = ".npy"
LENGTHS = {b"\x93NUMPY\x01\x00": 2, b"\x93NUMPY\x02\x00": 4}
"""The bytes of the header's length, by version; a later version is for records."""
MAGIC_SIZE = 8
MAX_HEADER = 4096
"""Maximum characters of a header: far more than a shape needs."""
HEADER = re.compile(
    r"\s*\{(?:\s|,|'descr':\s*'(?P<descr>[<>|=]?[a-zA-Z]\d{0,4})'"
    r"|'fortran_order':\s*(?P<fortran>True|False)|'shape':\s*\((?P<shape>[\d,\s]{0,200})\))*\}\s*"
)
MAX_MEMBERS = 100_000
MAX_UNPACKED = 1 << 30
"""Maximum bytes that the members of an archive may unpack to, all together."""
CHUNK = 1 << 20
DAMAGED_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,  # an unknown compression
    RuntimeError,  # a password
    EOFError,
    ValueError,
)
"""What ``zipfile`` raises for an archive that is not one."""
Header = tuple[tuple[int, ...], bool, np.dtype[Any]]
"""The shape, whether it is in Fortran's order, and the dtype."""


@contextmanager
def arrays_of_npy(path: Path) -> Iterator[Contents]:
    """The only array of an npy file, named after the file; raises ``UnreadableArrays``."""
    with path.open("rb") as file:
        header = _header_of(file, path.name)
        start = file.tell()
        _check_size(header, path.stat().st_size - start, path.name)

        def read() -> NDArray[Any]:
            file.seek(start)
            return _values(file, header, path.name)

        yield Contents({path.stem: _found(path.stem, header, read)})


@contextmanager
def arrays_of_npz(path: Path) -> Iterator[Contents]:
    """The arrays of an npz file; raises ``UnreadableArrays``."""
    with opened_archive(path) as archive:
        members = [each for each in archive.infolist() if each.filename.endswith(NPY)]
        found = [_found_in(archive, each) for each in members]
        yield Contents({array.name: array for array in found})


@contextmanager
def opened_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip archive, its members checked; raises ``UnreadableArrays`` for any other file."""
    with _damage_explained():
        archive = zipfile.ZipFile(path)
    with archive:
        _check_members(archive)
        yield archive


@contextmanager
def _damage_explained() -> Iterator[None]:
    """Whatever is wrong with an archive is ``UnreadableArrays``."""
    try:
        yield
    except UnreadableArrays:
        raise
    except DAMAGED_ARCHIVE as error:
        raise UnreadableArrays(f"it is a damaged archive ({printable(error)})") from error


def _check_members(archive: zipfile.ZipFile) -> None:
    """Raise ``UnreadableArrays`` for too many members, too large ones, and repeated names."""
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise UnreadableArrays(f"it is an archive of more than {MAX_MEMBERS:,} members")
    if len({each.filename for each in members}) < len(members):
        raise UnreadableArrays("it is an archive with two members of one name")
    unpacked = sum(each.file_size for each in members)
    if unpacked > MAX_UNPACKED:
        limit = f"more than the {MAX_UNPACKED >> 30} GiB that are read"
        raise UnreadableArrays(f"it unpacks to {unpacked:,} bytes, {limit}")


def _found_in(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> FoundArray:
    name = member.filename.removesuffix(NPY)
    with _damage_explained(), archive.open(member) as file:
        header = _header_of(file, name)
        _check_size(header, member.file_size - file.tell(), name)

    def read() -> NDArray[Any]:
        with _damage_explained(), archive.open(member) as file:
            return _values(file, _header_of(file, name), name)

    return _found(name, header, read)


def _found(name: str, header: Header, read: Callable[[], NDArray[Any]]) -> FoundArray:
    shape, _, dtype = header
    return FoundArray(name, dtype.name if dtype.names is None else "records", shape, read)


def _header_of(file: IO[bytes], name: str) -> Header:
    """The header at the start of an npy file.

    numpy's own reader evaluates it as a Python literal, which hostile ones make slow or fail in
    unforeseen ways.
    """
    length = LENGTHS.get(file.read(MAGIC_SIZE))
    size = int.from_bytes(file.read(length), "little") if length else MAX_HEADER + 1
    text = file.read(size) if size <= MAX_HEADER else b""
    found = HEADER.fullmatch(text.decode("latin1"))
    if found is None or len(text) < size or None in found.groups():
        raise UnreadableArrays(f"the header of {printable(name)} is damaged, or one of records")
    shape = tuple(int(axis) for axis in found["shape"].split(",") if axis.strip())
    try:
        dtype = np.dtype(found["descr"])
    except TypeError:
        raise UnreadableArrays(f"{printable(name)} has dtype {printable(found['descr'])}") from None
    if len(shape) > MAX_AXES or math.prod(axis or 1 for axis in shape) * dtype.itemsize > MAX_BYTES:
        raise UnreadableArrays(f"{printable(name)} has an impossible shape")
    return shape, found["fortran"] == "True", dtype


def _check_size(header: Header, nbytes: int, name: str) -> None:
    """Raise ``UnreadableArrays`` unless exactly the array's bytes follow its header."""
    shape, _, dtype = header
    if dtype.hasobject:  # a pickle follows, which is never read
        return
    wanted = math.prod(shape) * dtype.itemsize
    if wanted != nbytes:
        fault = "is truncated" if wanted > nbytes else "is followed by something else"
        raise UnreadableArrays(f"{printable(name)} {fault}")


def _values(file: IO[bytes], header: Header, name: str) -> NDArray[Any]:
    """The values that follow the header."""
    shape, is_fortran, dtype = header
    if dtype.hasobject:
        raise UnreadableArrays(f"{printable(name)} holds Python objects, which are never read")
    values = np.empty(math.prod(shape), dtype=dtype)
    buffer, filled = values.view(np.uint8).data, 0
    while filled < len(buffer):
        chunk = file.read(min(CHUNK, len(buffer) - filled))
        if not chunk:
            raise UnreadableArrays(f"it ends within {printable(name)}")
        buffer[filled : filled + len(chunk)] = chunk
        filled += len(chunk)
    return values.reshape(shape, order="F" if is_fortran else "C")
