"""Signals that ask the program to end while it runs without a screen."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


class Interrupted(BaseException):
    """A signal asked the program to end; not an ``Exception``, so no handler swallows it."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(signal.Signals(number).name)


@dataclass
class Interruption:
    """Which signal arrived, if any.

    The handler raises at once; but an exception raised inside a callback of C code is lost, so
    ``check`` raises it again at the next safe point. A second, impatient signal does not cut short
    the report caused by the first.
    """

    number: int | None = None

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Record the signal and raise ``Interrupted``."""
        if self.number is None:
            self.number = number
            raise Interrupted(number)

    def check(self) -> None:
        """Raise ``Interrupted`` if a signal has arrived."""
        if self.number is not None:
            raise Interrupted(self.number)


@contextmanager
def handling_signals(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Handle signals that ask a program to end, unless they are ignored (as under nohup)."""
    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    numbers = [signal.Signals[name] for name in names]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    before = {
        number: signal.getsignal(number)
        for number in numbers
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
