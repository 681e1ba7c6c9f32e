"""Signals that ask the program to end, while it trains and writes without a screen."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


class Interrupted(BaseException):
    """A signal asked the program to end; not an ``Exception``, so that nothing takes it for one."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(signal.Signals(number).name)


@dataclass
class Interruption:
    """Which signal came, if any.

    The handler raises, which answers at once; but what is raised inside a callback of C code is
    lost, so ``check`` asks again at the next good moment. A second, impatient signal does not cut
    short what the first one makes us say.
    """

    number: int | None = None

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """Take note, and raise ``Interrupted``."""
        if self.number is None:
            self.number = number
            raise Interrupted(number)

    def check(self) -> None:
        """Raise ``Interrupted`` if a signal came."""
        if self.number is not None:
            raise Interrupted(self.number)


@contextmanager
def signals_handled_by(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Handle what asks a program to end, where nobody has asked to ignore it (as nohup does)."""
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
