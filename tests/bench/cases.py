"""The benchmark cases: the sizes of the paper's experiments."""

from dataclasses import dataclass

import numpy as np

from superpos_core.arrays import FloatArray
from superpos_core.task.config import ExperimentConfig

BATCH = 1024


@dataclass(frozen=True)
class Case:
    """Lanes of one size. ``density`` and ``importance`` have shape (lanes of one model, n).

    ``config`` describes the same lanes for an engine.
    """

    name: str
    features: int
    hidden: int
    density: FloatArray
    importance: FloatArray
    models: tuple[str, ...]
    config: ExperimentConfig

    @property
    def lanes(self) -> int:
        """The number of lanes of all models."""
        return len(self.density) * len(self.models)


def _of_config(name: str, config: ExperimentConfig) -> Case:
    lanes = config.lanes_of(config.models[0])
    density = np.stack([config.feature_probability(lane) for lane in lanes])
    importance = np.stack([config.importance_of(lane) for lane in lanes])
    return Case(name, config.features, config.hidden, density, importance, config.models, config)


def _densities(features: int, hidden: int, count: int) -> ExperimentConfig:
    """The notebook's densities, 20^0 … 20^−1, with importance 0.9^i."""
    density = 20.0 ** -np.linspace(0, 1, count)
    sparsities = tuple(float(1 - each) for each in density)
    return ExperimentConfig(
        "bench",
        features=features,
        hidden=hidden,
        models=("tied",),
        sparsities=sparsities,
        importance=0.9,
        batch=BATCH,
    )


def _sweep(side: int) -> Case:
    """n=2, m=1: density from 1 to 0.01, and the second feature's importance from 0.1 to 10."""
    config = ExperimentConfig(
        "bench", features=2, hidden=1, models=("tied",), importance=1.0,
        sparsities=tuple((1 - np.logspace(0, -2, side)).tolist()),
        batch=BATCH, sweep="last-importance", sweep_values=tuple(np.logspace(-1, 1, side).tolist()),
    )  # fmt: skip
    return _of_config(f"{side * side:,}-cell sweep, 2→1", config)


def _zipf(features: int, hidden: int, lanes: int) -> Case:
    """About one active feature a row, at frequencies that fall with the square of the rank."""
    config = ExperimentConfig(
        "bench", features=features, hidden=hidden, models=("tied",), sparsities=(0.0,),
        importance=1.0, frequency="zipf", alpha=2.0, batch=2 * BATCH, restarts=lanes,
    )  # fmt: skip
    return _of_config(f"{features}→{hidden}, zipf, {lanes} lane(s)", config)


CASES = (
    _of_config("20→5, twenty", ExperimentConfig("twenty", batch=BATCH)),
    _of_config("5→2, ten densities", _densities(5, 2, 10)),
    _of_config("80→20, ten densities", _densities(80, 20, 10)),
    _of_config("200→20, twenty densities", _densities(200, 20, 20)),
    _zipf(1000, 10, 1),
    _zipf(1000, 10, 2),
    _zipf(1000, 100, 1),
    _zipf(1000, 100, 2),
    _sweep(20),
    _sweep(100),
)
