"""What the torch engine says when memory runs out."""

from dataclasses import replace

import pytest
import torch

from superpos_core.config import ExperimentConfig
from superpos_core.engine.memory import batch_that_fits, bytes_of_a_step, explanation
from superpos_core.engine.torch_engine import TorchEngine
from superpos_core.errors import EngineError

CONFIG = ExperimentConfig("test", 20, 5, ("tied",), (0.0, 0.9))
CUDA = torch.device("cuda:0")


def test_needs_grow_with_lanes_and_batch() -> None:
    once = bytes_of_a_step(CONFIG, 1024, 10)
    assert bytes_of_a_step(CONFIG, 2048, 10) == bytes_of_a_step(CONFIG, 1024, 20) == 2 * once


def test_datasets_count_and_a_step_takes_no_more_rows_than_they_have() -> None:
    config = replace(CONFIG, dataset_size=100, batch=1 << 20)
    assert bytes_of_a_step(config, 64, 10) == bytes_of_a_step(CONFIG, 64, 10) + 4 * 10 * 100 * 20
    assert "10 lanes × batch 100 × 20 features" in explanation(config, 10, CUDA, None)


@pytest.mark.parametrize("free", [10**6, 10**8, 10**10])
def test_the_batch_that_it_names_fits(free: int) -> None:
    batch = batch_that_fits(CONFIG, 100, free)
    assert batch == 1 or bytes_of_a_step(CONFIG, batch, 100) <= free / 2
    assert bytes_of_a_step(CONFIG, 2 * batch, 100) > free / 2


def test_the_explanation_is_one_line_with_sizes_and_advice() -> None:
    line = explanation(replace(CONFIG, batch=1 << 20), 100, CUDA, 2**30)
    assert "\n" not in line
    for words in ("cuda:0", "100 lanes", "batch 1048576", "20 features", "1 GiB are free"):
        assert words in line
    assert "--batch 4096 would fit" in line


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 80 GiB"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"),
        MemoryError(),
    ],
)
def test_running_out_in_training_is_an_engine_error(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = TorchEngine(CONFIG)

    def fail(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(type(engine._cohorts["tied"]), "advance", fail)
    with pytest.raises(EngineError, match="2 lanes × batch 1024 × 20 features"):
        engine.advance({"tied": 1})


def test_another_error_stays_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = TorchEngine(CONFIG)

    def fail(*arguments: object) -> None:
        raise RuntimeError("the driver is too old")

    monkeypatch.setattr(type(engine._cohorts["tied"]), "advance", fail)
    with pytest.raises(RuntimeError, match="driver is too old"):
        engine.advance({"tied": 1})
