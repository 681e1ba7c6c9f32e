"""Errors of the torch engine when memory, driver or device fails: one line for torch's many."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from superpos_core.engine.torch.memory import explanation, free_bytes
from superpos_core.errors import EngineError, shortened
from superpos_core.task.config import ExperimentConfig

OUT_OF_MEMORY = re.compile(r"out of memory|allocate memory|STATUS_ALLOC_FAILED", re.IGNORECASE)
OF_THE_DEVICE = re.compile(
    r"CUDA error|CUDA driver|CUDA unknown error|CUDA-capable|CUDA GPUs|CUDA initialization|"
    r"cuda runtime error|cuda\w+\(\)|CU[A-Z]+_STATUS_|CUDNN_STATUS_|NVIDIA driver|HIP error|MPS "
)
"""Marks messages about failures of the device, which torch's own checks never contain."""
ADVICE = {
    "no kernel image": "install a torch built for this GPU, or choose --device cpu",
    "driver": "install a driver that matches torch, or choose --device cpu",
    "busy or unavailable": "close other programs that use the GPU, or choose --device cpu",
}
ADVICE_OTHERWISE = "start the program again, or choose --device cpu"
"""After most failures CUDA is unusable in the same process."""


@contextmanager
def failures_explained(
    config: ExperimentConfig, lanes: int, device: torch.device
) -> Iterator[None]:
    """Turn failures of memory, driver or device into an ``EngineError``."""
    try:
        yield
    except EngineError:
        raise
    except (MemoryError, RuntimeError) as error:
        # A failure while recording a step causes a second one when the recording ends.
        reasons = _with_contexts(error)
        of_the_device = [each for each in reasons if OF_THE_DEVICE.search(str(each))]
        if any(_is_about_memory(each) for each in reasons):
            line = explanation(config, lanes, device, free_bytes(device))
        elif of_the_device:
            line = device_failure(device, of_the_device[-1])
        else:
            raise
        raise EngineError(line) from error


def device_failure(device: torch.device, error: BaseException) -> str:
    """One line with the failure and advice."""
    # The rest of torch's message is advice for authors of kernels.
    what = shortened(str(error).strip().partition("\n")[0])
    advice = next((to_do for words, to_do in ADVICE.items() if words in what), ADVICE_OTHERWISE)
    return f"{device} failed: {what}; {advice}"


def _is_about_memory(error: BaseException) -> bool:
    is_named_so = isinstance(error, MemoryError | torch.cuda.OutOfMemoryError)
    return is_named_so or OUT_OF_MEMORY.search(str(error)) is not None


def _with_contexts(error: BaseException) -> list[BaseException]:
    """The error and its causes or contexts, the newest first."""
    errors = [error]
    while (earlier := errors[-1].__cause__ or errors[-1].__context__) is not None:
        errors.append(earlier)
    return errors
