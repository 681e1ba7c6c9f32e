"""What the loop leaves for the thread that writes: bounded, however slow the disk is.

Whatever the loop does here is done at every step of somebody's training, between computations that
have emptied the processor's caches. So it is as little as possible: all else is for the thread.
"""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from superpos_core.live.arrays import device_of, nbytes_of, shape_of, summed, taken

MAX_LOSS_BYTES = 8 << 20
MAX_LOSSES = 1 << 15
"""Maximum losses that wait, in bytes and steps. Beyond either neighbouring steps are merged."""
MAX_BYTES = 256 << 20
"""Maximum size of the moments that wait, but for a single one. Beyond it the oldest is dropped."""

LossSum = tuple[int, Any, int]
"""A step, the sum of the losses of it and of steps before, and how many these are."""


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
    """Losses and moments on their way to the disk: the loop adds, the other thread takes.

    Losses are never dropped, but merged if too many wait. Neither thread waits for the other while
    anything is written.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._losses: deque[LossSum] = deque()
        self._max_losses = 64
        self._moments: deque[Taken] = deque()
        self.step = -1
        """The newest step that was logged."""
        self.wants_moment = False
        """Whether a moment of any step is welcome."""

    # ── for the loop ──────────────────────────────────────────────────────────────────────────

    def add_loss(self, step: int, loss: Any) -> None:
        """Add the loss of a step."""
        self._losses.append((step, loss if type(loss) is float else taken(loss), 1))
        if len(self._losses) > self._max_losses:
            self._make_room()

    def add_moment(self, moment: Taken) -> bool:
        """Add a moment; return whether there was room, and otherwise drop the oldest."""
        self.wants_moment = False
        has_room = True
        with self._lock:
            self._moments.append(moment)
            while len(self._moments) > 1 and sum(m.nbytes for m in self._moments) > MAX_BYTES:
                self._moments.popleft()
                has_room = False
        return has_room

    # ── for the thread that writes ────────────────────────────────────────────────────────────

    def take_losses(self) -> list[LossSum]:
        """Remove all losses that wait."""
        with self._lock:
            return [self._losses.popleft() for _ in range(len(self._losses))]

    def take_moment(self) -> Taken | None:
        """Remove the oldest moment that waits."""
        with self._lock:
            return self._moments.popleft() if self._moments else None

    def put_back(self, moment: Taken) -> None:
        """Return a moment that could not be written, to try again."""
        with self._lock:
            self._moments.appendleft(moment)

    def _make_room(self) -> None:
        """Merge neighbouring losses if there are too many for their size."""
        with self._lock:
            size = nbytes_of(self._losses[-1][1])
            self._max_losses = min(max(MAX_LOSS_BYTES // size, 64), MAX_LOSSES)
            if len(self._losses) <= self._max_losses:
                return
            losses = [self._losses.popleft() for _ in range(len(self._losses))]
            for first, second in zip(losses[::2], losses[1::2], strict=False):
                self._losses.extend(_merged(first, second))
            if len(losses) % 2:
                self._losses.append(losses[-1])


def _merged(first: LossSum, second: LossSum) -> tuple[LossSum, ...]:
    """Both as one; as two if their shapes differ."""
    if shape_of(first[1]) != shape_of(second[1]):
        return first, second
    return ((second[0], summed(first[1], second[1]), first[2] + second[2]),)
