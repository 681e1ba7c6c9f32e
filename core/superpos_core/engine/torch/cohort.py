"""The lanes of one model in torch, and their steps."""

import os
from collections.abc import Callable, Iterator

import numpy as np
import torch

from superpos_core.activations import ActivationName
from superpos_core.arrays import FloatArray
from superpos_core.engine.torch.captured_step import Recorder, Step
from superpos_core.engine.torch.descent import Descent
from superpos_core.engine.torch.noise import hidden_noise_for
from superpos_core.engine.torch.rows import rows_for
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.initialization import stacked_initial_parameters
from superpos_core.task.lanes import Lane
from superpos_core.task.models import Model
from superpos_core.task.parameters import Parameters
from superpos_core.task.schedules import schedule_named

# Otherwise a product on some processors depends on the memory addresses of a lane's matrices, and
# so on the other lanes. MKL reads this at its first product.
os.environ.setdefault("MKL_CBWR", "AUTO")

ACTIVATIONS: dict[ActivationName, Callable[[torch.Tensor], torch.Tensor]] = {
    "identity": lambda values: values,
    "relu": torch.relu,
    "gelu": lambda values: torch.nn.functional.gelu(values, approximate="tanh"),
    "softplus": torch.nn.functional.softplus,
}


class TorchCohort:
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
        self._noise = hidden_noise_for(config, lanes, device)

        start = stacked_initial_parameters(config, lanes)
        self._shapes = {name: array.shape for name, array in start.arrays.items()}
        self._weights = {
            name: _tensor(_for_rows(array), device).requires_grad_()
            for name, array in start.arrays.items()
        }
        self._record = record
        self._recorded_step: Step | None = None
        self._descent = Descent(config, model.trained, self._weights, record is not None)
        self._learning_rate = _tensor(config.learning_rate, device)
        if record is not None:
            self._descent.set_rate(self._learning_rate)

    def advance(self, steps: int) -> torch.Tensor:
        """Take this many steps; the losses, (steps, lanes), stay on the device."""
        shape = (steps, len(self._importance))
        losses = torch.empty(shape, dtype=torch.float32, device=self._importance.device)
        if steps == 0:
            return losses
        first, config = int(self._step), self._config
        rates = schedule_named(config.learning_rate_schedule).rates(
            config.learning_rate, first, steps, config.steps, config.warm_up
        )
        prepared = self._prepared(first, steps)
        if self._record is None:
            for step, (rate, _) in enumerate(zip(rates.tolist(), prepared, strict=True)):
                self._descent.set_rate(rate)
                losses[step] = self._take_step()
            return losses
        if self._recorded_step is None:
            self._recorded_step = self._record(self._take_step, [*self.state_tensors().values()])
        rates_there = _tensor(rates, losses.device)
        for step, (rate, _) in enumerate(zip(rates_there, prepared, strict=True)):
            self._learning_rate.copy_(rate)
            losses[step] = self._recorded_step()
        return losses

    def _prepared(self, first: int, steps: int) -> Iterator[int]:
        """Set the rows and the noise of one step after another, and yield its number."""
        schedule = self._config.noise_schedule
        factors = schedule.factors_from(first, steps, self._config.steps).tolist()
        choices = self._rows.choices(first, steps)
        for step, (choice, factor) in enumerate(zip(choices, factors, strict=True), first):
            self._rows.choose(choice)
            if self._noise is not None:
                self._noise.set_factor(factor)
            yield step

    def _take_step(self) -> torch.Tensor:
        loss, minimised = self._losses(self._rows.now(self._step))
        # Lanes share no weights, so the gradient of the sum is that of each lane.
        self._descent.step(minimised.sum())
        self._step += 1
        return loss.detach()

    def _losses(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Each lane's loss on ``x`` (L, rows, n) and its objective, both of shape (L,).

        The loss is the mean over rows and features. The penalty is added to the total loss, which
        is n times the mean. Noise on the hidden layer is for the decoder, not for the penalty.
        """
        encoder, bias = self._weights["encoder"], self._weights["bias"]
        decoder = encoder.mT if self._model.tied else self._weights["decoder"]
        hidden = ACTIVATIONS[self._model.hidden_activation](x @ encoder)
        seen = hidden if self._noise is None else self._noise.on(hidden, self._step)
        output = ACTIVATIONS[self._model.output_activation](seen @ decoder + bias)
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

    def start_from(self, parameters: Parameters) -> None:
        """Replace all weights, in place, because recorded steps use the same tensors."""
        with torch.no_grad():
            for name, weight in self._weights.items():
                given = torch.from_numpy(parameters.arrays[name].copy())
                weight.copy_(given.reshape(weight.shape))

    def state_tensors(self) -> dict[str, torch.Tensor]:
        """All tensors that change in training, by name: weights, optimiser state, counter."""
        tensors = {"step": self._step}
        for name, weight in self._weights.items():
            tensors[f"weights of {name}"] = weight
            for kept, tensor in self._descent.state_of(weight).items():
                tensors[f"{kept} of {name}"] = tensor
        return tensors


def _for_rows(array: FloatArray) -> FloatArray:
    """One matrix per lane: a vector becomes one row, which broadcasts over rows."""
    return array if array.ndim > 2 else array[:, None, :]


def _tensor(values: FloatArray | float, device: torch.device) -> torch.Tensor:
    """A copy in float32, regardless of torch's default."""
    return torch.from_numpy(np.array(values, dtype=np.float32)).to(device)
