"""Engines on the device under test, and comparisons of their numbers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tests.gpu.parts import Target
from tests.recorded_step import optimisers_record_anywhere, replayed

from superpos_core.arrays import FloatArray
from superpos_core.engine.torch.captured_step import Recorder, Step, recorder_for
from superpos_core.engine.torch.devices import resolve_device
from superpos_core.engine.torch.engine import TorchEngine
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import MODELS
from superpos_core.task.parameters import Parameters

MAX_LOSS_GAP = 3e-5
MAX_MOVE_GAP = 3e-4
"""Maximum gap between devices, relative to the largest loss and to how far the weights moved.

With another order of summation, losses differ by about 3e-7 and moves by about 2e-6; with TF32
products losses differ by at least 2e-4.
"""

SMALL = ExperimentConfig(
    "gpu", features=12, hidden=4, models=tuple(MODELS), sparsities=(0.0, 0.6, 0.95), batch=64,
    steps=60, learning_rate=0.01,
)  # fmt: skip

State = dict[str, NDArray[Any]]


class Recordings:
    """Records steps as the device does, and counts them; on the CPU they are replayed."""

    def __init__(self, device: str) -> None:
        self._record = recorder_for(resolve_device(device)) or replayed
        self.made = 0

    def __call__(self, take_step: Step, changed: Sequence[torch.Tensor]) -> Step:
        self.made += 1
        return self._record(take_step, changed)


def unrecorded(take_step: Step, changed: Sequence[torch.Tensor]) -> Step:
    """A ``Recorder`` that returns the step itself."""
    return take_step


@contextmanager
def recording_allowed(target: Target) -> Iterator[None]:
    """Allow steps to be recorded: on a GPU they can be anyway, elsewhere after patching."""
    with nullcontext() if target.device.startswith("cuda") else optimisers_record_anywhere():
        yield


def engine_on(
    target: Target, config: ExperimentConfig, record: Recorder | None = None
) -> TorchEngine:
    """An engine on the device under test."""
    return TorchEngine(config, target.device, record)


def every(config: ExperimentConfig, steps: int) -> dict[str, int]:
    """The argument of ``advance`` for this many steps of every model."""
    return dict.fromkeys(config.models, steps)


def assert_alike(
    config: ExperimentConfig, one: TorchEngine, other: TorchEngine, *slices: int
) -> str:
    """Train both for these steps; the gap in words, if it is small enough."""
    starts = {model: one.parameters(model) for model in config.models}
    loss_gap = move_gap = 0.0
    for steps in slices:
        losses, expected = (engine.advance(every(config, steps)) for engine in (one, other))
        loss_gap = max(loss_gap, *(_gap(losses[m], expected[m]) for m in config.models))
    for model, start in starts.items():
        move_gap = max(move_gap, _move_gap(start, one.parameters(model), other.parameters(model)))
    seen = f"losses {loss_gap:.0e} apart, weights {move_gap:.0e}"
    assert loss_gap <= MAX_LOSS_GAP, f"{seen}: losses more than {MAX_LOSS_GAP:g}"
    assert move_gap <= MAX_MOVE_GAP, f"{seen}: weights more than {MAX_MOVE_GAP:g}"
    return seen


def _gap(losses: FloatArray, expected: FloatArray) -> float:
    """The largest difference of any lane, relative to its largest loss; NaN counts as infinite."""
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
    """The names of the arrays that differ between two states in any bit."""
    assert one.keys() == other.keys(), "the states have different arrays"
    return [name for name, array in one.items() if not np.array_equal(array, other[name])]


def assert_equal_states(one: Mapping[str, NDArray[Any]], other: Mapping[str, NDArray[Any]]) -> str:
    """Assert that two states are equal bit for bit."""
    wrong = differing(one, other)
    assert not wrong, f"not the same bits: {', '.join(wrong)}"
    return "bit for bit"
