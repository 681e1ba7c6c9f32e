"""Train a whole experiment in one call, without a terminal: for notebooks and for export."""

import threading
from collections.abc import Callable

from superpos_core.engine.choice import EngineChoice
from superpos_core.experiments import EXPERIMENTS
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.lanes import Trainer
from superpos_core.training.loop import EngineFactory
from superpos_core.training.pacing import PACES, Pace
from superpos_core.training.phase_maps import MapTrainer

Progress = Callable[[Snapshot], None]


AUTOMATIC: EngineFactory = EngineChoice().make


def train(
    config: ExperimentConfig,
    on_progress: Progress | None = None,
    engine: EngineFactory = AUTOMATIC,
) -> Snapshot:
    """Train every lane of ``config`` to its last step at full speed; the final snapshot.

    ``on_progress`` sees a snapshot up to thirty times a second. ``engine`` makes the engine, such
    as ``EngineChoice(device="cuda").make``. Raises ``InvalidValue`` for a device that is not there.
    """
    latest: list[Snapshot] = []

    def keep(snapshot: Snapshot) -> None:
        latest[:] = [snapshot]
        if on_progress is not None:
            on_progress(snapshot)

    trainer_for(config, engine).run(threading.Event(), keep, until_finished=True)
    return latest[0]


def is_map(config: ExperimentConfig) -> bool:
    """Whether a config is that of a phase diagram, which is trained cell by cell."""
    experiment = EXPERIMENTS.get(config.name)
    return experiment is not None and experiment.kind == "map"


def trainer_for(
    config: ExperimentConfig, engine: EngineFactory, pace: Pace = PACES["full"]
) -> Trainer | MapTrainer:
    """The trainer that suits a config: one for all lanes at once, or one for a phase diagram."""
    return (MapTrainer if is_map(config) else Trainer)(config, engine, pace)
