"""Arrays of numpy, torch, jax or another library: taken in the loop, read by another thread.

No library is imported here: one that is not loaded has made none of the arrays.
"""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from superpos_core.arrays import FloatArray


def taken(value: Any, dtype: DTypeLike = np.float32) -> Any:
    """``value`` as it is now, unaffected by later steps; nothing waits for a device.

    Whatever is in main memory becomes a numpy array of ``dtype``. A torch tensor becomes a detached
    float32 copy on its own device, and a jax array a copy that may not be computed yet.
    """
    if isinstance(value, float):
        return value
    if _is_tensor(value):
        torch = sys.modules["torch"]
        return value.detach().to(torch.float32, copy=True)
    if hasattr(value, "copy_to_host_async"):
        return value.copy()  # immutable, but the next step may be given its memory
    return np.array(value, dtype=dtype)


def fetched(values: Sequence[Any]) -> list[FloatArray]:
    """Taken values as numpy arrays; waits until their devices have computed them."""
    on_devices = [value for value in values if _is_tensor(value) and value.device.type != "cpu"]
    for device in {tensor.device for tensor in on_devices}:
        _wait_for(device)
    if len(on_devices) == len(values) > 1 and len({tensor.shape for tensor in on_devices}) == 1:
        together = sys.modules["torch"].stack(on_devices).cpu()  # one transfer, not thousands
        return list(together.numpy())
    return [value.cpu().numpy() if _is_tensor(value) else np.asarray(value) for value in values]


def nbytes_of(value: Any) -> int:
    """The memory of a taken value in bytes."""
    return int(getattr(value, "nbytes", 8))


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of a number or of an array of any library."""
    return tuple(getattr(value, "shape", ()))


def device_of(value: Any) -> str:
    """Where a taken array is, such as ``cpu`` or ``cuda:0``."""
    return str(getattr(value, "device", "cpu"))


def _wait_for(device: Any) -> None:
    """Wait for all streams of a device: the loop may use another one than this thread."""
    if device.type == "cuda":
        sys.modules["torch"].cuda.synchronize(device)


def _is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)
