"""A whole training step as one CUDA graph: one launch instead of about a hundred.

At the sizes of toy models a GPU waits for launches, not for arithmetic. A graph replays recorded
work on the same memory, so a recorded step may only depend on tensors: the counter, the learning
rate and the weights are updated in place, and nothing is read back.
"""

import threading
from collections.abc import Callable, Sequence
from functools import cache

import torch

Step = Callable[[], torch.Tensor]
"""Takes a step and returns each lane's loss."""
Recorder = Callable[[Step, Sequence[torch.Tensor]], Step]
"""Turns a step, given all tensors that it changes, into one that is faster to repeat.

It leaves the tensors unchanged. The new step may return the same tensor each time.
"""

WARM_UP_STEPS = 3
"""Steps on a side stream before recording, as torch requires, so that libraries are set up."""

_recording = threading.Lock()
"""CUDA records one graph at a time in a process."""


def recorder_for(device: torch.device) -> Recorder | None:
    """The recorder of steps on ``device``; ``None`` if steps are not recorded there."""
    return CapturedStep if device.type == "cuda" else None


class CapturedStep:
    """Replays ``take_step``, whose tensors are all on one CUDA device."""

    def __init__(self, take_step: Step, changed: Sequence[torch.Tensor]) -> None:
        """``changed``: every tensor that a step changes; recording leaves them unchanged."""
        device = changed[0].device
        before = [tensor.detach().clone() for tensor in changed]
        with _recording, torch.cuda.device(device):
            stream = _side_stream(device)
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                for _ in range(WARM_UP_STEPS):
                    take_step()
            torch.cuda.current_stream().wait_stream(stream)
            self._graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._graph, stream=stream):
                self._losses = take_step()
        with torch.no_grad():
            for tensor, value in zip(changed, before, strict=True):
                tensor.copy_(value)

    def __call__(self) -> torch.Tensor:
        """Take a step; the next one overwrites the returned losses."""
        self._graph.replay()
        return self._losses


@cache
def _side_stream(device: torch.device) -> torch.cuda.Stream:
    """The stream for all recordings: libraries keep a workspace of about 32 MiB per stream."""
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
