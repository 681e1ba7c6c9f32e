"""The reference engine: PyTorch, lanes batched, gradients by autograd, torch's own optimisers.

It is written to be plainly right. It runs on any device; on a GPU it is also the fast one.
"""

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from superpos_core.activations import ActivationName
from superpos_core.arrays import FloatArray
from superpos_core.engine import EngineState
from superpos_core.engine.states import check_state, models_to_load
from superpos_core.engine.torch.captured_step import Recorder, Step, recorder_for
from superpos_core.engine.torch.failures import failures_explained
from superpos_core.engine.torch.rows import rows_for
from superpos_core.errors import InvalidValue, shortened
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.initialization import stacked_initial_parameters
from superpos_core.task.lanes import Lane
from superpos_core.task.models import Model, model_named
from superpos_core.task.parameters import Parameters
from superpos_core.task.recipe import Recipe
from superpos_core.task.schedules import schedule_named

# Otherwise a product on some processors depends on where in memory a lane's matrices lie, and so on
# what trains beside it. MKL reads this at its first product.
os.environ.setdefault("MKL_CBWR", "AUTO")

ACTIVATIONS: dict[ActivationName, Callable[[torch.Tensor], torch.Tensor]] = {
    "identity": lambda values: values,
    "relu": torch.relu,
    "gelu": lambda values: torch.nn.functional.gelu(values, approximate="tanh"),
    "softplus": torch.nn.functional.softplus,
}


def _adamw(
    recipe: Recipe, weights: Sequence[torch.Tensor], on_device: bool
) -> torch.optim.Optimizer:
    return torch.optim.AdamW(
        weights,
        lr=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        capturable=on_device,
        foreach=on_device or None,
    )


def _sgd(recipe: Recipe, weights: Sequence[torch.Tensor], on_device: bool) -> torch.optim.Optimizer:
    return torch.optim.SGD(
        weights,
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        weight_decay=recipe.weight_decay,
        fused=on_device,
    )


OPTIMISERS: dict[
    str, Callable[[ExperimentConfig, Sequence[torch.Tensor], bool], torch.optim.Optimizer]
] = {"adamw": _adamw, "sgd": _sgd}
"""The last argument asks for the form that keeps its counters, and reads its learning rate, on the
device: a step that is recorded can only read what is in tensors."""


class TorchEngine:
    """Trains the lanes of a config, one batched set of tensors for each model.

    All of its methods raise ``EngineError`` where memory, the driver or the device fails.
    """

    name = "torch"

    def __init__(
        self, config: ExperimentConfig, device: str = "cpu", record: Recorder | None = None
    ) -> None:
        """``record`` is given a step to make a faster one: a CUDA graph, if not said otherwise."""
        # More threads lose on arrays this small, and would make sums depend on their number.
        torch.set_num_threads(1)
        # Environment variables can ask for TF32, whose ten bits would be another experiment.
        torch.set_float32_matmul_precision("highest")
        self._config = config
        self._device = resolve_device(device)
        self._record = record or recorder_for(self._device)
        self._cohorts: dict[str, _TorchCohort] = {}
        for model in config.models:
            self.join(model)

    @property
    def device(self) -> str:
        """Where it runs, such as ``cpu`` or ``cuda:0``."""
        return str(self._device)

    def join(self, model: str) -> None:
        """Add the lanes of ``model`` at step 0."""
        self._cohorts[model] = self._new_cohort(model)

    def _new_cohort(self, model: str) -> "_TorchCohort":
        lanes = self._config.lanes_of(model)
        with self._failures_explained(len(lanes)):
            return _TorchCohort(self._config, model_named(model), lanes, self._device, self._record)

    def advance(self, steps: Mapping[str, int]) -> dict[str, FloatArray]:
        """Take exactly so many steps of each model named; the losses, shape (steps, lanes)."""
        with self._failures_explained():
            losses = {model: self._cohorts[model].advance(count) for model, count in steps.items()}
            return {model: values.cpu().numpy() for model, values in losses.items()}

    def parameters(self, model: str) -> Parameters:
        """The parameters of a model's lanes now, as copies with a leading lane axis."""
        with self._failures_explained():
            return self._cohorts[model].parameters()

    def state(self) -> dict[str, NDArray[Any]]:
        """Everything that training needs to go on from here, as flat named arrays."""
        with self._failures_explained():
            return {name: array.copy() for name, array in _arrays_of(self._cohorts).items()}

    def load_state(self, state: EngineState) -> None:
        """Go on from a ``state`` of the same config; raises ``ValueError`` if it is not one."""
        with self._failures_explained():
            cohorts = {
                model: self._cohorts.get(model) or self._new_cohort(model)
                for model in models_to_load(state, self._cohorts)
            }
            check_state(_arrays_of(cohorts), state)
            with torch.no_grad():
                for model, cohort in cohorts.items():
                    for name, tensor in cohort.state_tensors().items():
                        # A copy in place: recorded steps go on with the same tensors.
                        tensor.copy_(torch.from_numpy(state[f"{model}/{name}"].copy()))
        self._cohorts = cohorts

    def close(self) -> None:
        """Give back memory."""
        self._cohorts.clear()

    def _failures_explained(self, more_lanes: int = 0) -> AbstractContextManager[None]:
        """For work that needs the memory of all lanes, and of those about to join."""
        lanes = sum(len(self._config.lanes_of(model)) for model in self._cohorts)
        return failures_explained(self._config, lanes + more_lanes, self._device)


