"""Devices: those that are there, and what is said of those that are not."""

import warnings

import numpy as np
import pytest
from tests.core.engine.torch.states import SMALL

from superpos_core.engine.choice import EngineChoice
from superpos_core.engine.torch.devices import available_devices, resolve_device
from superpos_core.engine.torch.engine import TorchEngine
from superpos_core.errors import InvalidValue


@pytest.mark.parametrize("device", ["cuda:99", "cuda:099"])
def test_a_missing_device_is_rejected_with_the_available_ones(device: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        EngineChoice(device=device).make(SMALL)
    message = str(caught.value)
    assert caught.value.name == "device"
    assert message.startswith(f"device {device}: ")
    assert message.endswith("; choose " + " or ".join(available_devices()))
    assert "\n" not in message


@pytest.mark.parametrize(
    ("is_built", "warned", "reason"),
    [
        (False, None, "is built without CUDA; choose cpu"),
        (True, None, "torch sees no GPU here; choose cpu"),
        (True, "CUDA initialization: the driver\n is too old", "the driver is too old; choose cpu"),
    ],
)
def test_cuda_without_a_gpu_says_what_is_missing(
    is_built: bool, warned: str | None, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count() -> int:
        if warned is not None:
            warnings.warn(warned, stacklevel=1)
        return 0

    monkeypatch.setattr("torch.cuda.device_count", count)
    monkeypatch.setattr("torch.backends.cuda.is_built", lambda: is_built)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)
    with pytest.raises(InvalidValue) as caught:
        resolve_device("cuda")
    assert str(caught.value).endswith(reason)


def test_devices_are_found_by_any_spelling_of_their_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    assert [str(resolve_device(name)) for name in ("cpu", "cuda", "cuda:0", "cuda:01")] == [
        "cpu", "cuda:0", "cuda:0", "cuda:1",
    ]  # fmt: skip
    with pytest.raises(InvalidValue, match=r"this machine has no such device; choose .* or cuda:1"):
        resolve_device("cuda:2")


@pytest.mark.parametrize("device", available_devices()[1:])
def test_other_devices_train_like_the_cpu(device: str) -> None:
    here, there = TorchEngine(SMALL), TorchEngine(SMALL, device)
    np.testing.assert_allclose(
        there.advance({"tied": 5})["tied"], here.advance({"tied": 5})["tied"], rtol=1e-4
    )
