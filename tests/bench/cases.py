"""What is trained: the sizes that the paper's experiments have."""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.config import ExperimentConfig

BATCH = 1024


@dataclass(frozen=True)
class Case:
    """Lanes of one size. ``density`` and ``importance`` have shape (lanes of one model, n).

    ``config`` describes the same for an engine, where a config can: sweeps over importance cannot
    be said in one yet.
    """

    name: str
    features: int
    hidden: int
    density: FloatArray
    importance: FloatArray
    models: tuple[str, ...] = ("tied",)
    config: ExperimentConfig | None = None

    @property
    def lanes(self) -> int:
        """All lanes, of all models."""
        return len(self.density) * len(self.models)


def _of_config(name: str, config: ExperimentConfig) -> Case:
    lanes = config.lanes_of(config.models[0])
    density = np.stack([config.feature_probability(lane) for lane in lanes])
    importance = np.tile(config.feature_importance, (len(lanes), 1))
    return Case(name, config.features, config.hidden, density, importance, config.models, config)


def _densities(features: int, hidden: int, count: int) -> ExperimentConfig:
    """The notebook's densities, 20^0 … 20^−1, with importance 0.9^i."""
    density = 20.0 ** -np.linspace(0, 1, count)
    sparsities = tuple(float(1 - each) for each in density)
    return ExperimentConfig(
        "bench", features, hidden, ("tied",), sparsities, importance=0.9, batch=BATCH
    )


def _sweep(side: int) -> Case:
    """n=2, m=1: density from 1 to 0.01 against the second feature's importance, 0.1 to 10."""
    density = np.repeat(np.logspace(0, -2, side), side)[:, None].repeat(2, axis=1)
    second = np.tile(np.logspace(-1, 1, side), side)
    importance = np.stack([np.ones_like(second), second], axis=1)
    return Case(f"{side * side:,}-cell sweep, 2→1", 2, 1, density, importance)


CASES = (
    _of_config("20→5, seed experiment", ExperimentConfig("seed", batch=BATCH)),
    _of_config("5→2, ten densities", _densities(5, 2, 10)),
    _of_config("80→20, ten densities", _densities(80, 20, 10)),
    _of_config("200→20, twenty densities", _densities(200, 20, 20)),
    _sweep(20),
    _sweep(100),
)