class _TorchCohort:
    """The lanes of one model as batched tensors: matrices (L, n, m), and vectors (L, 1, n)."""

    def __init__(
        self,
        config: ExperimentConfig,
        model: Model,
        lanes: tuple[Lane, ...],
        device: torch.device,
        record: Recorder | None,
    ) -> None:
        self._config = config
        self._model = model
        self._rows = rows_for(config, lanes, device)
        self._step = torch.zeros((), dtype=torch.int64, device=device)
        importance = np.stack([config.importance_of(lane) for lane in lanes])
        self._importance = _tensor(importance[:, None, :], device)
        penalty = np.array([config.hidden_penalty_of(lane) for lane in lanes])
        self._penalty = _tensor(penalty, device) if penalty.any() else None

        start = stacked_initial_parameters(config, lanes)
        self._shapes = {name: array.shape for name, array in start.arrays.items()}
        self._weights = {
            name: _tensor(_for_rows(array), device).requires_grad_()
            for name, array in start.arrays.items()
        }
        self._record = record
        self._recorded_step: Step | None = None
        self._optimizer = OPTIMISERS[config.optimiser](
            config, [*self._weights.values()], record is not None
        )
        self._give_optimizer_its_state()
        self._learning_rate = _tensor(config.learning_rate, device)
        if record is not None:
            self._optimizer.param_groups[0]["lr"] = self._learning_rate

    def advance(self, steps: int) -> torch.Tensor:
        """Take this many steps; the losses, (steps, lanes), stay on the device until then."""
        shape = (steps, len(self._importance))
        losses = torch.empty(shape, dtype=torch.float32, device=self._importance.device)
        if steps == 0:
            return losses
        first, config = int(self._step), self._config
        rates = schedule_named(config.learning_rate_schedule).rates(
            config.learning_rate, first, steps, config.steps, config.warm_up
        )
        choices = self._rows.choices(first, steps)
        if self._record is None:
            for step, (rate, choice) in enumerate(zip(rates.tolist(), choices, strict=True)):
                self._optimizer.param_groups[0]["lr"] = rate
                self._rows.choose(choice)
                losses[step] = self._take_step()
            return losses
        if self._recorded_step is None:
            self._recorded_step = self._record(self._take_step, [*self.state_tensors().values()])
        rates_there = _tensor(rates, losses.device)
        for step, (rate, choice) in enumerate(zip(rates_there, choices, strict=True)):
            self._learning_rate.copy_(rate)
            self._rows.choose(choice)
            losses[step] = self._recorded_step()
        return losses

    def _take_step(self) -> torch.Tensor:
        loss, minimised = self._losses(self._rows.now(self._step))
        self._optimizer.zero_grad()
        # Lanes share no weights, so the gradient of the sum is each lane's own.
        minimised.sum().backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        self._step += 1
        return loss.detach()

    def _losses(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Each lane's loss on ``x`` (L, rows, n), and what is minimised, both of shape (L,).

        The loss is the mean over rows and features. The penalty adds to the total loss, which is n
        times that.
        """
        encoder, bias = self._weights["encoder"], self._weights["bias"]
        decoder = encoder.mT if self._model.tied else self._weights["decoder"]
        hidden = ACTIVATIONS[self._model.hidden_activation](x @ encoder)
        output = ACTIVATIONS[self._model.output_activation](hidden @ decoder + bias)
        target = x.abs() if self._model.target == "absolute" else x
        loss = self._rows.mean(self._importance * (target - output) ** 2)
        if self._penalty is None:
            return loss, loss
        norm = self._config.hidden * self._rows.mean(hidden.abs())
        return loss, loss + self._penalty / self._config.features * norm

    def parameters(self) -> Parameters:
        """Copies, in the shapes of ``Parameters``."""
        return Parameters(
            **{
                name: weight.detach().cpu().numpy().copy().reshape(self._shapes[name])
                for name, weight in self._weights.items()
            }
        )

    def state_tensors(self) -> dict[str, torch.Tensor]:
        """All tensors that change in training, by name: weights, optimiser state, counter."""
        tensors = {"step": self._step}
        for name, weight in self._weights.items():
            tensors[f"weights of {name}"] = weight
            for kept, tensor in self._optimizer.state[weight].items():
                tensors[f"{kept} of {name}"] = tensor
        return tensors

    def _give_optimizer_its_state(self) -> None:
        """Optimisers make their state at the first step; make it now, to be loaded into.

        A step with zero gradient and weight decay changes no weight, and leaves AdamW's moments and
        sgd's momentum at 0, as they are before a first step; the counters go back to 0.
        """
        group = self._optimizer.param_groups[0]
        weight_decay, group["weight_decay"] = group["weight_decay"], 0.0
        for weight in self._weights.values():
            weight.grad = torch.zeros_like(weight)
        self._optimizer.step()
        group["weight_decay"] = weight_decay
        for weight in self._weights.values():
            if "step" in self._optimizer.state[weight]:
                self._optimizer.state[weight]["step"].zero_()


def _for_rows(array: FloatArray) -> FloatArray:
    """Of every lane a matrix: a vector becomes one row, which is added to many."""
    return array if array.ndim > 2 else array[:, None, :]


def _arrays_of(cohorts: Mapping[str, _TorchCohort]) -> dict[str, NDArray[Any]]:
    """All that training changes, as flat named arrays; on the CPU they share memory."""
    return {
        f"{model}/{name}": tensor.detach().cpu().numpy()
        for model, cohort in cohorts.items()
        for name, tensor in cohort.state_tensors().items()
    }


def resolve_device(name: str) -> torch.device:
    """The device called ``name``; raises ``InvalidValue`` if this machine does not have it."""
    available = available_devices()
    kind, _, index = name.partition(":")
    wanted = f"cuda:{int(index or 0)}" if kind == "cuda" and (index or "0").isdecimal() else name
    if wanted not in available:
        raise InvalidValue("device", name, _why_not_there(kind), " or ".join(available))
    return torch.device(wanted)


def available_devices() -> list[str]:
    """The devices that torch sees here, ``cpu`` first."""
    count, _ = _cuda_devices()
    mps = ["mps"] if torch.backends.mps.is_available() else []
    return ["cpu", *(f"cuda:{index}" for index in range(count)), *mps]


def _cuda_devices() -> tuple[int, str]:
    """How many there are, and what torch warned of as it looked, such as a driver too old."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        count = torch.cuda.device_count()
    return count, " ".join(str(warning.message) for warning in caught)


def _why_not_there(kind: str) -> str:
    count, warned = _cuda_devices()
    if kind != "cuda" or count > 0:
        return "this machine has no such device"
    if not torch.backends.cuda.is_built():  # type: ignore[no-untyped-call]
        return f"torch {torch.__version__} is built without CUDA"
    return shortened(warned) or "torch sees no GPU here"


def _tensor(values: FloatArray | float, device: torch.device) -> torch.Tensor:
    """A copy in float32, whatever torch's default is."""
    return torch.from_numpy(np.array(values, dtype=np.float32)).to(device)
