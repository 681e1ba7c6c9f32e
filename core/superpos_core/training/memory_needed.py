"""How much memory a config needs to train, before anything is allocated.

An estimate, within a third of measured values for sizes that matter. It serves to reject sizes that
cannot work, at once, and to suggest one that can.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from superpos_core.engine.registry import ENGINES, engines_on
from superpos_core.errors import InvalidValue
from superpos_core.machine.free_memory import free_memory
from superpos_core.record.history import CAPACITY, MAX_ELEMENTS, RECENT
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.jobs import job_of

FLOAT_BYTES = 4
WEIGHT_COPIES = 8
"""Weights, two optimiser moments, initial weights, two snapshots and two timeline moments."""
HISTORY_COPIES = 15
"""Three numbers per point, kept, and copied into consecutive snapshots."""
LANE_BYTES = 4096
"""Memory per lane besides its arrays."""
DATASET_COPIES, DRAWN_COPIES = 1, 3
"""One dataset per lane, and for one lane at a time the intermediate draws."""

SHRINKABLE = ("restarts", "dataset_size", "batch", "hidden", "features")
"""Settings that can be reduced, the least painful first."""


def check_memory(
    config: ExperimentConfig,
    engine: str = "fused",
    threads: int = 1,
    free: Callable[[], float] = free_memory,
) -> None:
    """Raise ``InvalidValue`` for a config that needs more memory on the CPU than is free."""
    needed, there = bytes_needed(config, engine, threads), free()
    if needed <= there:
        return
    reason = f"training takes about {_size(needed)} of memory, but {_size(there)} are free"
    for name in SHRINKABLE:
        largest = _largest_that_fits(config, name, engine, threads, there)
        if largest:
            option = name.replace("_", "-")
            choices = "1" if largest == 1 else f"{largest} or less"
            raise InvalidValue(option, getattr(config, name), reason, choices)
    raise InvalidValue("features", config.features, reason, "smaller sizes, or fewer lanes")


def bytes_needed(config: ExperimentConfig, engine: str, threads: int) -> float:
    """The approximate peak memory of a run with this engine on the CPU, in bytes.

    Any other name, such as ``auto``, stands for the preferred engine.
    """
    job = job_of(config)
    lanes = job.lanes_at_once(config)
    n, m = config.features, config.hidden
    weights = max(
        sum(math.prod(array.shape(n, m, config.latents)) for array in arrays)
        for arrays in job.trained_arrays(config)
    )
    points = min(CAPACITY, max(64, MAX_ELEMENTS // lanes), config.steps)
    history = HISTORY_COPIES * points + 3 * min(RECENT, config.steps)
    rows = max(config.dataset_size_at(swept) for swept in config.sweep_values or (None,))
    data = (DATASET_COPIES * lanes + DRAWN_COPIES) * rows * n
    floats = float(lanes * (WEIGHT_COPIES * weights + history) + data)
    entry = ENGINES.get(engine, engines_on("cpu")[0])
    floats += entry.floats_of_a_step(config, lanes, weights, threads)
    return FLOAT_BYTES * floats + LANE_BYTES * lanes


def _largest_that_fits(
    config: ExperimentConfig, name: str, engine: str, threads: int, free: float
) -> int | None:
    """The largest value of a setting, below the config's, that fits into memory."""

    def fits(value: int) -> bool:
        changed: dict[str, Any] = {name: value}
        try:
            smaller = replace(config, **changed)
        except InvalidValue:  # such as features that do not divide into sets
            return False
        return bytes_needed(smaller, engine, threads) <= free

    low, high = 1, getattr(config, name)
    if low >= high or not fits(low):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _size(count: float) -> str:
    for unit in ("MiB", "GiB"):
        count /= 1024 if unit == "GiB" else 1 << 20
        if count < 1024:
            return f"{count:.3g} {unit}"
    return f"{count / 1024:,.0f} TiB"
