"""Numbers from a file that somebody names: one array in npy, or text with commas or lines."""

import io
import os
import stat
from pathlib import Path

import numpy as np

from superpos_core.errors import InvalidValue
from superpos_core.task.parse_numbers import number

SUFFIXES = (".npy", ".csv", ".txt")
MAX_BYTES = 1 << 20
"""Maximum size of a file: far more than any option takes."""
MAX_HEADER = 4096
"""Maximum characters of the header of an npy file."""
WANTED = f"a file of numbers: {', '.join(SUFFIXES)}"


def is_number_file(text: str) -> bool:
    """Whether a text names a file of numbers, which its ending tells."""
    return Path(text).suffix.lower() in SUFFIXES


def numbers_of_file(option: str, text: str) -> tuple[float, ...]:
    """The numbers in a file; raises ``InvalidValue`` for a file that is not one of numbers."""
    path = Path(text).expanduser()
    content = _content(option, path)
    if path.suffix.lower() == ".npy":
        return _of_npy(option, path, content)
    try:
        words = content.decode("utf-8-sig").replace(",", " ").split()
    except UnicodeDecodeError:
        raise InvalidValue(option, path, "it is not text", WANTED) from None
    return tuple(number(option, word) for word in words)


def _content(option: str, path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # to open a pipe would wait for a writer
            raise InvalidValue(option, path, "it is not a regular file", WANTED)
        if status.st_size > MAX_BYTES:
            reason = f"it has more than {MAX_BYTES >> 20} MiB"
            raise InvalidValue(option, path, reason, WANTED)
        with path.open("rb") as file:
            return file.read(MAX_BYTES)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "it cannot be read"
        raise InvalidValue(option, path, reason, WANTED) from None


def _of_npy(option: str, path: Path, content: bytes) -> tuple[float, ...]:
    """The header is checked before anything is allocated; pickles are never read."""
    file = io.BytesIO(content)
    try:
        np.lib.format.read_magic(file)
        shape, _, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=MAX_HEADER)
    except ValueError:
        raise InvalidValue(option, path, "it is not an npy file", WANTED) from None
    if len(shape) != 1 or dtype.kind not in "fiu":
        reason = f"it holds {dtype} of shape {shape}"
        raise InvalidValue(option, path, reason, "a file with one axis of numbers")
    values = content[file.tell() :]
    if len(values) != shape[0] * dtype.itemsize:
        raise InvalidValue(option, path, "its header contradicts its size", WANTED)
    return tuple(np.frombuffer(values, dtype).astype(np.float64).tolist())
