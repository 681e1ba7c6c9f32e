"""A loop on a separate thread, and commands from other threads."""

import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.core.training.rig import CONFIG, FULL, cohorts_of
from tests.scripted_engine import ScriptedEngine

from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import (
    Pause,
    Reseed,
    Resume,
    SingleStep,
)
from superpos_core.training.loop import SLICE_SECONDS
from superpos_core.training.pacing import Pace
from superpos_core.training.run import loop_for

# In a separate thread


class Background:
    """A loop in a thread with a real clock and a real queue, as in the terminal."""

    def __init__(self, config: ExperimentConfig, pace: Pace = FULL) -> None:
        self.loop = loop_for(config, ScriptedEngine, pace)
        self._stop = threading.Event()
        self._snapshots: queue.Queue[Snapshot] = queue.Queue()
        self._thread = threading.Thread(
            target=self.loop.run, args=(self._stop, self._snapshots.put), daemon=True
        )

    def __enter__(self) -> "Background":
        self._thread.start()
        return self

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10)
        assert not self._thread.is_alive()

    def interrupt(self, number: signal.Signals, seconds: float) -> None:
        """Send the thread a signal; it gets the interpreter only ``seconds`` later."""
        interval = sys.getswitchinterval()
        sys.setswitchinterval(10)
        assert self._thread.ident is not None
        signal.pthread_kill(self._thread.ident, number)
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            pass
        sys.setswitchinterval(interval)

    def wait_for(self, condition: Callable[[Snapshot], bool]) -> Snapshot:
        """The next snapshot that meets the condition; fails after ten seconds without one."""
        while True:
            snapshot = self._snapshots.get(timeout=10)
            if condition(snapshot):
                return snapshot


def test_commands_from_another_thread_are_applied() -> None:
    with Background(replace(CONFIG, steps=10_000_000)) as background:
        submit, wait_for = background.loop.submit, background.wait_for
        wait_for(lambda snapshot: cohorts_of(snapshot)["tied"].step > 0)
        submit(Pause())
        paused = wait_for(lambda snapshot: snapshot.phase == "paused")
        submit(SingleStep())
        stepped = wait_for(lambda snapshot: True)
        assert cohorts_of(stepped)["tied"].step == cohorts_of(paused)["tied"].step + 1
        submit(Reseed(9))
        reseeded = wait_for(lambda snapshot: snapshot.generation == 1)
        assert (reseeded.config.seed, cohorts_of(reseeded)["tied"].step) == (
            9,
            0,
        )
        submit(Resume())
        wait_for(lambda snapshot: cohorts_of(snapshot)["tied"].step > 0)


@pytest.mark.skipif(sys.platform == "win32", reason="threads get no signals there")
def test_no_signal_makes_it_wait_forever() -> None:
    """Such as SIGCONT and SIGWINCH, which the kernel may deliver to any thread."""
    slow = Pace("so slow that it waits between two steps", "", seconds=100)
    before = signal.signal(signal.SIGCONT, lambda number, frame: None)
    try:
        with Background(replace(CONFIG, steps=10_000), slow) as background:
            background.wait_for(lambda snapshot: cohorts_of(snapshot)["tied"].step > 0)
            for _ in range(20):
                time.sleep(0.003)
                background.interrupt(signal.SIGCONT, seconds=2 * SLICE_SECONDS)
            step = cohorts_of(background.loop.snapshot())["tied"].step
            later = background.wait_for(lambda snapshot: cohorts_of(snapshot)["tied"].step > step)
            assert later.phase == "training"
    finally:
        signal.signal(signal.SIGCONT, before)


def test_commands_from_many_threads_are_all_applied() -> None:
    with Background(replace(CONFIG, steps=10_000_000)) as background:
        background.loop.submit(Pause())
        before = background.wait_for(lambda snapshot: snapshot.phase == "paused")

        def step_often() -> None:
            for _ in range(25):
                background.loop.submit(SingleStep())

        threads = [threading.Thread(target=step_often) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wanted = cohorts_of(before)["tied"].step + 100
        last = background.wait_for(lambda snapshot: cohorts_of(snapshot)["tied"].step >= wanted)
    assert cohorts_of(last)["tied"].step == wanted


def test_a_paused_loop_can_be_stopped() -> None:
    with Background(replace(CONFIG, steps=10_000_000)) as background:
        background.loop.submit(Pause())
        background.wait_for(lambda snapshot: snapshot.phase == "paused")
        assert background.is_running
    assert not background.is_running
