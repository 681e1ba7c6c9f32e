"""The memory that the torch engine needs, and the message if there is not enough."""

import torch

from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import model_named

FLOAT_BYTES = 4
PASSES = 14
"""Arrays of lanes × batch × n alive at once in a step, with 8-byte draws counted twice."""
HIDDEN_PASSES = 5
"""The same for arrays of lanes × batch × m."""
WEIGHT_COPIES = 9
"""Weights, gradients, moments, temporaries of a step, and copies during recording."""


def bytes_of_a_step(config: ExperimentConfig, batch: int, lanes: int) -> int:
    """Estimated peak memory in bytes of training this many lanes of any model."""
    row = PASSES * config.features + HIDDEN_PASSES * config.hidden
    data = batch * row + config.dataset_size * config.features
    matrices = max(1 if model_named(model).tied else 2 for model in config.models)
    weights = WEIGHT_COPIES * matrices * config.features * config.hidden
    return FLOAT_BYTES * lanes * (data + weights)


def batch_that_fits(config: ExperimentConfig, lanes: int, free: int) -> int:
    """The largest power of two that needs at most half of ``free`` bytes; 0 if there is none."""
    batch = 1
    while bytes_of_a_step(config, batch, lanes) <= free // 2:
        batch *= 2
    return batch // 2


def explanation(
    config: ExperimentConfig, lanes: int, device: torch.device, free: int | None
) -> str:
    """One line with the sizes and a batch that would fit."""
    batch = min(config.batch, config.dataset_size or config.batch)
    needed = bytes_of_a_step(config, batch, lanes) / 2**30
    sizes = f"{lanes} lanes × batch {batch} × {config.features} features"
    return (
        f"out of memory on {device}: {sizes} need about {needed:.2g} GiB; "
        f"{_advice(config, lanes, batch, free)}"
    )


def _advice(config: ExperimentConfig, lanes: int, batch: int, free: int | None) -> str:
    if free is None:
        return "choose a smaller --batch or fewer lanes"
    there = f"{free / 2**30:.2g} GiB are free"
    # Half of a batch that did not fit may still not fit, but is better advice than none.
    fitting = min(batch_that_fits(config, lanes, free), batch // 2)
    if fitting == 0:
        return f"{there}; choose fewer lanes or smaller sizes"
    return f"{there}; --batch {fitting} would fit"


def free_bytes(device: torch.device) -> int | None:
    """Bytes free or reserved for this process on a CUDA device; ``None`` if unknown."""
    if device.type != "cuda":
        return None
    try:
        free, _ = torch.cuda.mem_get_info(device)
    except RuntimeError:
        return None  # a failed device does not answer; the failure itself is reported
    # Memory of the failed step is still held during error handling, but free for the next try.
    return int(free) + torch.cuda.memory_reserved(device)
