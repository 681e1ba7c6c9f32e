"""What the torch engine says when memory, the driver or the device fails: one line."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from tests.recorded_step import optimisers_record_anywhere

from superpos_core.engine.choice import EngineChoice
from superpos_core.engine.torch.captured_step import Step
from superpos_core.engine.torch.cohort import TorchCohort
from superpos_core.engine.torch.engine import TorchEngine
from superpos_core.errors import EngineError
from superpos_core.task.config import ExperimentConfig
from superpos_core.training.run import train

CONFIG = ExperimentConfig(
    "test", features=20, hidden=5, models=("tied",), sparsities=(0.0, 0.9), batch=4, steps=20
)
LONG = (
    "CUDA error: {}\nCUDA kernel errors might be asynchronously reported.\nFor debugging, set X=1."
)

OF_MEMORY = {
    "cuda": torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 80 GiB"),
    "cuda in other words": torch.cuda.OutOfMemoryError("more than there is"),
    "cpu": RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"),
    "numpy": MemoryError(),
    "cublas": RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`"),
    "mps": RuntimeError("MPS backend out of memory (MPS allocated: 8 GB)"),
}
OF_THE_DEVICE = {
    "assert": (LONG.format("device-side assert triggered"), "start the program again"),
    "lost": (LONG.format("unspecified launch failure"), "start the program again"),
    "no kernel": (LONG.format("no kernel image is available for execution"), "built for this GPU"),
    "busy": (
        LONG.format("all CUDA-capable devices are busy or unavailable"),
        "close other programs",
    ),
    "driver too old": ("The NVIDIA driver on your system is too old.", "install a driver"),
    "driver gone": ("Found no NVIDIA driver on your system.", "install a driver"),
    "counting": ("Unexpected error from cudaGetDeviceCount(). Did you", "start the program again"),
    "blas": ("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling", "start the program again"),
}


def failing(error: Exception) -> Callable[..., None]:
    def fail(*arguments: object) -> None:
        raise error

    return fail


def fail_in_training(monkeypatch: pytest.MonkeyPatch, error: Exception, after: int = 0) -> None:
    """Let every torch engine fail so, after some calls that go well."""
    advance, calls = TorchCohort.advance, [0]

    def advance_or_fail(cohort: TorchCohort, steps: int) -> torch.Tensor:
        calls[0] += 1
        if calls[0] > after:
            raise error
        return advance(cohort, steps)

    monkeypatch.setattr(TorchCohort, "advance", advance_or_fail)


@pytest.mark.parametrize("error", OF_MEMORY.values(), ids=OF_MEMORY)
def test_running_out_of_memory_names_the_sizes(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = TorchEngine(CONFIG)
    fail_in_training(monkeypatch, error)
    with pytest.raises(EngineError, match="2 lanes × batch 4 × 20 features") as caught:
        engine.advance({"tied": 1})
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("case", OF_THE_DEVICE)
def test_a_device_failure_is_reported_with_advice(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message, advice = OF_THE_DEVICE[case]
    engine = TorchEngine(CONFIG)
    fail_in_training(monkeypatch, RuntimeError(message))
    with pytest.raises(EngineError) as caught:
        engine.advance({"tied": 1})
    line = str(caught.value)
    assert line.startswith(f"cpu failed: {message.splitlines()[0]}; ")
    assert advice in line
    assert "--device cpu" in line
    assert "\n" not in line


@pytest.mark.parametrize("method", ["parameters", "state", "load_state", "join"])
def test_a_failure_is_reported_when_the_engine_next_waits_for_the_device(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = TorchEngine(CONFIG)
    arguments: dict[str, list[Any]] = {"parameters": ["tied"], "load_state": [engine.state()],
                                       "join": ["mlp"]}  # fmt: skip
    failed = failing(RuntimeError("CUDA error: an illegal memory access was encountered"))
    for name in ("engine.TorchCohort.parameters", "engine._arrays_of", "cohort.rows_for"):
        monkeypatch.setattr(f"superpos_core.engine.torch.{name}", failed)
    with pytest.raises(EngineError, match="illegal memory access"):
        getattr(engine, method)(*arguments.get(method, ()))


def test_a_failure_while_making_an_engine_is_reported_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "superpos_core.engine.torch.cohort.rows_for",
        failing(RuntimeError("The NVIDIA driver on your system is too old (found 11040).")),
    )
    with pytest.raises(EngineError, match="driver on your system is too old"):
        EngineChoice(engine="torch").make(CONFIG)


def test_a_failed_recording_reports_its_first_reason() -> None:
    """What ends a recording fails once more, because the recording is not whole."""

    def record(*arguments: object) -> Step:
        try:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 80 GiB")
        finally:
            raise RuntimeError("CUDA error: operation failed due to a previous error")

    with optimisers_record_anywhere():
        engine = TorchEngine(CONFIG, record=record)
        with pytest.raises(EngineError, match="out of memory on cpu: 2 lanes"):
            engine.advance({"tied": 1})


def test_a_failure_during_training_ends_it_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_in_training(monkeypatch, RuntimeError("CUDA error: unspecified launch failure"), after=2)
    with pytest.raises(EngineError, match="unspecified launch failure; start the program again"):
        train(CONFIG, engine=EngineChoice(engine="torch").make)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("mat1 and mat2 shapes cannot be multiplied"),
        RuntimeError("Expected all tensors to be on the same device, but got cuda:0 and cpu"),
    ],
    ids=["shapes", "devices"],
)
def test_a_programming_error_is_not_disguised(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = TorchEngine(CONFIG)
    fail_in_training(monkeypatch, error)
    with pytest.raises(RuntimeError) as caught:
        engine.advance({"tied": 1})
    assert caught.value is error
