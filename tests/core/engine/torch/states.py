"""Small configs, and what the state of a torch engine holds."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.core.reference import Weights

from superpos_core.engine.torch.engine import TorchEngine
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import MODELS

State = dict[str, NDArray[Any]]

each_model = pytest.mark.parametrize("model", MODELS)
SMALL = ExperimentConfig(
    "small", features=5, hidden=3, models=("tied",), sparsities=(0.0, 0.6), batch=16, steps=100
)


def small_config(model: str) -> ExperimentConfig:
    return replace(SMALL, models=(model,))


def weights_in(
    state: Mapping[str, NDArray[Any]], model: str, kind: str = "weights"
) -> list[Weights]:
    """The weights of each lane (or their moments, by another ``kind``), in float64."""
    names = [f"{model}/{kind} of {each.name}" for each in MODELS[model].trained]
    encoder, *middle, bias = (state[name].astype(np.float64) for name in names)
    return [
        Weights(encoder[lane], middle[0][lane] if middle else None, bias[lane].reshape(-1))
        for lane in range(len(encoder))
    ]


def engine_at_random_weights(config: ExperimentConfig) -> TorchEngine:
    """Biases that are not 0, so that hardly a pre-activation sits on the corner of a ReLU."""
    engine = TorchEngine(config)
    random = np.random.default_rng(11)
    state = engine.state()
    for name in state:
        if "/weights " in name:
            state[name] = random.normal(0, 0.6, state[name].shape).astype(np.float32)
    engine.load_state(state)
    return engine


def equal_states(one: State, other: State) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[key], other[key]) for key in one)
