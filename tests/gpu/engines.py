"""Engines on the device to check, and how their numbers compare."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tests.gpu.parts import Asked
from tests.recorded_step import optimisers_record_anywhere, replayed

from superpos_core.arrays import FloatArray
from superpos_core.engine.torch.captured_step import Recorder, Step, recorder_for
from superpos_core.engine.torch.engine import TorchEngine, resolve_device
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import MODELS
from superpos_core.task.parameters import Parameters

MOST_OF_A_LOSS = 3e-5
MOST_OF_A_MOVE = 3e-4
"""How far two devices may be apart: of the largest loss, and of how far the weights have moved.

With another order of summing, losses differ by some 3e-7 and moves by some 2e-6; with TF32 products
losses differ by 2e-4 and more.
"""

SMALL = ExperimentConfig(
    "gpu", features=12, hidden=4, models=tuple(MODELS), sparsities=(0.0, 0.6, 0.95), batch=64,
    steps=60, learning_rate=0.01,
)  # fmt: skip

State = dict[str, NDArray[Any]]


class Recordings:
    """Records steps as the device does, and counts; the CPU, which does not, replays them."""

    def __init__(self, device: str) -> None:
        self._record = recorder_for(resolve_device(device)) or replayed
        self.made = 0

    def __call__(self, take_step: Step, changed: Sequence[torch.Tensor]) -> Step:
        self.made += 1
        return self._record(take_step, changed)


def unrecorded(take_step: Step, changed: Sequence[torch.Tensor]) -> Step:
    """The step as a recording takes it, without one."""
    return take_step


@contextmanager
def recording_allowed(asked: Asked) -> Iterator[None]:
    """Where steps may be recorded: on a GPU anyway, elsewhere with some persuasion."""
    with nullcontext() if asked.device.startswith("cuda") else optimisers_record_anywhere():
        yield


def engine_on(
    asked: Asked, config: ExperimentConfig, record: Recorder | None = None
) -> TorchEngine:
    """An engine on the device to check."""
    return TorchEngine(config, asked.device, record)


def every(config: ExperimentConfig, steps: int) -> dict[str, int]:
    """This many steps of every model."""
    return dict.fromkeys(config.models, steps)


def assert_alike(
    config: ExperimentConfig, one: TorchEngine, other: TorchEngine, *slices: int
) -> str:
    """Train both for these steps; how far apart they are, if that is close enough."""
    starts = {model: one.parameters(model) for model in config.models}
    loss_gap = move_gap = 0.0
    for steps in slices:
        losses, expected = (engine.advance(every(config, steps)) for engine in (one, other))
        loss_gap = max(loss_gap, *(_gap(losses[m], expected[m]) for m in config.models))
    for model, start in starts.items():
        move_gap = max(move_gap, _move_gap(start, one.parameters(model), other.parameters(model)))
    seen = f"losses {loss_gap:.0e} apart, weights {move_gap:.0e}"
    assert loss_gap <= MOST_OF_A_LOSS, f"{seen}: losses more than {MOST_OF_A_LOSS:g}"
    assert move_gap <= MOST_OF_A_MOVE, f"{seen}: weights more than {MOST_OF_A_MOVE:g}"
    return seen


def _gap(losses: FloatArray, expected: FloatArray) -> float:
    """The largest difference of a lane, beside its largest loss; a NaN is no small one."""
    gaps = np.abs(losses - expected).max(axis=0) / np.abs(expected).max(axis=0)
    return float(np.nan_to_num(gaps, nan=np.inf).max())


def _move_gap(start: Parameters, one: Parameters, other: Parameters) -> float:
    moves = _flat(other) - _flat(start)
    gap = np.linalg.norm(_flat(one) - _flat(other)) / np.linalg.norm(moves)
    return float(np.nan_to_num(gap, nan=np.inf))


def _flat(parameters: Parameters) -> FloatArray:
    flat = [array.ravel() for array in parameters.arrays.values()]
    return np.concatenate(flat).astype(np.float64)


def differing(one: Mapping[str, NDArray[Any]], other: Mapping[str, NDArray[Any]]) -> list[str]:
    """The arrays of two states that are not the same to the last bit."""
    assert one.keys() == other.keys(), "the states have other arrays"
    return [name for name, array in one.items() if not np.array_equal(array, other[name])]


def assert_equal_states(one: Mapping[str, NDArray[Any]], other: Mapping[str, NDArray[Any]]) -> str:
    """That two states are the same to the last bit."""
    wrong = differing(one, other)
    assert not wrong, f"not the same bits: {', '.join(wrong)}"
    return "bit for bit"
