"""The thread that does what takes longer than a frame, so that keys are answered meanwhile.

It is ours: started when first needed, stopped and joined here, and as ready to give way to the
interface as the threads that train. Measures give the interpreter away while they compute.
"""

import sys
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from superpos_core.strips import GivenUp, given_up
from superpos_tui.process.session import give_way_to_the_interface

SECONDS_TO_GIVE_WAY = 0.001
"""How long it may keep the interpreter from the interface: Python's default is five times that."""
SECONDS_TO_END = 0.5
"""How long leaving waits for a measure that cannot be given up midway; the thread is a daemon."""


@dataclass(frozen=True)
class Order:
    """Work for the drawing room. Both functions are called on its thread.

    ``question`` is what is asked, but for how new the data are: an order with another question
    makes one in the making useless, one with the same question and newer data does not. ``done`` is
    called with what ``work`` returned or raised.
    """

    question: object
    work: Callable[[], object]
    done: Callable[[object], None]


class DrawingRoom:
    """Does one order after the other; of each customer only the newest order waits."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, Order] = {}
        self._customer: Hashable = None
        self._question: object = None
        self._is_unwanted = threading.Event()
        self._is_closing = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ask(self, customer: Hashable, order: Order) -> None:
        """Have this done, in place of what the customer has asked for before."""
        with self._changed:
            if self._is_closing:
                return
            if self._customer == customer and self._question != order.question:
                self._is_unwanted.set()
            self._waiting[customer] = order  # where one waits already, it keeps its place
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="drawing", daemon=True)
                self._thread.start()
            self._changed.notify()

    def forget(self, customer: Hashable) -> None:
        """Nobody wants any more what this customer has asked for."""
        with self._changed:
            self._waiting.pop(customer, None)
            if self._customer == customer:
                self._is_unwanted.set()

    def close(self) -> None:
        """Give everything up and end the thread."""
        with self._changed:
            self._is_closing = True
            self._waiting.clear()
            self._is_unwanted.set()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(SECONDS_TO_END)

    def _work(self) -> None:
        give_way_to_the_interface()
        sys.setswitchinterval(SECONDS_TO_GIVE_WAY)
        with given_up(self._is_unwanted.is_set):
            while (order := self._next()) is not None:
                self._do(order)
                del order  # what was measured is not to outlive those who look at it

    def _next(self) -> Order | None:
        """The order that has waited longest; ``None`` when the room closes."""
        with self._changed:
            self._customer = None
            self._changed.wait_for(lambda: self._waiting or self._is_closing)
            if self._is_closing:
                return None
            self._customer = next(iter(self._waiting))
            order = self._waiting.pop(self._customer)
            self._question = order.question
            self._is_unwanted.clear()
            return order

    def _do(self, order: Order) -> None:
        try:
            outcome = order.work()
        except GivenUp:
            return
        except Exception as failure:  # whatever it is, who asked is told
            outcome = failure
        if not self._is_unwanted.is_set():
            order.done(outcome)
