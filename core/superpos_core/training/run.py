"""Train a whole experiment in one call, without a terminal: for notebooks and for export."""

import threading
import time
from collections.abc import Callable

from superpos_core.engine.choice import EngineChoice
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.job import EngineFactory, Job
from superpos_core.training.jobs import job_of
from superpos_core.training.loop import TrainingLoop
from superpos_core.training.pacing import PACES, Pace

Progress = Callable[[Snapshot], None]


AUTOMATIC: EngineFactory = EngineChoice().make


def train(
    config: ExperimentConfig,
    on_progress: Progress | None = None,
    engine: EngineFactory = AUTOMATIC,
) -> Snapshot:
    """Train ``config`` to its last step at full speed; returns the final snapshot.

    ``on_progress`` is called with a snapshot up to thirty times per second. ``engine`` creates the
    engine, such as ``EngineChoice(device="cuda").make``. Raises ``InvalidValue`` for an unavailable
    device.
    """
    latest: list[Snapshot] = []

    def keep(snapshot: Snapshot) -> None:
        latest[:] = [snapshot]
        if on_progress is not None:
            on_progress(snapshot)

    loop_for(config, engine).run(threading.Event(), keep, until_finished=True)
    return latest[0]


def loop_for(
    config: ExperimentConfig,
    engine: EngineFactory,
    pace: Pace = PACES["full"],
    clock: Callable[[], float] = time.perf_counter,
) -> TrainingLoop:
    """A loop that runs the job for a config, and for any other config it is restarted with.

    Raises ``InvalidValue`` for a config that its job cannot train.
    """

    def start(config: ExperimentConfig) -> Job:
        return job_of(config).start(config, engine)

    return TrainingLoop(config, start, pace, clock)
