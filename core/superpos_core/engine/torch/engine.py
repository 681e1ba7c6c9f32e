"""The reference engine: PyTorch, lanes batched, gradients by autograd, torch's own optimisers.

It is written to be obviously correct. It runs on any device, and is fast on GPUs.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import torch
from numpy.typing import NDArray

from superpos_core.arrays import FloatArray
from superpos_core.engine import EngineState
from superpos_core.engine.states import check_start, check_state, models_to_load
from superpos_core.engine.torch.captured_step import Recorder, recorder_for
from superpos_core.engine.torch.cohort import TorchCohort
from superpos_core.engine.torch.devices import resolve_device
from superpos_core.engine.torch.failures import failures_explained
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import model_named
from superpos_core.task.parameters import Parameters


class TorchEngine:
    """Trains the lanes of a config, one batched set of tensors per model.

    All of its methods raise ``EngineError`` if memory, the driver or the device fails.
    """

    name = "torch"

    def __init__(
        self, config: ExperimentConfig, device: str = "cpu", record: Recorder | None = None
    ) -> None:
        """``record`` turns a step into a faster one: by default a CUDA graph on CUDA devices."""
        # More threads are slower on arrays this small, and sums would depend on their number.
        torch.set_num_threads(1)
        # Environment variables can enable TF32, whose ten bits would change the results.
        torch.set_float32_matmul_precision("highest")
        self._config = config
        self._device = resolve_device(device)
        self._record = record or recorder_for(self._device)
        self._cohorts: dict[str, TorchCohort] = {}
        for model in config.models:
            self.join(model)

    @property
    def device(self) -> str:
        """Where it runs, such as ``cpu`` or ``cuda:0``."""
        return str(self._device)

    def join(self, model: str) -> None:
        """Add the lanes of ``model`` at step 0."""
        self._cohorts[model] = self._new_cohort(model)

    def _new_cohort(self, model: str) -> "TorchCohort":
        lanes = self._config.lanes_of(model)
        with self._failures_explained(len(lanes)):
            return TorchCohort(self._config, model_named(model), lanes, self._device, self._record)

    def start_from(self, model: str, parameters: Parameters) -> None:
        """Let a model's lanes, at step 0, start from these parameters; they have a lane axis."""
        with self._failures_explained():
            check_start(self._cohorts[model].parameters(), parameters)
            self._cohorts[model].start_from(parameters)

    def advance(self, steps: Mapping[str, int]) -> dict[str, FloatArray]:
        """Take exactly this many steps of each named model; the losses, shape (steps, lanes)."""
        with self._failures_explained():
            losses = {model: self._cohorts[model].advance(count) for model, count in steps.items()}
            return {model: values.cpu().numpy() for model, values in losses.items()}

    def parameters(self, model: str) -> Parameters:
        """The current parameters of a model's lanes, as copies with a leading lane axis."""
        with self._failures_explained():
            return self._cohorts[model].parameters()

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything needed to continue training from here, as flat named arrays."""
        with self._failures_explained():
            return {name: array.copy() for name, array in _arrays_of(self._cohorts).items()}

    def load_state(self, state: EngineState) -> None:
        """Continue from a ``state`` of the same config; raises ``ValueError`` if it is not one."""
        with self._failures_explained():
            cohorts = {
                model: self._cohorts.get(model) or self._new_cohort(model)
                for model in models_to_load(state, self._cohorts)
            }
            check_state(_arrays_of(cohorts), state)
            with torch.no_grad():
                for model, cohort in cohorts.items():
                    for name, tensor in cohort.state_tensors().items():
                        # Copy in place, because recorded steps use the same tensors.
                        tensor.copy_(torch.from_numpy(state[f"{model}/{name}"].copy()))
        self._cohorts = cohorts

    def close(self) -> None:
        """Release memory."""
        self._cohorts.clear()

    def _failures_explained(self, more_lanes: int = 0) -> AbstractContextManager[None]:
        """For work that needs the memory of all lanes, including those about to join."""
        lanes = sum(len(self._config.lanes_of(model)) for model in self._cohorts)
        return failures_explained(self._config, lanes + more_lanes, self._device)


def _arrays_of(cohorts: Mapping[str, TorchCohort]) -> dict[str, NDArray[Any]]:
    """All state of training, as flat named arrays; on the CPU they share memory."""
    return {
        f"{model}/{name}": tensor.detach().cpu().numpy()
        for model, cohort in cohorts.items()
        for name, tensor in cohort.state_tensors().items()
    }
