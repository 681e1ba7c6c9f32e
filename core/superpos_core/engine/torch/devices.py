"""The devices that torch finds on this machine, and why one is missing."""

import warnings

import torch

from superpos_core.errors import InvalidValue, shortened


def resolve_device(name: str) -> torch.device:
    """The device called ``name``; raises ``InvalidValue`` if this machine does not have it."""
    available = available_devices()
    kind, _, index = name.partition(":")
    wanted = f"cuda:{int(index or 0)}" if kind == "cuda" and (index or "0").isdecimal() else name
    if wanted not in available:
        raise InvalidValue("device", name, _why_not_there(kind), " or ".join(available))
    return torch.device(wanted)


def available_devices() -> list[str]:
    """The devices that torch sees here, ``cpu`` first."""
    count, _ = _cuda_devices()
    mps = ["mps"] if torch.backends.mps.is_available() else []
    return ["cpu", *(f"cuda:{index}" for index in range(count)), *mps]


def _cuda_devices() -> tuple[int, str]:
    """The number of CUDA devices, and torch's warnings, such as about an old driver."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        count = torch.cuda.device_count()
    return count, " ".join(str(warning.message) for warning in caught)


def _why_not_there(kind: str) -> str:
    count, warned = _cuda_devices()
    if kind != "cuda" or count > 0:
        return "this machine has no such device"
    if not torch.backends.cuda.is_built():  # type: ignore[no-untyped-call]
        return f"torch {torch.__version__} is built without CUDA"
    return shortened(warned) or "torch sees no GPU here"
