"""The rows of one step of all lanes, as tensors of one shape."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from superpos_core.task.dictionaries.rows import Rows

MULTIPLE = 16
"""Numbers of rows are multiples of it, so that few shapes occur."""


@dataclass(frozen=True)
class Batch:
    """Hidden vectors (L, R, d) and their shares of the batch (L, R).

    Lanes with fewer rows have rows of 0 with a share of 0 at the end, and every lane has at least
    one, which BatchTopK may need. ``size`` counts equal rows as often as they occur.
    """

    vectors: torch.Tensor
    shares: torch.Tensor
    size: int

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """The mean over the rows of the batch of values (L, R), shape (L,)."""
        return (self.shares * values).sum(1)


def batch_of(rows: Sequence[Rows], step: int, size: int, device: torch.device) -> Batch:
    """The batch of ``size`` rows at a step, counted from 0; its shape depends on nothing else."""
    lanes = [each.of_steps(step, 1) for each in rows]
    most = max(len(lane.shares) for lane in lanes) // MULTIPLE * MULTIPLE + MULTIPLE
    vectors = np.zeros((len(lanes), most, lanes[0].vectors.shape[1]), np.float32)
    shares = np.zeros((len(lanes), most), np.float32)
    for index, lane in enumerate(lanes):
        vectors[index, : len(lane.shares)] = lane.vectors
        shares[index, : len(lane.shares)] = lane.shares
    return Batch(torch.from_numpy(vectors).to(device), torch.from_numpy(shares).to(device), size)
