"""Arrays of numpy, torch, jax or another library: taken in the loop, read by another thread.

No library is imported here: one that is not loaded has made none of the arrays.
"""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from superpos_core.arrays import FloatArray


def taken(value: Any) -> Any:
    """``value`` as it is now, unaffected by later steps; nothing waits for a device.

    A tensor of torch becomes a detached copy on its own device, and an array of jax a copy that may
    not be computed yet. Everything else is in main memory, and becomes an array of numpy.
    """
    if isinstance(value, np.ndarray):
        return value.copy()
    if _is_tensor(value):
        return value.detach().clone()
    if hasattr(value, "copy_to_host_async"):
        return value.copy()  # immutable, but the next step may be given its memory
    return np.array(value, dtype=np.float64)


def fetched(values: Sequence[Any]) -> list[FloatArray]:
    """Taken values as arrays of numpy; waits until their devices have computed them."""
    on_devices = [value for value in values if _is_tensor(value) and value.device.type != "cpu"]
    for device in {tensor.device for tensor in on_devices}:
        _wait_for(device)
    kinds = {(tensor.shape, tensor.dtype, tensor.device) for tensor in on_devices}
    if len(on_devices) == len(values) and len(kinds) == 1:
        together = sys.modules["torch"].stack(on_devices)
        return list(_in_memory(together))  # one transfer, not thousands
    return [_in_memory(value) for value in values]


def summed(one: Any, other: Any) -> Any:
    """The sum of two losses, where they are."""
    if isinstance(one, np.ndarray):
        return one.astype(np.float64) + other
    return one + other


def _in_memory(value: Any) -> FloatArray:
    if _is_tensor(value):
        # numpy has no bfloat16, and float32 holds all smaller types.
        tensor = value if value.dtype.itemsize > 4 else value.float()
        array: FloatArray = tensor.cpu().numpy()
        return array
    return np.asarray(value)


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
