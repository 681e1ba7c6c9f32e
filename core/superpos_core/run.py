"""Train a whole experiment in one call, without a terminal: for notebooks and for export."""

import threading
from collections.abc import Callable

from superpos_core.config import ExperimentConfig
from superpos_core.engine.choice import make_engine
from superpos_core.snapshot import Snapshot
from superpos_core.trainer import EngineFactory, Trainer

Progress = Callable[[Snapshot], None]


def train(
    config: ExperimentConfig,
    device: str = "cpu",
    on_progress: Progress | None = None,
    make: EngineFactory | None = None,
) -> Snapshot:
    """Train every lane of ``config`` to its last step at full speed; the final snapshot.

    ``on_progress`` sees a snapshot up to thirty times a second. ``make`` makes the engine, if not
    the best one for ``device``. Raises ``InvalidValue`` for a device that is not there.
    """
    latest: list[Snapshot] = []

    def keep(snapshot: Snapshot) -> None:
        latest[:] = [snapshot]
        if on_progress is not None:
            on_progress(snapshot)

    trainer = Trainer(config, make or (lambda config: make_engine(config, device)))
    trainer.run(threading.Event(), keep, until_finished=True)
    return latest[0]
