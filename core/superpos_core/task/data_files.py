"""Data in files that somebody names: read once, checked, and known by their content.

A config holds the path with the start of the content's SHA-256, such as
``/home/ada/rows.npy#sha256=0123456789abcdef``: a run goes on, or is repeated, with the same numbers
or not at all.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superpos_core.array_files.array_file import UnreadableArrays
from superpos_core.array_files.formats import reader_for
from superpos_core.array_files.found import listed
from superpos_core.arrays import FloatArray
from superpos_core.errors import InvalidValue, in_one_line, reason_of
from superpos_core.task.values import ValueType

MARK = "#sha256="
DIGITS = 16
"""Hexadecimal digits of the hash that are kept: enough to notice any change by accident."""
FORMATS = "npy, npz, safetensors or csv"
MAX_ENTRIES = 1 << 26
"""Maximum rows × columns: 256 MiB of float32."""
MAX_TEXT = 1 << 30
"""Maximum bytes of a csv file."""
MAX_MAGNITUDE = 1e6
"""Squares of larger values leave float32 too few digits for the others."""


@dataclass(frozen=True)
class DataFile(ValueType):
    """A file of one matrix, or none.

    ``check_matrix`` raises ``InvalidValue`` for a matrix that the option cannot take; it gets the
    option, the path and the matrix. ``distribution`` is the kind of data that such a file implies.
    """

    metavar = "FILE"
    distribution: str
    check_matrix: Callable[[str, Path, FloatArray], None]

    def read(self, option: str, text: str) -> str:
        if not text:
            return ""
        typed, _, digits = text.partition(MARK)
        path = _absolute(option, typed)
        value = f"{path}{MARK}{digits or _digest(option, path)}"
        self.check_matrix(option, path, matrix_of(option, value))
        return value

    def implied(self, option: str, value: str) -> Mapping[str, Any]:
        if not value:
            return {}
        columns = matrix_of(option, value).shape[1]
        return {"distribution": self.distribution, "features": columns}

    def check(self, option: str, value: object) -> None:
        if not isinstance(value, str):
            raise InvalidValue(option, value, "it is not a path", f"a file ({FORMATS})")
        path, _, digits = value.partition(MARK)
        if value and not (path and len(digits) == DIGITS):
            reason = "it does not say which content"
            raise InvalidValue(option, value, reason, f"a path with {MARK} and {DIGITS} digits")


@lru_cache(maxsize=4)
def matrix_of(option: str, value: str) -> FloatArray:
    """The matrix in the file of a config, (rows, columns), float32, read-only.

    Raises ``InvalidValue`` for a file that is gone, has changed since it was chosen, or holds
    anything but one finite matrix.
    """
    typed, _, digits = value.partition(MARK)
    path = Path(typed)
    if _digest(option, path) != digits:
        reason = f"it has changed since it was chosen (its SHA-256 began with {digits})"
        raise InvalidValue(option, path, reason, "the file as it was, or a new run")
    try:
        values = _values(path)
        if values.ndim != 2 or 0 in values.shape:
            shape = "×".join(map(str, values.shape)) or "a single number"
            raise UnreadableArrays(f"it holds {shape}, not rows of features")
        if values.size > MAX_ENTRIES:
            raise UnreadableArrays(f"it holds more than {MAX_ENTRIES:,} numbers")
        matrix = np.ascontiguousarray(values, dtype=np.float32)
    except UnreadableArrays as error:
        wanted = f"one matrix (rows, features) in {FORMATS}"
        raise InvalidValue(option, path, str(error), wanted) from error
    except OSError as error:
        raise InvalidValue(option, path, reason_of(error), f"a file ({FORMATS})") from error
    except MemoryError as error:
        raise InvalidValue(option, path, "not enough memory", "a smaller file") from error
    _check_values(option, path, matrix)
    matrix.flags.writeable = False
    return matrix


def _check_values(option: str, path: Path, matrix: FloatArray) -> None:
    with np.errstate(invalid="ignore"):
        is_sound = np.abs(matrix) <= MAX_MAGNITUDE
    if not is_sound.all():
        row, column = (int(index) for index in np.argwhere(~is_sound)[0])
        reason = f"row {row}, column {column} is {matrix[row, column]:g}"
        wanted = f"finite numbers up to ±{MAX_MAGNITUDE:,.0f}"
        raise InvalidValue(option, path, reason, wanted)


def _absolute(option: str, typed: str) -> Path:
    try:
        return Path(typed).expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise InvalidValue(option, typed, in_one_line(error), f"a file ({FORMATS})") from None


def _digest(option: str, path: Path) -> str:
    try:
        if not path.is_file():  # to open a pipe would wait for a writer
            reason = "it is not a regular file" if path.exists() else "there is no such file"
            raise InvalidValue(option, path, reason, f"a file ({FORMATS})")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:DIGITS]
    except (OSError, ValueError) as error:
        if isinstance(error, InvalidValue):
            raise
        reason = reason_of(error) if isinstance(error, OSError) else str(error)
        raise InvalidValue(option, path, reason, f"a file ({FORMATS})") from None


def _values(path: Path) -> NDArray[Any]:
    """The only numeric array of a file; raises ``UnreadableArrays`` and ``OSError``."""
    reader = reader_for(path)
    if reader is None:
        return _of_text(path)
    with reader(path) as contents:
        arrays = list(contents.arrays.values())
        if len(arrays) != 1:
            raise UnreadableArrays(f"it holds {len(arrays)} arrays ({listed(arrays)}), not one")
        values = arrays[0].read()
    if values.dtype.kind not in "fiub":
        raise UnreadableArrays(f"it holds {values.dtype}, not numbers")
    return values


def _of_text(path: Path) -> NDArray[Any]:
    """Comma-separated numbers, one row a line, after at most one line of names."""
    if path.stat().st_size > MAX_TEXT:
        raise UnreadableArrays(f"it has more than {MAX_TEXT >> 30} GiB of text")
    try:
        with path.open(encoding="utf-8-sig") as file:
            names = 0 if _is_numbers(file.readline(1 << 20)) else 1
            file.seek(0)
            return np.loadtxt(file, np.float32, delimiter=",", skiprows=names, ndmin=2)
    except ValueError as error:  # and UnicodeDecodeError
        raise UnreadableArrays(f"it is no table of numbers ({in_one_line(error)})") from None


def _is_numbers(line: str) -> bool:
    try:
        [float(cell) for cell in line.split(",")]
    except ValueError:
        return False
    return True
