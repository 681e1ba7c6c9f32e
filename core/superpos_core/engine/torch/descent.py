"""The optimisers, as torch has them, for steps that are taken or recorded."""

from collections.abc import Callable, Sequence

import torch

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.recipe import Recipe


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
"""The last argument requests the variant that keeps its counters and learning rate on the device,
because a recorded step can only read tensors."""
