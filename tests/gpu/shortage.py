"""Training that does not fit in memory: one line, and the batch size that it suggests fits.

On a GPU the sizes follow from its free memory. On the CPU, whose memory should not be filled, the
failure is simulated.
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

import torch
from tests.gpu.engines import engine_on
from tests.gpu.parts import Finding, Target, checked

from superpos_core.engine.torch.cohort import TorchCohort
from superpos_core.engine.torch.devices import resolve_device
from superpos_core.engine.torch.memory import bytes_of_a_step, free_bytes
from superpos_core.errors import EngineError
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.recipe import MAX_BATCH

WIDE = ExperimentConfig(
    "gpu", features=1024, hidden=4, models=("tied",), sparsities=(0.9,), importance=1.0,
    batch=MAX_BATCH, steps=10,
)  # fmt: skip
TIMES_TOO_LARGE = 2.5


def check(target: Target) -> Iterator[Finding]:
    """Check a size that is too large, then the suggested one, then an ordinary one."""
    advised: list[ExperimentConfig] = []
    yield checked("too many rows", _too_much, target, advised)
    yield checked("the suggested batch", _as_advised, target, advised)
    yield checked("an ordinary size afterwards", _ordinary, target)


def _too_large(target: Target) -> ExperimentConfig:
    free = free_bytes(resolve_device(target.device))
    if free is None:
        return replace(WIDE, batch=1024)
    lanes = math.ceil(TIMES_TOO_LARGE * free / bytes_of_a_step(WIDE, WIDE.batch, 1))
    return replace(WIDE, restarts=lanes)


def _too_much(target: Target, advised: list[ExperimentConfig]) -> str:
    config = _too_large(target)
    with _simulated_failure(target):
        try:
            engine_on(target, config).advance({"tied": 2})
        except EngineError as error:
            line = str(error)
        else:
            raise AssertionError("it fits")
    assert line.startswith("out of memory on "), line
    assert "\n" not in line, line
    batch = re.search(r"--batch (\d+) would fit$", line)
    assert batch, line
    advised.append(replace(config, batch=int(batch[1])))
    return line


@contextmanager
def _simulated_failure(target: Target) -> Iterator[None]:
    """Simulate running out of memory, except on a GPU."""
    if free_bytes(resolve_device(target.device)) is not None:
        yield
        return
    error = torch.cuda.OutOfMemoryError("simulated")
    with (
        patch.object(TorchCohort, "advance", side_effect=error),
        patch("superpos_core.engine.torch.failures.free_bytes", return_value=2**24),
    ):
        yield


def _as_advised(target: Target, advised: list[ExperimentConfig]) -> str:
    assert advised, "no batch was suggested"
    (config,) = advised
    engine = engine_on(target, config)
    losses = engine.advance({"tied": 2})["tied"]
    assert losses.shape == (2, len(config.lanes))
    return f"{len(config.lanes)} lanes × batch {config.batch} × {config.features} features train"


def _ordinary(target: Target) -> str:
    engine = engine_on(target, ExperimentConfig("gpu"))
    engine.advance({"tied": 2, "untied": 2})
    return "trains"
