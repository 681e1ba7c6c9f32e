"""A training loop for phase maps, with scripted engines and a manual clock."""

import queue
import threading
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from tests.core.phase_maps import phase_config
from tests.scripted_engine import Loss, ManualClock, ScriptedEngine, falling_loss

from superpos_core.engine import Engine
from superpos_core.record.phase_map import PhaseMap
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.commands import Command
from superpos_core.training.pacing import PACES, Pace
from superpos_core.training.run import loop_for
from superpos_core.training.way_back import WayBack

CONFIG = phase_config(13, 12)
"""Four blocks: every second cell, and the three products of the cells in between."""
FULL, WATCH = PACES["full"], PACES["watch"]


class Rig:
    """A loop with scripted engines, on a clock that only training and waiting move.

    ``on_publish`` sees every snapshot, and may submit commands or set ``stop``.
    """

    def __init__(
        self,
        config: ExperimentConfig = CONFIG,
        pace: Pace = FULL,
        seconds_per_step: float = 0.001,
        loss: Loss = falling_loss,
    ) -> None:
        self.clock = ManualClock()
        self.engines: list[ScriptedEngine] = []
        self.published: list[Snapshot] = []
        self.refusals: list[str] = []
        self.on_publish: Callable[[Snapshot], None] = lambda snapshot: None
        self.stop = threading.Event()
        self._seconds_per_step = seconds_per_step
        self._loss = loss
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("superpos_core.training.loop.queue.Queue", self._make_queue)
            self.loop = loop_for(config, self._make_engine, pace, self.clock, way_back=WayBack())

    def run(self) -> PhaseMap:
        """Train to the end, or until ``stop`` is set; returns the last map."""
        self.loop.run(self.stop, self.publish, until_finished=True, on_refusal=self.refusals.append)
        return self.map

    def submit(self, *commands: Command) -> None:
        for command in commands:
            self.loop.submit(command)

    @property
    def latest(self) -> Snapshot:
        return self.published[-1]

    @property
    def map(self) -> PhaseMap:
        return map_of(self.latest)

    @property
    def steps_taken(self) -> int:
        return sum(steps["tied"] for engine in self.engines for steps in engine.advanced)

    def _make_engine(self, config: ExperimentConfig) -> Engine:
        self.engines.append(ScriptedEngine(config, self._loss, self._take_time))
        return self.engines[-1]

    def _make_queue(self) -> "_CommandQueue":
        return _CommandQueue(self.clock)

    def _take_time(self, steps: Mapping[str, int]) -> None:
        self.clock.pass_time(self._seconds_per_step * steps["tied"])

    def publish(self, snapshot: Snapshot) -> None:
        """Keep a snapshot, and pass it to the test."""
        self.published.append(snapshot)
        assert len(self.published) < 5000, "it never ends"
        self.on_publish(snapshot)


class _CommandQueue(queue.Queue[Command]):
    """A queue on which waiting advances the manual clock instead of taking real time."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self._clock = clock

    def get(self, block: bool = True, timeout: float | None = None) -> Command:
        if block and self.empty():
            assert timeout is not None
            self._clock.pass_time(timeout)
        return super().get(block=False)


def map_of(snapshot: Snapshot) -> PhaseMap:
    return snapshot.record_as(PhaseMap)


def assert_same(one: PhaseMap, other: PhaseMap) -> None:
    ours, others = vars(one), vars(other)
    for name in ("filled", "norm", "superposition", "region", "best_restart", "encoder", "bias"):
        np.testing.assert_array_equal(ours[name], others[name], err_msg=name)
