"""The lanes of one kind of dictionary in torch, and their steps."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from superpos_core.arrays import FloatArray
from superpos_core.engine.dictionaries.engine import LanesOfKind, Progress
from superpos_core.engine.dictionaries.forms import Arrays, as_trained, is_of_batch, own_arrays
from superpos_core.engine.dictionaries.resampling import Trained, is_resampled, replace_silent
from superpos_core.engine.torch.descent import Descent
from superpos_core.engine.torch.dictionaries.activations import LATENTS, Latents
from superpos_core.engine.torch.dictionaries.batch import batch_of
from superpos_core.task.decay import ALL
from superpos_core.task.dictionaries.kinds import THRESHOLD
from superpos_core.task.dictionaries.objective import (
    THRESHOLD_NEWS,
    kept_latents,
    prefixes_of,
)
from superpos_core.task.dictionaries.options import UNIT, ZERO
from superpos_core.task.schedules import schedule_named

MOMENTS = ("exp_avg", "exp_avg_sq")


class TorchDictionaries:
    """The lanes of one kind as batched tensors, with a leading lane axis."""

    def __init__(self, given: LanesOfKind, device: torch.device) -> None:
        self._given = given
        self._device = device
        config, lanes = given.config, given.lanes
        own = own_arrays(config, given.kind)
        start = as_trained(config, given.kind, given.start)
        self._weights = {name: self._tensor(array) for name, array in start.items()}
        trained = [each for each in own if not is_of_batch(given.kind, each)]
        for each in trained:
            self._weights[each.name].requires_grad_()
        self._descent = Descent(
            replace(config, optimiser="adamw", weight_decay=0.0, decay_of=ALL),
            trained,
            {each.name: self._weights[each.name] for each in trained},
            on_device=False,
        )
        self._prefixes = prefixes_of(given.kind, config.latents)
        self._penalty = self._tensor(np.array([config.latent_penalty_of(lane) for lane in lanes]))
        kept = [
            kept_latents(given.kind, config.active_latents_of(lane), config.batch) for lane in lanes
        ]
        self._kept = torch.tensor(kept, device=device)
        self._step = torch.zeros((), dtype=torch.int64)
        self._activity = self._tensor(np.zeros((len(lanes), config.latents)))

    def _tensor(self, values: FloatArray) -> torch.Tensor:
        return torch.from_numpy(np.array(values, dtype=np.float32)).to(self._device)

    def advance(self, steps: int) -> Progress:
        """Take this many steps."""
        config, first = self._given.config, int(self._step)
        shape = steps, len(self._given.lanes)
        losses, active = (torch.empty(shape, device=self._device) for _ in range(2))
        rates = schedule_named(config.learning_rate_schedule).rates(
            config.learning_rate, first, steps, config.steps, config.warm_up
        )
        for index, rate in enumerate(rates.tolist()):
            if is_resampled(config, first + index):
                self._resample(first + index)
            self._descent.set_rate(rate)
            losses[index], active[index] = self._take_step(first + index)
        return Progress(losses.cpu().numpy(), active.cpu().numpy())

    def _take_step(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        batch = batch_of(self._given.rows, step, self._given.config.batch, self._device)
        latents = LATENTS[self._given.kind.activation](self._weights, batch, self._kept)
        loss, objective = self.losses(latents)
        # Lanes share no weights, so the gradient of the sum is that of each lane.
        self._descent.step(objective.sum(), self._change_gradients)
        with torch.no_grad():
            self._restore_lengths()
            self._follow_threshold(latents.smallest)
            alive = (latents.batch.shares[:, :, None] * (latents.active > 0)).sum(1)
            self._activity += alive
        self._step += 1
        return loss.detach(), alive.sum(-1)

    def losses(self, latents: Latents) -> tuple[torch.Tensor, torch.Tensor]:
        """Each lane's loss and its objective, both of shape (L,)."""
        batch, objective = latents.batch, torch.zeros(())
        for prefix in self._prefixes:
            decoder = self._weights["decoder"][:, :prefix]
            output = latents.active[:, :, :prefix] @ decoder + self._weights["bias"][:, None]
            loss = batch.mean(((output - batch.vectors) ** 2).sum(2))
            objective = objective + loss
        if latents.penalised is not None:
            objective = objective + self._penalty * batch.mean(latents.penalised)
        if latents.further is not None:
            objective = objective + batch.mean(latents.further)
        return loss, objective

    def _change_gradients(self) -> None:
        """Nothing moves a fixed bias, nor d of length 1 along itself (Bricken et al. 2023)."""
        config = self._given.config
        if config.decoder_bias == ZERO:
            self._weights["bias"].grad = torch.zeros_like(self._weights["bias"])
        if config.decoder_norm == UNIT:
            decoder = self._weights["decoder"]
            gradient, directions = decoder.grad, decoder.detach()
            assert gradient is not None
            gradient -= (gradient * directions).sum(2, keepdim=True) * directions

    def _restore_lengths(self) -> None:
        if self._given.config.decoder_norm == UNIT:
            decoder = self._weights["decoder"]
            norms = torch.linalg.vector_norm(decoder, dim=2, keepdim=True)
            decoder /= torch.where(norms > 0, norms, 1.0)

    def _follow_threshold(self, smallest: torch.Tensor | None) -> None:
        """The running threshold moves towards the smallest activation, where there is any."""
        if smallest is not None:
            threshold = self._weights[THRESHOLD.name]
            moved = (1 - THRESHOLD_NEWS) * threshold + THRESHOLD_NEWS * smallest[:, None]
            threshold.copy_(torch.where(moved.isnan(), threshold, moved))

    def _resample(self, step: int) -> None:
        """Replace silent latents in numpy, as every engine does."""
        state = {name: array.copy() for name, array in self.state().items()}
        for lane in range(len(self._given.lanes)):
            trained = Trained(
                {name: state[f"weights of {name}"][lane] for name in self._weights},
                tuple(
                    {name: state[f"{moment} of {name}"][lane] for name in self._trained_names()}
                    for moment in MOMENTS
                ),
                state["activity"][lane],
            )
            replace_silent(self._given, lane, trained, step)
        self.load_state(state)

    def _trained_names(self) -> list[str]:
        return [name for name, weight in self._weights.items() if weight.requires_grad]

    def _state_tensors(self) -> dict[str, torch.Tensor]:
        tensors = {"step": self._step, "activity": self._activity}
        for name, weight in self._weights.items():
            tensors[f"weights of {name}"] = weight
            if weight.requires_grad:
                for kept, tensor in self._descent.state_of(weight).items():
                    tensors[f"{kept} of {name}"] = tensor
        return tensors

    def arrays(self) -> Arrays:
        """The trained arrays; on the CPU they are views."""
        return {name: weight.detach().cpu().numpy() for name, weight in self._weights.items()}

    def start_from(self, arrays: Arrays) -> None:
        """Replace the trained arrays."""
        with torch.no_grad():
            for name, weight in self._weights.items():
                weight.copy_(torch.from_numpy(np.array(arrays[name], np.float32)))

    def state(self) -> Mapping[str, NDArray[Any]]:
        """All that training changes; on the CPU they are views."""
        return {
            name: tensor.detach().cpu().numpy() for name, tensor in self._state_tensors().items()
        }

    def load_state(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Replace all of it."""
        with torch.no_grad():
            for name, tensor in self._state_tensors().items():
                tensor.copy_(torch.from_numpy(state[name]))
