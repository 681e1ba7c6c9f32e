"""Reads ``loss.csv`` while it is written, in bounded memory."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from superpos_core.arrays import FloatArray, IntArray, freeze
from superpos_core.record.history import CAPACITY, MAX_ELEMENTS, RECENT, LossCurve

CHUNK_BYTES = 1 << 20
"""Maximum bytes per refresh: about two hundredths of a second."""
REMEMBERED_BYTES = 256
"""How much of what was read last is compared, to notice that the file has been replaced."""


class LossReader:
    """The curves of every model in a growing file, whose columns are the models' lanes in order.

    A torn last line is read when it is whole; lines that are no rows are skipped. A file that has
    been replaced is read from its start.
    """

    def __init__(self, path: Path, lanes: Mapping[str, int]) -> None:
        self.is_behind = False
        """Whether the file holds more than one refresh reads."""
        self._path = path
        self._lanes = lanes
        ends = np.cumsum([1, *lanes.values()]).tolist()
        self._columns = {
            model: slice(*columns) for model, columns in zip(lanes, pairwise(ends), strict=True)
        }
        self._width: int = ends[-1]
        self._read = _Read.nothing(lanes)

    def refresh(self) -> bool:
        """Read what is new; return whether there is any."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._read.offset - len(self._read.last))
                was_replaced = file.read(len(self._read.last)) != self._read.last
                if was_replaced:
                    self._read = _Read.nothing(self._lanes)
                    file.seek(0)
                chunk = file.read(CHUNK_BYTES)
                if b"\n" not in chunk:  # a row of very many lanes
                    chunk += file.readline()
        except OSError:
            return False
        lines = chunk[: chunk.rfind(b"\n") + 1]
        self.is_behind = len(chunk) >= CHUNK_BYTES and bool(lines)
        if lines:
            self._take(lines)
        return was_replaced or bool(lines)

    def curve(self, model: str) -> LossCurve:
        """All rows of a model so far, decimated."""
        return self._read.curves[model].full

    def recent(self, model: str) -> LossCurve:
        """The last rows of a model."""
        return self._read.curves[model].recent

    def _take(self, lines: bytes) -> None:
        """Take the next whole lines of the file; the first is the header."""
        read = self._read
        read.offset += len(lines)
        read.last = (read.last + lines)[-REMEMBERED_BYTES:]
        if read.has_these_lanes is None:
            header, _, lines = lines.partition(b"\n")
            read.has_these_lanes = _columns_in(header) == self._width
        if read.has_these_lanes and lines:
            self._add(lines)

    def _add(self, lines: bytes) -> None:
        table = _full_table(lines, self._width)
        if table is not None:
            for model, columns in self._columns.items():
                self._read.curves[model].append(table[:, 0].astype(np.int64), table[:, columns])
            return
        rows = [line.split(b",") for line in lines.splitlines()]
        for model, columns in self._columns.items():
            of_model = [
                parsed
                for row in rows
                if len(row) == self._width and row[columns.start]  # empty: rows of other models
                and (parsed := _floats([row[0], *row[columns]])) is not None
            ]  # fmt: skip
            if of_model:
                part = np.array(of_model)
                self._read.curves[model].append(part[:, 0].astype(np.int64), part[:, 1:])


@dataclass
class _Read:
    """What has been read: up to where, the last bytes, and the curves by model.

    ``has_these_lanes`` is ``None`` until the header has been read.
    """

    curves: Mapping[str, "_Curve"]
    offset: int = 0
    last: bytes = b""
    has_these_lanes: bool | None = None

    @classmethod
    def nothing(cls, lanes: Mapping[str, int]) -> "_Read":
        return cls({model: _Curve(count) for model, count in lanes.items()})


class _Curve:
    """The rows of one model: the newest as they are, and all in at most twice ``CAPACITY`` points.

    When there are more, neighbours merge, as in ``LossHistory``.
    """

    def __init__(self, lanes: int) -> None:
        self._capacity = min(CAPACITY, max(64, MAX_ELEMENTS // max(lanes, 1)))
        self._steps = np.empty(0, dtype=np.int64)
        self._points = np.empty((3, lanes, 0), dtype=np.float32)
        self._recent_steps = self._steps
        self._recent = np.empty((lanes, 0), dtype=np.float32)

    def append(self, steps: IntArray, losses: FloatArray) -> None:
        """Add rows, with losses of shape (rows, lanes); those of steps already passed are dropped.

        A run that is resumed repeats the rows since its last state.
        """
        last = self._steps[-1] if self._steps.size else -1
        highest = np.maximum.accumulate(np.concatenate([[last], steps]))
        is_new = steps > highest[:-1]
        steps = steps[is_new]
        with np.errstate(all="ignore"):
            values = losses[is_new].T.astype(np.float32)
        self._recent_steps = np.concatenate([self._recent_steps, steps])[-RECENT:]
        self._recent = np.concatenate([self._recent, values], axis=1)[:, -RECENT:]
        self._steps = np.concatenate([self._steps, steps])
        ranges = np.where(np.isfinite(values), values, np.float32(np.nan))
        self._points = np.concatenate([self._points, np.stack([values, ranges, ranges])], axis=2)
        while len(self._steps) > 2 * self._capacity:
            self._merge_neighbours()

    @property
    def full(self) -> LossCurve:
        mean, low, high = freeze(self._points.copy())
        return LossCurve(freeze(self._steps.copy()), mean, low, high)

    @property
    def recent(self) -> LossCurve:
        return LossCurve.of_means(freeze(self._recent_steps.copy()), freeze(self._recent.copy()))

    def _merge_neighbours(self) -> None:
        """Halve the points; an odd last one stays as it is."""
        even = len(self._steps) // 2 * 2
        weights = np.diff(self._steps, prepend=0).astype(np.float64)
        first, second = slice(0, even, 2), slice(1, even, 2)
        (mean, low, high), rest = self._points, self._points[:, :, even:]
        with np.errstate(all="ignore"):
            total = weights[first] + weights[second]
            merged = (mean[:, first] * weights[first] + mean[:, second] * weights[second]) / total
            points = np.stack(
                [
                    merged.astype(np.float32),
                    np.minimum(low[:, first], low[:, second]),
                    np.maximum(high[:, first], high[:, second]),
                ]
            )
        self._points = np.concatenate([points, rest], axis=2)
        self._steps = np.concatenate([self._steps[second], self._steps[even:]])


def _columns_in(header: bytes) -> int:
    """The number of columns that a header names; labels may be quoted."""
    return len(next(csv.reader(io.StringIO(header.decode(errors="replace"))), []))


def _full_table(lines: bytes, width: int) -> FloatArray | None:
    """All rows at once, shape (rows, width); ``None`` if a cell is empty or no number."""
    try:
        table = np.loadtxt(io.BytesIO(lines), delimiter=",", comments=None, ndmin=2)
    except ValueError:
        return None
    fits = table.shape[1:] == (width,) and bool(np.isfinite(table[:, 0]).all())
    return table if fits else None


def _floats(cells: list[bytes]) -> list[float] | None:
    try:
        values = [float(cell) for cell in cells]
    except ValueError:
        return None
    return values if np.isfinite(values[0]) else None
