"""Training that does not fit: one line, and what it says would fit does.

On a GPU the sizes are made from what it has free. On the CPU, whose memory nobody wants to fill,
the failure is made up.
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

import torch
from tests.gpu.engines import engine_on
from tests.gpu.parts import Asked, Finding, checked

from superpos_core.engine.torch.engine import _TorchCohort, resolve_device
from superpos_core.engine.torch.memory import bytes_of_a_step, free_bytes
from superpos_core.errors import EngineError
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.recipe import LARGEST_BATCH

WIDE = ExperimentConfig(
    "gpu", features=1024, hidden=4, models=("tied",), sparsities=(0.9,), importance=1.0,
    batch=LARGEST_BATCH, steps=10,
)  # fmt: skip
TIMES_TOO_LARGE = 2.5


def look(asked: Asked) -> Iterator[Finding]:
    """Too much, then what was advised, then an ordinary size: nothing is left behind."""
    advised: list[ExperimentConfig] = []
    yield checked("too many rows", _too_much, asked, advised)
    yield checked("the batch that it names", _as_advised, asked, advised)
    yield checked("an ordinary size afterwards", _ordinary, asked)


def _too_large(asked: Asked) -> ExperimentConfig:
    free = free_bytes(resolve_device(asked.device))
    if free is None:
        return replace(WIDE, batch=1024)
    lanes = math.ceil(TIMES_TOO_LARGE * free / bytes_of_a_step(WIDE, WIDE.batch, 1))
    return replace(WIDE, restarts=lanes)


def _too_much(asked: Asked, advised: list[ExperimentConfig]) -> str:
    config = _too_large(asked)
    with _failure_made_up(asked):
        try:
            engine_on(asked, config).advance({"tied": 2})
        except EngineError as error:
            line = str(error)
        else:
            raise AssertionError("it fitted")
    assert line.startswith("out of memory on "), line
    assert "\n" not in line, line
    batch = re.search(r"--batch (\d+) would fit$", line)
    assert batch, line
    advised.append(replace(config, batch=int(batch[1])))
    return line


@contextmanager
def _failure_made_up(asked: Asked) -> Iterator[None]:
    """Nothing on a GPU."""
    if free_bytes(resolve_device(asked.device)) is not None:
        yield
        return
    error = torch.cuda.OutOfMemoryError("made up")
    with (
        patch.object(_TorchCohort, "advance", side_effect=error),
        patch("superpos_core.engine.torch.failures.free_bytes", return_value=2**24),
    ):
        yield


def _as_advised(asked: Asked, advised: list[ExperimentConfig]) -> str:
    assert advised, "there was no advice"
    (config,) = advised
    engine = engine_on(asked, config)
    losses = engine.advance({"tied": 2})["tied"]
    assert losses.shape == (2, len(config.lanes))
    return f"{len(config.lanes)} lanes × batch {config.batch} × {config.features} features train"


def _ordinary(asked: Asked) -> str:
    engine = engine_on(asked, ExperimentConfig("gpu"))
    engine.advance({"tied": 2, "untied": 2})
    return "trains"
