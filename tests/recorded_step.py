"""CUDA's requirements on a recorded step, checked without CUDA: by replay, and on a meta device.

``replayed`` records a step on the CPU as a graph does, by the operations that it dispatches and the
memory that they use, and repeats exactly these: Python's decisions during the recording are fixed.
A number that should have been a tensor shows as a difference from plain steps.

``OnlyOnMeta`` watches a step on torch's meta device, which has shapes but no values. Nothing can be
read from it, so a step that waits for the device fails, and so does one that uses a tensor from
elsewhere. ``Peak`` counts the memory that a step would hold there, without allocating it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import torch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from superpos_core.engine.torch.captured_step import Step

Call = tuple[Any, tuple[Any, ...], dict[str, Any], Any]


class _Recording(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Keeps every operation, with its arguments and results."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: list[Call] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        given = kwargs or {}
        result = func(*args, **given)
        self.calls.append((func, args, given, result))
        return result


def replayed(take_step: Step, changed: Sequence[torch.Tensor]) -> Step:
    """A ``Recorder``: it records a step once and repeats its operations on the same memory."""
    before = [tensor.detach().clone() for tensor in changed]
    with _Recording() as recording:
        losses = take_step()
    with torch.no_grad():
        for tensor, value in zip(changed, before, strict=True):
            tensor.copy_(value)

    def replay() -> torch.Tensor:
        with torch.no_grad():
            for func, args, kwargs, result in recording.calls:
                _repeat(func, args, kwargs, result)
        return losses

    return replay


def _repeat(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
    again = func(*args, **kwargs)
    for tensor, value in zip(tree_leaves(result), tree_leaves(again), strict=True):
        is_new = isinstance(tensor, torch.Tensor) and tensor.data_ptr() != value.data_ptr()
        if is_new:
            tensor.copy_(value)


class OnlyOnMeta(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Fails on any operation with a tensor that is not on the meta device."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.operations = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        self.operations += 1
        for leaf in tree_leaves((args, kwargs, result)):
            if isinstance(leaf, torch.Tensor) and not leaf.is_meta:
                raise AssertionError(f"{func} uses a tensor on {leaf.device}")
        return result


class Peak(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the peak ``bytes`` that tensors on the meta device would hold together."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.bytes = 0
        self._held: dict[int, tuple[StorageWeakRef, int]] = {}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor) and leaf.is_meta:
                storage = leaf.untyped_storage()
                held = StorageWeakRef(storage)  # type: ignore[no-untyped-call]
                self._held.setdefault(held.cdata, (held, storage.nbytes()))
        self._held = {
            key: held
            for key, held in self._held.items()
            if not held[0].expired()  # type: ignore[no-untyped-call]
        }
        self.bytes = max(self.bytes, sum(size for _, size in self._held.values()))
        return result


@contextmanager
def optimisers_record_anywhere() -> Iterator[None]:
    """Let torch's optimisers use their capturable form on the CPU and on meta."""
    devices = ["cpu", "meta"]
    with (
        patch("torch.optim.adam._get_capturable_supported_devices", lambda **_: devices),
        patch("torch.optim.optimizer._get_fused_kernels_supported_devices", lambda: devices),
        torch.library._scoped_library("aten", "IMPL") as library,
    ):
        for overload in ("_fused_sgd_", "_fused_sgd_.tensor_lr"):
            # torch has no such kernel; on meta a kernel without a result has nothing to do.
            library.impl(overload, lambda *args, **kwargs: None, "Meta")
        yield
