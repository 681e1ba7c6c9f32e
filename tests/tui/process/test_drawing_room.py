"""The drawing room: the newest order of each customer, in a thread that gives way."""

import os
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from superpos_core.strips import strips
from superpos_tui.process.drawing_room import DrawingRoom, Order
from superpos_tui.process.session import NICENESS


class Customer:
    """Asks the drawing room and waits for what comes."""

    def __init__(self, room: DrawingRoom, name: str) -> None:
        self.room, self.name = room, name
        self.outcomes: list[object] = []
        self.has_one = threading.Event()

    def ask(self, work: Callable[[], object], question: object = "same") -> None:
        self.room.ask(self.name, Order(question, work, self.take))

    def take(self, outcome: object) -> None:
        self.outcomes.append(outcome)
        self.has_one.set()


class Measuring:
    """Work in many strips, so that it can be given up midway."""

    def __init__(self) -> None:
        self.has_started, self.may_end = threading.Event(), threading.Event()
        self.was_given_up = threading.Event()

    def __call__(self) -> str:
        self.has_started.set()
        try:
            while not self.may_end.is_set():
                list(strips(1, 1))
        except BaseException:
            self.was_given_up.set()
            raise
        return "measured"


@pytest.fixture
def room() -> Iterator[DrawingRoom]:
    room = DrawingRoom()
    yield room
    room.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "drawing"]


def test_the_newest_order_of_each_customer_is_done(room: DrawingRoom) -> None:
    busy, first, second = Customer(room, "busy"), Customer(room, "one"), Customer(room, "two")
    measuring = Measuring()
    busy.ask(measuring)
    measuring.has_started.wait()
    for number in range(5):
        first.ask(lambda number=number: number)  # type: ignore[misc]
    second.ask(lambda: "once")
    measuring.may_end.set()
    second.has_one.wait()
    assert (busy.outcomes, first.outcomes, second.outcomes) == (["measured"], [4], ["once"])


def test_another_question_gives_up_what_is_being_measured_and_newer_data_do_not(
    room: DrawingRoom,
) -> None:
    customer, measuring = Customer(room, "one"), Measuring()
    customer.ask(measuring)
    measuring.has_started.wait()
    customer.ask(lambda: "newer")
    assert not measuring.was_given_up.is_set()
    customer.ask(lambda: "other", question="other")
    customer.has_one.wait()
    assert measuring.was_given_up.is_set()
    assert customer.outcomes == ["other"]


def test_what_is_forgotten_is_given_up_midway(room: DrawingRoom) -> None:
    customer, measuring, other = Customer(room, "one"), Measuring(), Customer(room, "two")
    customer.ask(measuring)
    measuring.has_started.wait()
    other.ask(lambda: "done")
    room.forget("one")
    other.has_one.wait()
    assert measuring.was_given_up.is_set()
    assert customer.outcomes == []


def test_a_failure_is_an_outcome_and_the_next_order_is_done(room: DrawingRoom) -> None:
    failing, other = Customer(room, "one"), Customer(room, "two")
    failing.ask(lambda: 1 // 0)
    other.ask(lambda: "done")
    other.has_one.wait()
    assert isinstance(failing.outcomes[0], ZeroDivisionError)


def test_closing_gives_up_and_takes_no_more_orders(room: DrawingRoom) -> None:
    customer, measuring = Customer(room, "one"), Measuring()
    customer.ask(measuring)
    measuring.has_started.wait()
    room.close()
    customer.ask(lambda: "too late")
    assert measuring.was_given_up.is_set()
    assert customer.outcomes == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux sets priorities by thread")
def test_it_gives_way_to_the_interface_as_training_does(room: DrawingRoom) -> None:
    customer = Customer(room, "one")
    customer.ask(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    customer.has_one.wait()
    assert customer.outcomes == [NICENESS]
