"""Dealing lanes out to threads.

Lanes are independent and own all their state, so who advances which lane when changes nothing but
the time it takes. Pieces of work are handed out in order of falling cost, each to whichever thread
is free first: a thread that another program slows down simply takes fewer.
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
    """Work that one thread does in one go. It is called with the number of the thread."""

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
        """``count``: as many as the process may use cores, if not said otherwise."""
        self.count = count or usable_cores()
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._helpers: list[threading.Thread] = []

    def do(self, pieces: Sequence[Piece]) -> None:
        """Do all pieces; returns when the last is done. An error in one of them is raised here."""
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
        """See that so many helpers are there, or as many as the system lets us start."""
        while len(self._helpers) < wanted:
            number = len(self._helpers) + 1
            helper = threading.Thread(
                target=self._help, args=(number,), name=f"fused-{number}", daemon=True
            )
            try:
                helper.start()
            except RuntimeError:  # a limit on threads or memory: those that are there do it all
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
    """One call of `Threads.do`, shared by those who work on it."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._lock = threading.Lock()
        self._remaining = sorted(pieces, key=lambda piece: piece.cost)
        self.left: SimpleQueue[Any] = SimpleQueue()
        self.errors: list[BaseException] = []

    def take_part(self, thread: int) -> None:
        """Take the costliest remaining piece until none is left."""
        try:
            while (piece := self._next()) is not None:
                piece.work(thread)
        except BaseException as error:
            self.errors.append(error)

    def _next(self) -> Piece | None:
        with self._lock:
            return self._remaining.pop() if self._remaining and not self.errors else None
