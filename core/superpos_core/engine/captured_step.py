"""A whole training step as one CUDA graph: one launch in place of some hundred.

At the sizes of toy models a GPU waits for launches, not for arithmetic. A graph replays what was
recorded with the same memory, so a step that is to be captured may depend on nothing but tensors:
the counter, the learning rate and the weights are all updated in place.
"""

from collections.abc import Callable, Iterable

import torch

WARM_UP_STEPS = 3
"""torch asks for a few steps on a side stream first, so that libraries are set up outside."""


class CapturedStep:
    """Replays ``take_step``, which returns a tensor of losses, on the current CUDA device."""

    def __init__(
        self, take_step: Callable[[], torch.Tensor], changed: Iterable[torch.Tensor]
    ) -> None:
        """``changed``: every tensor that a step changes; recording leaves them as they were."""
        before = [(tensor, tensor.detach().clone()) for tensor in changed]
        side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UP_STEPS):
                take_step()
        torch.cuda.current_stream().wait_stream(side)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._losses = take_step()
        with torch.no_grad():
            for tensor, value in before:
                tensor.copy_(value)

    def __call__(self) -> torch.Tensor:
        """Take a step; the losses are overwritten by the next one."""
        self._graph.replay()
        return self._losses
