"""How much memory the torch engine needs, and what to say when there is not enough."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from superpos_core.config import ExperimentConfig
from superpos_core.errors import EngineError

FLOAT_BYTES = 4
PASSES = 14
"""Arrays of lanes × batch × n alive at once in a step, draws of eight bytes counted twice."""


def bytes_of_a_step(config: ExperimentConfig, batch: int, lanes: int) -> int:
    """About how many bytes one step of so many lanes needs at its height, datasets included."""
    row = PASSES * config.features + 4 * config.hidden
    return FLOAT_BYTES * lanes * (batch * row + config.dataset_size * config.features)


def batch_that_fits(config: ExperimentConfig, lanes: int, free: int) -> int:
    """The greatest power of two that needs at most half of ``free`` bytes, at least 1."""
    batch = 1
    while bytes_of_a_step(config, 2 * batch, lanes) <= free // 2:
        batch *= 2
    return batch


@contextmanager
def memory_explained(config: ExperimentConfig, lanes: int, device: torch.device) -> Iterator[None]:
    """Turn torch's many ways to be out of memory into one ``EngineError``."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        if not _is_about_memory(error):
            raise
        raise EngineError(explanation(config, lanes, device, free_bytes(device))) from error


def explanation(
    config: ExperimentConfig, lanes: int, device: torch.device, free: int | None
) -> str:
    """One line with the sizes and what would fit."""
    batch = min(config.batch, config.dataset_size or config.batch)
    needed = bytes_of_a_step(config, batch, lanes) / 2**30
    sizes = f"{lanes} lanes × batch {batch} × {config.features} features"
    advice = "choose a smaller --batch or fewer lanes"
    if free is not None:
        fitting = min(batch_that_fits(config, lanes, free), max(batch // 2, 1))
        advice = f"{free / 2**30:.2g} GiB are free; --batch {fitting} would fit"
    return f"out of memory on {device}: {sizes} need about {needed:.2g} GiB; {advice}"


def free_bytes(device: torch.device) -> int | None:
    """What is free on a CUDA device; ``None`` where torch cannot tell."""
    if device.type != "cuda":
        return None
    free, _ = torch.cuda.mem_get_info(device)
    return int(free)


def _is_about_memory(error: Exception) -> bool:
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    words = str(error).lower()
    return "out of memory" in words or "allocate memory" in words
