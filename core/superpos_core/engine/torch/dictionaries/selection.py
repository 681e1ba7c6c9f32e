"""Which activations stay: the largest of each row, or of the batch."""

from dataclasses import dataclass

import torch

from superpos_core.engine.torch.dictionaries.batch import Batch


def largest_of_rows(active: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """Whether each of ``active`` (L, R, K) is among the ``kept`` (L,) largest of its row.

    Of equal activations the first come first.
    """
    order = active.sort(dim=2, descending=True, stable=True).indices
    ranks = order.argsort(dim=2)
    return ranks < kept[:, None, None]


@dataclass(frozen=True)
class BatchSelection:
    """What BatchTopK keeps of a batch.

    ``chosen`` (L, R, K) belongs to ``batch``. ``smallest`` (L,) is the smallest activation that
    stays, NaN without any.
    """

    batch: Batch
    chosen: torch.Tensor
    smallest: torch.Tensor

    @classmethod
    def of(cls, batch: Batch, active: torch.Tensor, kept: torch.Tensor) -> "BatchSelection":
        """Keep the ``kept`` (L,) largest of ``active`` (L, R, K), rows counted as often as occur.

        If only some copies of a row may be active, it is divided: the last row gets the others.
        """
        lanes, rows, latents = active.shape
        counts = (batch.shares * batch.size).round().long()
        values, order = active.flatten(1).sort(dim=1, descending=True, stable=True)
        each = counts.repeat_interleave(latents, dim=1).gather(1, order) * (values > 0)
        before = each.cumsum(1) - each
        left = (kept[:, None] - before).clamp(min=0)
        taken = torch.minimum(left, each)
        is_taken = taken > 0
        chosen = torch.zeros_like(active, dtype=torch.bool).flatten(1)
        chosen.scatter_(1, order, is_taken)
        smallest = torch.where(is_taken, values, torch.inf).amin(1)
        smallest = torch.where(smallest.isinf(), torch.nan, smallest)
        selection = cls(batch, chosen.view(lanes, rows, latents), smallest)
        lane, place = (is_taken & (taken < each)).nonzero(as_tuple=True)
        return selection._divided(lane, order[lane, place], taken[lane, place], counts)

    def _divided(
        self, lane: torch.Tensor, index: torch.Tensor, kept: torch.Tensor, counts: torch.Tensor
    ) -> "BatchSelection":
        """``kept`` copies of a row of each such lane stay so; the others lose the latent."""
        row, latent = index // self.chosen.shape[2], index % self.chosen.shape[2]
        vectors, shares = self.batch.vectors.clone(), self.batch.shares.clone()
        chosen, size = self.chosen.clone(), self.batch.size
        vectors[lane, -1] = vectors[lane, row]
        shares[lane, row] = (kept.double() / size).float()
        shares[lane, -1] = ((counts[lane, row] - kept).double() / size).float()
        chosen[lane, -1] = chosen[lane, row]
        chosen[lane, -1, latent] = False
        return BatchSelection(Batch(vectors, shares, size), chosen, self.smallest)
