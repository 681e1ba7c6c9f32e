"""Run as a process of its own: reads a PyTorch file, and writes its tensors as safetensors.

``torch.load`` with ``weights_only`` calls nothing but a list of harmless functions, and this
process cannot take more memory or time than it is given, whatever the file makes torch do. It
imports nothing from this program.

Arguments: the file, the file to write, and the maximum bytes of memory beyond torch itself. The
last line of its output is JSON: ``left_out`` lists what was no tensor, ``error`` says what failed.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MAX_SECONDS = 60
MAX_DEPTH = 16
MAX_TENSORS = 100_000
MAX_LEFT_OUT = 100
OPTIMISER = re.compile("optim", re.IGNORECASE)
"""The states of optimisers are of the shapes of weights, but are none."""
REFUSED_GLOBAL = re.compile(r"GLOBAL (\S+)|class:? (\S+)|Unsupported operand (\S+)")


def main(source: str, target: str, memory: str) -> None:
    """Convert the file ``source``, and report on standard output."""
    import torch
    from safetensors.torch import save_file

    _limit_resources(int(memory))
    left_out: list[str] = []
    tensors: dict[str, Any] = {}
    with Path(source).open("rb") as file:
        loaded = torch.load(file, map_location="cpu", weights_only=True)  # noqa: TID251
    for name, value in _flattened("", loaded, MAX_DEPTH):
        tensor = _plain(value) if isinstance(value, torch.Tensor) else None
        if tensor is None:
            left_out.append(name)
        else:
            tensors[name] = tensor
        if len(tensors) > MAX_TENSORS:
            raise ValueError(f"it holds more than {MAX_TENSORS:,} tensors")
    save_file(tensors, target)
    _report(left_out=left_out[:MAX_LEFT_OUT])


def _flattened(prefix: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """Everything in nested containers, by dotted names; without the states of optimisers."""
    if isinstance(value, dict):
        items: Any = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    else:
        yield prefix or "tensor", value
        return
    if depth == 0:
        raise ValueError("it is nested too deeply")
    for key, item in items:
        if isinstance(item, dict) and OPTIMISER.search(str(key)):
            continue
        yield from _flattened(f"{prefix}.{key}" if prefix else str(key), item, depth - 1)


def _plain(tensor: Any) -> Any:
    """A copy that safetensors can write; ``None`` for a tensor that is not an array of numbers.

    A tensor may repeat the same bytes many times; the file has to hold them all.
    """
    import torch

    if tensor.layout is not torch.strided or tensor.is_quantized or tensor.device.type != "cpu":
        return None
    if tensor.is_complex():
        return None
    if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise ValueError("a tensor is larger than the bytes that it is stored in")
    plain = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
    if tensor.is_floating_point() and tensor.dtype not in plain:
        tensor = tensor.to(torch.float32)
    return tensor.detach().contiguous().clone()


def _limit_resources(memory: int) -> None:
    """From here on: at most so much more memory, and so many seconds of computing."""
    try:
        import resource
    except ImportError:  # Windows: the time limit of the parent remains
        return
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError):  # not Linux: elsewhere the limit on addresses has no effect
        return
    in_use = pages * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (in_use + memory, in_use + memory))


def _reason(error: BaseException) -> str:
    """Why it failed, in a few words; torch explains at length how to load it unsafely."""
    message = str(error)
    if type(error).__name__ == "UnpicklingError":
        refused = REFUSED_GLOBAL.search(message)
        what = next((group for group in refused.groups() if group), "") if refused else ""
        what = what.rstrip(".,")
        if what:
            return f"its pickle needs {what}, and may only hold tensors, as a state_dict does"
        return "its pickle holds more than tensors"
    if isinstance(error, MemoryError) or "allocate memory" in message:
        return "it needs more memory than a file of its size may"
    return message.strip().splitlines()[0] if message.strip() else type(error).__name__


def _report(**facts: Any) -> None:
    sys.stdout.write(f"\n{json.dumps(facts)}\n")
    sys.stdout.flush()


def run(arguments: list[str]) -> None:
    """Do what ``main`` does, and report any failure."""
    try:
        main(*arguments)
    except ImportError as missing:
        _report(error=f"PyTorch, which reads it, cannot be loaded ({missing})", is_missing=True)
    except Exception as error:
        _report(error=_reason(error))


if __name__ == "__main__":
    run(sys.argv[1:])
