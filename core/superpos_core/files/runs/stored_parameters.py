"""Kept moments in files: parameters that are read when needed, one lane or all, and then cached.

A run's folder may hold gigabytes of them, and whoever writes it thins them out. So nothing is read
in advance, memory is bounded, and a file that is gone gives NaN until it leaves the timeline.
Nothing is mapped into memory: a mapped file that shrinks would end the process.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from superpos_core.array_files.array_file import ArrayFile, UnreadableArrays
from superpos_core.arrays import FloatArray, freeze
from superpos_core.record.record import Record
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.parameters import Padding, Parameters, stacked
from superpos_core.task.trained_arrays import array_shapes, trained_arrays

FLOAT_BYTES = 4
CACHE_BYTES = 64 << 20
"""Maximum bytes of arrays that are kept after they were read."""
MAX_SINGLE_LANES = 32
"""Of more lanes than this, all are read at once."""

Version = tuple[int, int]
"""What distinguishes a file from another one of the same name: its size and time of change."""


class ArrayCache:
    """The arrays read most recently, up to a number of bytes; usable from any thread."""

    def __init__(self, bytes_limit: int = CACHE_BYTES) -> None:
        self._bytes_limit = bytes_limit
        self._bytes = 0
        self._arrays: OrderedDict[object, Mapping[str, FloatArray]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: object) -> Mapping[str, FloatArray] | None:
        """What was kept under a key, if it still is."""
        with self._lock:
            if key in self._arrays:
                self._arrays.move_to_end(key)
            return self._arrays.get(key)

    def keep(self, key: object, arrays: Mapping[str, FloatArray]) -> None:
        """Keep arrays under a new key, in place of the oldest ones."""
        size = _bytes_of(arrays)
        if size > self._bytes_limit:
            return
        with self._lock:
            if key in self._arrays:
                return
            self._arrays[key] = arrays
            self._bytes += size
            while self._bytes > self._bytes_limit:
                self._bytes -= _bytes_of(self._arrays.popitem(last=False)[1])


_cache = ArrayCache()


class StoredParameters(Parameters):
    """The parameters of all lanes in a file, of which ``take`` reads only what it returns.

    float32 whatever the file holds, and NaN if the file has gone or been replaced. It can be
    pickled: the file is read wherever the arrays are needed.
    """

    def __init__(
        self, path: Path, version: Version, file_names: Mapping[str, str],
        shapes: Mapping[str, tuple[int, ...]], padding: Padding | None,
    ) -> None:  # fmt: skip
        """``file_names`` and ``shapes``, with the lane axis, are by name of the parameter."""
        self.padding = padding
        self._path = path
        self._version = version
        self._file_names = file_names
        self._shapes = shapes

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def arrays(self) -> Mapping[str, FloatArray]:
        """All arrays of all lanes by name."""
        return self._read(None)

    @property
    def is_there(self) -> bool:
        """Whether the file is still the one that was found."""
        return version_of(self._path) == self._version

    @property
    def is_tied(self) -> bool:
        """Whether the decoder is the encoder's transpose rather than a separate array."""
        return "decoder" not in self._shapes

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays, once read."""
        return FLOAT_BYTES * sum(math.prod(shape) for shape in self._shapes.values())

    def take(self, lanes: int | Sequence[int]) -> Parameters:
        """One lane, without the lane axis, or several lanes, with it."""
        padding = self.padding
        if not isinstance(lanes, Sequence):
            arrays = self._read(int(lanes))
            return Parameters(
                **(arrays if padding is None else padding.cut(arrays, padding.hidden[lanes]))
            )
        if not 0 < len(lanes) <= MAX_SINGLE_LANES:
            return super().take(lanes)
        left = None if padding is None else padding.take(lanes)
        return stacked([self.take(lane) for lane in lanes], left)

    def _read(self, lane: int | None) -> Mapping[str, FloatArray]:
        """All arrays of one lane or, with ``None``, of all lanes."""
        key = (self._path, self._version, lane)
        found = _cache.get(key)
        if found is None:
            try:
                found = self._read_file(lane)
            except (OSError, UnreadableArrays, LookupError):
                return self._missing(lane)  # not kept: it may only be out of reach
            _cache.keep(key, found)
        return found

    def _read_file(self, lane: int | None) -> dict[str, FloatArray]:
        with ArrayFile(self._path) as file:
            if not self.is_there:
                raise LookupError
            return {
                name: as_float32(
                    file.read(in_file) if lane is None else file.read_at(in_file, lane)
                )
                for name, in_file in self._file_names.items()
            }

    def _missing(self, lane: int | None) -> dict[str, FloatArray]:
        nan = np.float32(np.nan)
        return {
            name: np.broadcast_to(nan, shape if lane is None else shape[1:])
            for name, shape in self._shapes.items()
        }


def found_parameters(path: Path, config: ExperimentConfig, name: str) -> StoredParameters | None:
    """The parameters of a group's lanes in a file; ``None`` as long as it does not hold them."""
    version, lanes = version_of(path), config.lanes_of(name)
    trained, in_lane = trained_arrays(name), array_shapes(config, name)
    shapes = {each.name: (len(lanes), *in_lane[each.name]) for each in trained}
    try:
        with ArrayFile(path) as file:
            fits = all(
                file.arrays[each.file_name].shape == shapes[each.name]
                and "F" in file.arrays[each.file_name].dtype
                for each in trained
            )
    except (OSError, UnreadableArrays, KeyError):
        return None
    if not fits or version is None or version_of(path) != version:
        return None
    names = {each.name: each.file_name for each in trained}
    return StoredParameters(path, version, names, shapes, config.padding_of(lanes))


def is_read_from(record: Record, folder: Path) -> bool:
    """Whether moments of a record are in a folder: whoever wrote there would destroy them."""
    return any(
        isinstance(moment.parameters, StoredParameters)
        and folder.resolve() in moment.parameters.path.resolve().parents
        for group in record.groups.values()
        for moment in group.timeline.moments[:1]
    )


def version_of(path: Path) -> Version | None:
    """The version of a file; ``None`` if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def as_float32(array: np.ndarray[Any, Any]) -> FloatArray:
    """An array from a file as read-only float32."""
    with np.errstate(all="ignore"):
        return freeze(array.astype(np.float32, copy=False))


def _bytes_of(arrays: Mapping[str, FloatArray]) -> int:
    return sum(array.nbytes for array in arrays.values())
