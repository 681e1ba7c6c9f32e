"""The torch engine for dictionaries."""

from collections.abc import Sequence
from functools import partial

import torch

from superpos_core.engine.dictionaries.engine import Backend, EngineOfCohorts, Progress
from superpos_core.engine.torch.devices import resolve_device
from superpos_core.engine.torch.dictionaries.cohort import TorchDictionaries
from superpos_core.engine.torch.failures import failures_explained
from superpos_core.task.config import ExperimentConfig


def torch_dictionary_engine(
    config: ExperimentConfig, device: str = "cpu"
) -> EngineOfCohorts[TorchDictionaries]:
    """The engine; its methods raise ``EngineError`` if memory, driver or device fails."""
    # As for models: see TorchEngine.
    torch.set_num_threads(1)
    torch.set_float32_matmul_precision("highest")
    there = resolve_device(device)

    def advance(work: Sequence[tuple[TorchDictionaries, int]]) -> list[Progress]:
        return [cohort.advance(steps) for cohort, steps in work]

    lanes = len(config.settings) * config.restarts * len(config.dictionaries)
    backend = Backend(
        "torch",
        lambda: str(there),
        partial(TorchDictionaries, device=there),
        advance,
        guarded=lambda: failures_explained(config, lanes, there),
    )
    return EngineOfCohorts(config, backend)
