"""Runs that are stopped in the middle, and comparisons of what they leave, bit by bit."""

import json
import threading
from collections.abc import Callable, Mapping
from itertools import count

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.record.record import Record
from superpos_core.record.snapshot import Snapshot
from superpos_core.record.stored import Stored
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.checkpoint import Checkpoint
from superpos_core.training.job import EngineFactory
from superpos_core.training.journal import Journal
from superpos_core.training.run import loop_for


class StopsAt(Journal):
    """Stops training after so many slices, with what was known then."""

    def __init__(self, slices: int, stop: threading.Event) -> None:
        super().__init__()
        self._left = slices
        self._stop = stop
        self.checkpoint: Checkpoint | None = None

    def add_losses(self, losses: Mapping[str, FloatArray]) -> None:
        self._left -= 1
        if self._left == 0:
            self._stop.set()

    def end(self, snapshot: Snapshot, state: Callable[[], Stored]) -> None:
        taken = state()
        # As it comes back from a file.
        arrays = {name: array.copy() for name, array in taken.arrays.items()}
        stored = Stored(arrays, json.loads(json.dumps(taken.facts)))
        record = snapshot.record
        timelines = {name: group.timeline for name, group in record.groups.items()}
        self.checkpoint = Checkpoint(record.config, stored, timelines, 2.5)


def stopped(
    config: ExperimentConfig,
    engine: EngineFactory,
    slices: int,
    prepare: Callable[[Callable[..., None]], None] = lambda submit: None,
) -> Checkpoint:
    """What is known when a run is stopped after so many slices of one step."""
    stop, ticks = threading.Event(), count()
    journal = StopsAt(slices, stop)
    # Each look at the clock takes a second: every slice is one step.
    loop = loop_for(config, engine, clock=lambda: float(next(ticks)), journal=journal)
    prepare(loop.submit)
    loop.run(stop, lambda snapshot: None, until_finished=True)
    assert journal.checkpoint is not None
    return journal.checkpoint


def assert_same_record(one: Record, other: Record) -> None:
    assert_same_arrays(one.arrays(), other.arrays())
    assert_same_arrays(one.stored().arrays, other.stored().arrays)
    assert one.stored().facts == other.stored().facts
    for name, group in one.groups.items():
        timeline = other.groups[name].timeline
        np.testing.assert_array_equal(timeline.steps, group.timeline.steps)
        for moment, same in zip(group.timeline.moments, timeline.moments, strict=True):
            assert_same_arrays(moment.parameters.arrays, same.parameters.arrays)


def assert_same_arrays(some: Mapping[str, FloatArray], others: Mapping[str, FloatArray]) -> None:
    assert some.keys() == others.keys()
    for name, array in some.items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)
