"""Small dictionaries of every kind, and both engines for them."""

from typing import Any

import numpy as np

from superpos_core.engine.choice import EngineChoice
from superpos_core.engine.dictionaries import DictionaryEngine
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.kinds import KINDS
from superpos_core.task.dictionaries.options import DICTIONARIES, TIED
from superpos_core.task.dictionaries.truth import made_directions
from superpos_core.task.parameters import Parameters

ENGINES = ("fused", "torch")
LANES = 2


def dictionaries(**options: Any) -> ExperimentConfig:
    """A config of two lanes of each kind, with five latents for five features in three dimensions.

    Half of the rows are counted patterns, as features are binary unless ``options`` say otherwise.
    """
    usual = {
        "kind": DICTIONARIES, "features": 5, "hidden": 3, "latents": 5, "directions": "random",
        "dictionaries": tuple(KINDS), "distribution": "binary", "sparsities": (0.7, 0.9),
        "batch": 64, "steps": 100, "learning_rate": 3e-3, "latent_penalty": 0.05,
        "active_latents": 1.8,
    }  # fmt: skip
    return ExperimentConfig("dictionaries", **{**usual, **options})


def reading(engine: str, config: ExperimentConfig, threads: int | None = None) -> Any:
    """The engine of this name, with directions to read."""
    made: Any = EngineChoice(engine, threads=threads).make(config)
    made.read(made_directions(config, config.lanes_of(config.dictionaries[0])))
    return made


def every(config: ExperimentConfig, steps: int) -> dict[str, int]:
    """So many steps of every kind."""
    return dict.fromkeys(config.dictionaries, steps)


def move_from_start(engine: DictionaryEngine, config: ExperimentConfig) -> None:
    """Let every kind start from parameters that are not symmetric."""
    for kind in config.dictionaries:
        start = away_from_start(engine.parameters(kind))
        if config.encoder == TIED:
            start = start.with_arrays(encoder=start.decoder.swapaxes(1, 2))
        engine.start_from(kind, start)


def away_from_start(parameters: Parameters) -> Parameters:
    """Other parameters of the same shapes, with nothing symmetric or 0 about them.

    At the start a latent's error is orthogonal to its direction: gradients are 0 but for rounding,
    which Adam makes as large as any other.
    """
    random = np.random.default_rng(3)
    changed = parameters.map(
        lambda array: (array + 0.3 * random.standard_normal(array.shape)).astype(np.float32)
    )
    if "threshold" in parameters.arrays:
        threshold = np.abs(changed.arrays["threshold"]) / 3
        changed = changed.with_arrays(threshold=threshold)
    return changed
