"""What the loop leaves for the thread that writes: bounded, however slow the disk is."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from superpos_core.files.runs.loss_file import next_row_after
from superpos_core.live.arrays import device_of, nbytes_of, shape_of, taken

MAX_LOSS_BYTES = 8 << 20
"""Maximum size of the losses that wait. Beyond it neighbouring rows are merged."""
MAX_BYTES = 256 << 20
"""Maximum size of the moments that wait, but for a single one. Beyond it the oldest is dropped."""
SECONDS_PER_ROW = 1.0
"""A slow loop gets a row this often, even where rows are further apart."""


@dataclass(frozen=True)
class Row:
    """The sum of the losses of ``count`` logged steps up to ``step``."""

    step: int
    total: Any
    count: int

    def joined(self, later: "Row") -> "list[Row]":
        """Both as one row; as two if their shapes differ."""
        if shape_of(self.total) != shape_of(later.total):
            return [self, later]
        return [Row(later.step, self.total + later.total, self.count + later.count)]


@dataclass(frozen=True)
class Taken:
    """The weights at a step by name. Unless they are ``kept``, later ones replace them."""

    step: int
    arrays: Mapping[str, Any]
    kept: bool

    @property
    def nbytes(self) -> int:
        """Their memory in bytes."""
        return sum(map(nbytes_of, self.arrays.values()))

    @property
    def device(self) -> str:
        """Where they were trained, such as ``cpu`` or ``cuda:0``."""
        return device_of(next(iter(self.arrays.values())))


class Inbox:
    """Rows of losses and moments on their way to the disk.

    Losses are never dropped: each row stands for all steps since the previous one, and if too many
    wait, neighbours are merged. The loop adds, the other thread takes; neither waits for the other
    while anything is written.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rows: deque[Row] = deque()
        self._moments: deque[Taken] = deque()
        self._total: Any = None
        self._count = 0
        self._step = -1
        self._row_due = 0
        self._row_time = clock()

    # ── for the loop ──────────────────────────────────────────────────────────────────────────

    def add_loss(self, step: int, loss: Any) -> None:
        """Add a loss; ``step`` is not before the previous one."""
        loss = taken(loss, np.float64)
        if self._count and self._ends_before(step, loss):
            self.end_row()
        self._total = loss if self._count == 0 else self._total + loss
        self._count += 1
        self._step = step

    def end_row(self) -> None:
        """Let the losses since the last row be the next one."""
        if not self._count:
            return
        self._rows.append(Row(self._step, self._total, self._count))
        self._count = 0
        self._row_due = next_row_after(self._step)
        self._row_time = self._clock() + SECONDS_PER_ROW
        if len(self._rows) * nbytes_of(self._total) > MAX_LOSS_BYTES:
            self._merge_rows()

    def add_moment(self, moment: Taken) -> bool:
        """Add a moment; return whether there was room, and otherwise drop the oldest."""
        has_room = True
        with self._lock:
            self._moments.append(moment)
            while len(self._moments) > 1 and sum(m.nbytes for m in self._moments) > MAX_BYTES:
                self._moments.popleft()
                has_room = False
        return has_room

    @property
    def is_waiting(self) -> bool:
        """Whether moments wait to be written."""
        return bool(self._moments)

    # ── for the thread that writes ────────────────────────────────────────────────────────────

    def take_rows(self) -> list[Row]:
        """Remove all rows that wait."""
        with self._lock:
            return [self._rows.popleft() for _ in range(len(self._rows))]

    def take_moment(self) -> Taken | None:
        """Remove the oldest moment that waits."""
        with self._lock:
            return self._moments.popleft() if self._moments else None

    def put_back(self, rows: list[Row], moment: Taken | None) -> None:
        """Return what could not be written, to try again."""
        with self._lock:
            self._rows.extendleft(reversed(rows))
            if moment is not None:
                self._moments.appendleft(moment)

    def _ends_before(self, step: int, loss: Any) -> bool:
        """Whether the loss of ``step`` belongs to another row than the losses so far."""
        if shape_of(loss) != shape_of(self._total):
            return True
        if step == self._step:
            return False
        return self._step >= self._row_due or self._clock() >= self._row_time

    def _merge_rows(self) -> None:
        """Merge neighbours; there are half as many rows afterwards."""
        with self._lock:
            rows = [self._rows.popleft() for _ in range(len(self._rows))]
            for first, second in zip(rows[::2], rows[1::2], strict=False):
                self._rows.extend(first.joined(second))
            if len(rows) % 2:
                self._rows.append(rows[-1])
