"""A loop driven by a scripted engine, on a clock that only training and waiting advance.

A test tells a *story*: a generator that sends commands and yields the condition to wait for before
it continues. The loop runs on the test's own thread until the story ends.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pytest
from tests.scripted_engine import Loss, ManualClock, ScriptedEngine, falling_loss

from superpos_core.arrays import FloatArray
from superpos_core.engine import Engine
from superpos_core.record.lanes import Cohort, LanesRecord
from superpos_core.record.snapshot import Snapshot
from superpos_core.record.timeline import next_step_to_keep
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import (
    Command,
)
from superpos_core.training.pacing import PACES, Pace
from superpos_core.training.run import loop_for
from superpos_core.training.way_back import WayBack

CONFIG = ExperimentConfig(
    "test", features=4, hidden=2, models=("tied", "mlp"), sparsities=(0.0, 0.9), steps=2000
)

FULL, WATCH = PACES["full"], PACES["watch"]


def kept_steps(last: int) -> list[int]:
    steps = [0]
    while steps[-1] < last:
        steps.append(next_step_to_keep(steps[-1]))
    return steps[1:]


KEPT_STEPS = kept_steps(100_000)


def cohorts_of(snapshot: Snapshot) -> Mapping[str, Cohort]:
    return snapshot.record_as(LanesRecord).cohorts


Condition = Callable[[], bool]

Story = Iterator[Condition]


class Rig:
    """A loop with its clock, the engines it made and the snapshots it published."""

    def __init__(
        self,
        config: ExperimentConfig = CONFIG,
        pace: Pace = FULL,
        seconds_per_step: float = 0.001,
        loss: Loss = falling_loss,
    ) -> None:
        self.clock = ManualClock()
        self.seconds_per_step = seconds_per_step
        self.engines: list[ScriptedEngine] = []
        self.published: list[Snapshot] = []
        self.published_at: list[float] = []
        self.refusals: list[str] = []
        self.way_back = WayBack()
        self._loss = loss
        self._stop = threading.Event()
        self._story: Story = iter(())
        self._awaited: Condition = lambda: True
        self._looks = 0
        self.commands = _CommandQueue(self)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("superpos_core.training.loop.queue.Queue", lambda: self.commands)
            self.loop = loop_for(
                config, self._make_engine, pace, self.clock, way_back=self.way_back
            )

    def play(self, story: Story) -> None:
        """Run the loop until the story ends."""
        self._story = story
        self.loop.run(self._stop, self._publish, on_refusal=self.refusals.append)

    def run_to_the_end(self) -> None:
        """Run the loop until all lanes are done."""
        self._story = iter([lambda: False])
        self.loop.run(
            self._stop, self._publish, until_finished=True, on_refusal=self.refusals.append
        )

    def submit(self, *commands: Command) -> None:
        for command in commands:
            self.loop.submit(command)

    @property
    def latest(self) -> Snapshot:
        return self.published[-1]

    def step(self, model: str = "tied") -> int:
        return cohorts_of(self.latest)[model].step

    def after(self, seconds: float) -> Condition:
        deadline = self.clock.now + seconds
        return lambda: self.clock.now >= deadline

    def phase_is(self, phase: str) -> Condition:
        return lambda: self.latest.phase == phase

    def step_reaches(self, step: int, model: str = "tied") -> Condition:
        return lambda: model in cohorts_of(self.latest) and self.step(model) >= step

    def generation_is(self, generation: int) -> Condition:
        return lambda: self.latest.generation == generation

    def _make_engine(self, config: ExperimentConfig) -> Engine:
        self.engines.append(ScriptedEngine(config, self._loss, self._take_time))
        return self.engines[-1]

    def _take_time(self, steps: Mapping[str, int]) -> None:
        self.clock.pass_time(self.seconds_per_step * max(steps.values()))

    def _publish(self, snapshot: Snapshot) -> None:
        self.published.append(snapshot)
        self.published_at.append(self.clock.now)
        self.look()

    def look(self) -> None:
        """Continue the story for as long as its conditions are met."""
        self._looks += 1
        assert self._looks < 20_000, "the story never ends"
        while not self._stop.is_set() and self._awaited():
            following = next(self._story, None)
            if following is None:
                self._stop.set()
            else:
                self._awaited = following


class _CommandQueue:
    """A queue on which waiting advances the manual clock instead of taking real time."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._commands: deque[Command] = deque()

    def put(self, command: Command) -> None:
        self._commands.append(command)

    def get(self, block: bool, timeout: float | None) -> Command:
        if block and not self._commands:
            assert timeout is not None
            for _ in range(2):  # a command may come while the loop waits
                self._rig.clock.pass_time(timeout / 2)
                self._rig.look()
        if not self._commands:
            raise queue.Empty
        return self._commands.popleft()


def arrays_of(snapshot: Snapshot) -> dict[str, FloatArray]:
    """All arrays of a snapshot except the steps of its curves."""
    arrays = {}
    for model, cohort in cohorts_of(snapshot).items():
        arrays[f"{model} encoder"] = cohort.parameters.encoder
        arrays[f"{model} decoder"] = cohort.parameters.decoder
        arrays[f"{model} bias"] = cohort.parameters.bias
        for name, curve in (("losses", cohort.losses), ("recent", cohort.recent_losses)):
            arrays[f"{model} {name} mean"] = curve.mean
            arrays[f"{model} {name} low"] = curve.low
            arrays[f"{model} {name} high"] = curve.high
    return arrays


def assert_same_arrays(one: Snapshot, other: Snapshot) -> None:
    ours, others = arrays_of(one), arrays_of(other)
    assert ours.keys() == others.keys()
    for name in ours:
        np.testing.assert_array_equal(ours[name], others[name], err_msg=name)


def undisturbed() -> Snapshot:
    rig = Rig()
    rig.run_to_the_end()
    return rig.latest
