"""The optimisers, as torch has them, for steps that are taken or recorded; and row-norm decay."""

from collections.abc import Callable, Mapping, Sequence

import torch

from superpos_core.task.models import TrainedArray
from superpos_core.task.recipe import Recipe

Group = dict[str, list[torch.Tensor] | float]
"""Weights, and the weight decay of these (a parameter group)."""


def _adamw(recipe: Recipe, groups: Sequence[Group], on_device: bool) -> torch.optim.Optimizer:
    return torch.optim.AdamW(
        groups,
        lr=recipe.learning_rate,
        capturable=on_device,
        foreach=on_device or None,
    )


def _sgd(recipe: Recipe, groups: Sequence[Group], on_device: bool) -> torch.optim.Optimizer:
    return torch.optim.SGD(
        groups,
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        fused=on_device,
    )


OPTIMISERS: dict[str, Callable[[Recipe, Sequence[Group], bool], torch.optim.Optimizer]] = {
    "adamw": _adamw,
    "sgd": _sgd,
}
"""The last argument requests the variant that keeps its counters and learning rate on the device,
because a recorded step can only read tensors."""


class Descent:
    """Steps of the recipe's optimiser, after row-norm decay if there is any."""

    def __init__(
        self,
        recipe: Recipe,
        trained: Sequence[TrainedArray],
        weights: Mapping[str, torch.Tensor],
        on_device: bool,
    ) -> None:
        """``weights``: tensors by the names of ``trained``, with a leading lane axis."""
        decay = recipe.decay
        self._weights = list(weights.values())
        self._towards_one = decay.towards_one
        self._matrices = [
            # The axis of the hidden dimensions: a row is what one feature has along it.
            (weights[each.name], 1 + each.axes.index("hidden"))
            for each in trained
            if len(each.axes) > 1
        ]
        matrices = [weight for weight, _ in self._matrices]
        others = [weights[each.name] for each in trained if len(each.axes) < 2]
        groups: list[Group] = [
            {"params": matrices, "weight_decay": max(decay.of_weights, 0.0)},
            {"params": others, "weight_decay": 0.0},
        ]
        if decay.of_weights == 0:
            groups = [{"params": self._weights, "weight_decay": decay.of_all}]
        self._optimizer = OPTIMISERS[recipe.optimiser](recipe, groups, on_device)
        self._create_state()

    def set_rate(self, rate: float | torch.Tensor) -> None:
        """Set the learning rate of the steps to come; a tensor can later be changed in place."""
        for group in self._optimizer.param_groups:
            group["lr"] = rate

    def step(
        self, objective: torch.Tensor, change_gradients: Callable[[], None] = lambda: None
    ) -> None:
        """Take a step down the gradient of ``objective``, once ``change_gradients`` was called."""
        self._optimizer.zero_grad()
        objective.backward()  # type: ignore[no-untyped-call]
        change_gradients()
        if self._towards_one:
            strength = self._towards_one * self._optimizer.param_groups[0]["lr"]
            for weight, hidden in self._matrices:
                pull_towards_one(weight, hidden, strength)
        self._optimizer.step()

    def state_of(self, weight: torch.Tensor) -> dict[str, torch.Tensor]:
        """The tensors that the optimiser keeps of a weight, by name."""
        state: dict[str, torch.Tensor] = self._optimizer.state[weight]
        return state

    def _create_state(self) -> None:
        """Create the optimiser's state, which otherwise only exists after the first step.

        A step with zero gradient and weight decay changes no weight and leaves AdamW's moments and
        sgd's momentum at 0; the counters are then reset to 0.
        """
        groups = self._optimizer.param_groups
        decays = [group["weight_decay"] for group in groups]
        for group in groups:
            group["weight_decay"] = 0.0
        for weight in self._weights:
            weight.grad = torch.zeros_like(weight)
        self._optimizer.step()
        for group, weight_decay in zip(groups, decays, strict=True):
            group["weight_decay"] = weight_decay
        for weight in self._weights:
            if "step" in self._optimizer.state[weight]:
                self._optimizer.state[weight]["step"].zero_()


@torch.no_grad()
def pull_towards_one(weight: torch.Tensor, axis: int, strength: float | torch.Tensor) -> None:
    """W_i ← W_i + strength·W_i·(1/‖W_i‖ − 1), in place, for each row along ``axis``.

    Rows of zeros stay (``task/decay.py``).
    """
    norm = torch.linalg.vector_norm(weight, dim=axis, keepdim=True)
    factor = 1.0 + strength * (1.0 / norm - 1.0)
    weight.mul_(torch.where(norm > 0, factor, 1.0))
