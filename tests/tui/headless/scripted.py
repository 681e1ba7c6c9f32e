"""A small run without an interface, trained by the scripted engine."""

from pathlib import Path
from typing import Any

from tests.scripted_engine import ScriptedEngine

from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.job import EngineFactory
from superpos_core.training.run import Progress, train

CONFIG = ExperimentConfig(
    "small", features=4, hidden=2, models=("tied",), sparsities=(0.0, 0.9), batch=8, steps=20
)


def scripted_train(
    config: ExperimentConfig, on_progress: Progress | None, engine: EngineFactory, **options: Any
) -> Snapshot:
    return train(config, on_progress, ScriptedEngine, **options)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
