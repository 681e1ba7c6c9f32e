"""How much memory the torch engine says that it needs, beside what a step really holds."""

from dataclasses import replace

import pytest
import torch
from tests.core.task.draws import WITHOUT_FILES
from tests.recorded_step import Peak, optimisers_record_anywhere

from superpos_core.engine.torch.engine import TorchEngine
from superpos_core.engine.torch.memory import (
    batch_that_fits,
    bytes_of_a_step,
    explanation,
    free_bytes,
)
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import MODELS

CONFIG = ExperimentConfig("test", features=20, hidden=5, models=("tied",), sparsities=(0.0, 0.9))
CUDA = torch.device("cuda:0")


def test_memory_grows_with_lanes_and_batch() -> None:
    once = bytes_of_a_step(CONFIG, 1024, 10)
    assert bytes_of_a_step(CONFIG, 1024, 20) == 2 * once
    assert bytes_of_a_step(CONFIG, 2048, 10) == pytest.approx(2 * once, rel=0.01)


def test_datasets_count_and_limit_the_rows_of_a_step() -> None:
    config = replace(CONFIG, dataset_size=100, batch=1 << 20)
    assert bytes_of_a_step(config, 64, 10) == bytes_of_a_step(CONFIG, 64, 10) + 4 * 10 * 100 * 20
    assert "10 lanes × batch 100 × 20 features" in explanation(config, 10, CUDA, None)


SIZES = {
    "many rows": replace(CONFIG, features=200, hidden=20, batch=1024, restarts=8),
    "wide rows": replace(CONFIG, features=4096, hidden=8, importance=1.0, batch=256),
    "a wide hidden layer": replace(CONFIG, features=64, hidden=1024, batch=512),
    "large matrices": replace(CONFIG, features=500, hidden=500, importance=1.0, batch=4),
    "datasets": replace(CONFIG, features=200, hidden=20, batch=1024, dataset_size=1024),
    "large datasets": replace(CONFIG, features=100, hidden=20, batch=16, dataset_size=20_000),
}


def peak_of(config: ExperimentConfig, monkeypatch: pytest.MonkeyPatch) -> int:
    """The bytes that a step holds at its height, on a device that has shapes and no numbers."""
    monkeypatch.setattr("superpos_core.engine.torch.engine.resolve_device", torch.device)
    with optimisers_record_anywhere(), Peak() as peak:
        engine = TorchEngine(config, "meta", record=lambda take_step, changed: take_step)
        (cohort,) = engine._cohorts.values()
        cohort._take_step()
    return int(peak.bytes)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("config", SIZES.values(), ids=SIZES)
def test_the_estimate_matches_the_memory_used(
    config: ExperimentConfig, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(config, models=(model,))
    estimate = bytes_of_a_step(config, min(config.batch, config.dataset_size or config.batch),
                           len(config.lanes))  # fmt: skip
    assert 1 < estimate / peak_of(config, monkeypatch) < 3


@pytest.mark.parametrize("distribution", WITHOUT_FILES)
def test_no_distribution_exceeds_the_estimate(
    distribution: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(SIZES["many rows"], distribution=distribution)
    estimate = bytes_of_a_step(config, config.batch, len(config.lanes))
    assert estimate > peak_of(config, monkeypatch)


@pytest.mark.parametrize("free", [0, 10**6, 10**8, 10**10])
def test_the_suggested_batch_fits(free: int) -> None:
    batch = batch_that_fits(CONFIG, 100, free)
    assert batch == 0 or bytes_of_a_step(CONFIG, batch, 100) <= free / 2
    assert bytes_of_a_step(CONFIG, 2 * batch or 1, 100) > free / 2


def test_the_explanation_is_one_line_with_sizes_and_advice() -> None:
    line = explanation(replace(CONFIG, batch=1 << 20), 100, CUDA, 2**30)
    assert "\n" not in line
    for words in ("cuda:0", "100 lanes", "batch 1048576", "20 features", "1 GiB are free"):
        assert words in line
    assert "--batch 4096 would fit" in line


def test_no_batch_is_suggested_if_none_fits() -> None:
    line = explanation(
        replace(CONFIG, features=4096, hidden=4096, importance=1.0), 100, CUDA, 2**30
    )
    assert "--batch" not in line
    assert line.endswith("choose fewer lanes or smaller sizes")


def test_memory_of_the_failed_step_counts_as_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda device: (1000, 9000))
    monkeypatch.setattr("torch.cuda.memory_reserved", lambda device: 500)
    assert free_bytes(CUDA) == 1500


def test_a_device_that_does_not_answer_has_unknown_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(device: torch.device) -> None:
        raise RuntimeError("CUDA error: device-side assert triggered")

    monkeypatch.setattr("torch.cuda.mem_get_info", broken)
    assert free_bytes(CUDA) is None
    assert free_bytes(torch.device("cpu")) is None
