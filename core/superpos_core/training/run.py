"""Train a whole experiment in one call, without a terminal: for notebooks and for export."""

import threading
import time
from collections.abc import Callable

from superpos_core.engine.choice import EngineChoice
from superpos_core.errors import InvalidValue, in_one_line
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.checkpoint import Checkpoint
from superpos_core.training.job import EngineFactory, Job
from superpos_core.training.jobs import job_of
from superpos_core.training.journal import Journal
from superpos_core.training.loop import TrainingLoop
from superpos_core.training.pacing import PACES, Pace
from superpos_core.training.way_back import NO_WAY_BACK, WayBack

Progress = Callable[[Snapshot], None]


AUTOMATIC: EngineFactory = EngineChoice().make


def train(
    config: ExperimentConfig,
    on_progress: Progress | None = None,
    engine: EngineFactory = AUTOMATIC,
    *,
    journal: Journal | None = None,
    checkpoint: Checkpoint | None = None,
) -> Snapshot:
    """Train ``config`` to its last step at full speed; returns the final snapshot.

    ``on_progress`` is called with a snapshot up to thirty times per second. ``engine`` creates the
    engine, such as ``EngineChoice(device="cuda").make``. ``journal`` keeps the run while it trains,
    and ``checkpoint`` is where to continue from instead of step 0. Raises ``InvalidValue`` for an
    unavailable device, and for a checkpoint that does not fit.
    """
    latest: list[Snapshot] = []

    def keep(snapshot: Snapshot) -> None:
        latest[:] = [snapshot]
        if on_progress is not None:
            on_progress(snapshot)

    loop = loop_for(config, engine, journal=journal, checkpoint=checkpoint)
    loop.run(threading.Event(), keep, until_finished=True)
    return latest[0]


def loop_for(
    config: ExperimentConfig,
    engine: EngineFactory,
    pace: Pace = PACES["full"],
    clock: Callable[[], float] = time.perf_counter,
    journal: Journal | None = None,
    checkpoint: Checkpoint | None = None,
    way_back: WayBack = NO_WAY_BACK,
) -> TrainingLoop:
    """A loop that runs the job for a config, and for any other config it is restarted with.

    With a ``checkpoint`` the job of its config continues from there. A run that is left for another
    one goes to ``way_back``. Raises ``InvalidValue`` for a
    config that its job cannot train, and for a checkpoint that does not fit.
    """
    waiting = [] if checkpoint is None else [checkpoint]

    def start(config: ExperimentConfig) -> Job:
        if waiting:
            return _resumed(waiting.pop(), engine)
        return job_of(config).start(config, engine)

    seconds_before = 0.0 if checkpoint is None else checkpoint.seconds_training
    return TrainingLoop(
        config,
        start,
        pace,
        clock,
        journal,
        seconds_before,
        way_back,
        resume_job=lambda checkpoint: _resumed(checkpoint, engine),
    )


def _resumed(checkpoint: Checkpoint, engine: EngineFactory) -> Job:
    """The job that continues from a checkpoint; raises ``InvalidValue`` if it does not fit."""
    try:
        return job_of(checkpoint.config).resume(checkpoint, engine)
    except InvalidValue:
        raise
    except (KeyError, TypeError, ValueError) as error:
        reason = f"its state does not fit its config ({in_one_line(error)})"
        raise InvalidValue("resume", checkpoint.config.name, reason, "another run") from error
