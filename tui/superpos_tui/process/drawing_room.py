"""A thread for work that takes longer than a frame, so that keys are answered meanwhile.

It starts when first needed, is stopped and joined here, and runs at the same low priority as the
training threads. Measures release the interpreter lock while they compute.
"""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from superpos_core.strips import Cancelled, cancellable
from superpos_tui.process.session import lower_thread_priority

SECONDS_TO_END = 0.5
"""How long leaving waits for a measure that cannot be abandoned midway; the thread is a daemon."""


@dataclass(frozen=True)
class Order:
    """Work for the drawing room. Both functions are called on its thread.

    ``question`` identifies what is computed, whatever the age of the data: an order with another
    question cancels the one in progress, one with newer data for the same question does not.
    ``done`` is called with what ``work`` returned or raised.
    """

    question: object
    work: Callable[[], object]
    done: Callable[[object], None]


class DrawingRoom:
    """Carries out one order at a time; only the newest order of each customer waits."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, Order] = {}
        self._customer: Hashable = None
        self._question: object = None
        self._is_unwanted = threading.Event()
        self._is_closing = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ask(self, customer: Hashable, order: Order) -> None:
        """Queue this order in place of the customer's previous one."""
        with self._changed:
            if self._is_closing:
                return
            if self._customer == customer and self._question != order.question:
                self._is_unwanted.set()
            self._waiting[customer] = order  # it takes the queue position of one already waiting
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="drawing", daemon=True)
                self._thread.start()
            self._changed.notify()

    def forget(self, customer: Hashable) -> None:
        """Cancel this customer's order."""
        with self._changed:
            self._waiting.pop(customer, None)
            if self._customer == customer:
                self._is_unwanted.set()

    def close(self) -> None:
        """Cancel everything and end the thread."""
        with self._changed:
            self._is_closing = True
            self._waiting.clear()
            self._is_unwanted.set()
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(SECONDS_TO_END)

    def _work(self) -> None:
        lower_thread_priority()
        with cancellable(self._is_unwanted.is_set):
            while (order := self._next()) is not None:
                self._do(order)
                del order  # its results must not outlive the panels that show them

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
        except Cancelled:
            return
        except Exception as failure:  # the customer handles it, whatever it is
            outcome = failure
        if not self._is_unwanted.is_set():
            order.done(outcome)
