"""Distributes work over threads.

Lanes are independent and own all their state, so scheduling only affects time. Pieces of work are
handed out in order of decreasing cost to the next free thread: a thread that is slowed down by
another program simply takes fewer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

from superpos_core.machine.cores import usable_cores


@dataclass(frozen=True)
class Piece:
    """A unit of work for one thread; called with the thread's number."""

    cost: float
    work: Callable[[int], None]


class Threads:
    """The calling thread and its helpers, which sleep between calls.

    >>> done = []
    >>> with Threads(2) as threads:
    ...     threads.do([Piece(1.0, lambda thread: done.append("a"))])
    >>> done
    ['a']
    """

    def __init__(self, count: int | None = None) -> None:
        """``count``: by default the number of usable cores."""
        self.count = count or usable_cores()
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._helpers: list[threading.Thread] = []

    @property
    def where(self) -> str:
        """Where an engine with these threads runs, such as ``cpu, 2 threads``."""
        return f"cpu, {self.count} thread{'' if self.count == 1 else 's'}"

    def do(self, pieces: Sequence[Piece]) -> None:
        """Do all pieces and wait for them; raises the first error in any of them."""
        call = _Call(pieces)
        helpers = self._start_helpers(min(self.count, len(pieces)) - 1)
        for _ in range(helpers):
            self._calls.put(call)
        call.take_part(0)
        for _ in range(helpers):
            call.left.get()
        if call.errors:
            raise call.errors[0]

    def _start_helpers(self, wanted: int) -> int:
        """Start helpers until there are ``wanted``, or as many as the system allows."""
        while len(self._helpers) < wanted:
            number = len(self._helpers) + 1
            helper = threading.Thread(
                target=self._help, args=(number,), name=f"fused-{number}", daemon=True
            )
            try:
                helper.start()
            except RuntimeError:  # a limit on threads or memory: the existing ones do all the work
                self.count = number
                return len(self._helpers)
            self._helpers.append(helper)
        return wanted

    def close(self) -> None:
        """End the helpers. Closing twice is fine."""
        for _ in self._helpers:
            self._calls.put(None)
        for helper in self._helpers:
            helper.join()
        self._helpers = []

    def _help(self, number: int) -> None:
        while (call := self._calls.get()) is not None:
            call.take_part(number)
            call.left.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Call:
    """One call of `Threads.do`, shared by the threads working on it."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._lock = threading.Lock()
        self._remaining = sorted(pieces, key=lambda piece: piece.cost)
        self.left: SimpleQueue[Any] = SimpleQueue()
        self.errors: list[BaseException] = []

    def take_part(self, thread: int) -> None:
        """Repeatedly take the most expensive remaining piece."""
        try:
            while (piece := self._next()) is not None:
                piece.work(thread)
        except BaseException as error:
            self.errors.append(error)

    def _next(self) -> Piece | None:
        with self._lock:
            return self._remaining.pop() if self._remaining and not self.errors else None
