"""The activations of dictionaries, as torch differentiates them, and what they penalise."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from superpos_core.engine.torch.dictionaries.batch import Batch
from superpos_core.engine.torch.dictionaries.selection import BatchSelection, largest_of_rows
from superpos_core.task.dictionaries.kinds import Activation
from superpos_core.task.dictionaries.objective import JUMP_BANDWIDTH

Weights = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Latents:
    """The activations f of a batch, (L, R, K), and what is minimised besides reconstruction.

    ``penalised`` (L, R) is what λ multiplies, and ``further`` (L, R) what is added as it is. The
    batch may differ from the given one: ``BatchSelection`` divides a row. ``smallest`` (L,) is the
    smallest activation of the batch, for kinds that follow it, and NaN without any.
    """

    batch: Batch
    active: torch.Tensor
    penalised: torch.Tensor | None = None
    further: torch.Tensor | None = None
    smallest: torch.Tensor | None = None


class JumpReLU(torch.autograd.Function):
    """pre·[pre > θ]; equation 11 of Rajamanoharan et al. (2024b) estimates the slope of θ."""

    @staticmethod
    def forward(ctx: Any, before: torch.Tensor, threshold: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(before, threshold)
        return before * (before > threshold)

    @staticmethod
    def backward(ctx: Any, slope: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        before, threshold = ctx.saved_tensors
        of_threshold = -threshold / JUMP_BANDWIDTH * _is_near(before, threshold) * slope
        return slope * (before > threshold), of_threshold.sum(1, keepdim=True)


class Step(torch.autograd.Function):
    """[pre > θ], with the slope of equation 12 for θ and none for pre."""

    @staticmethod
    def forward(ctx: Any, before: torch.Tensor, threshold: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(before, threshold)
        return (before > threshold).to(before.dtype)

    @staticmethod
    def backward(ctx: Any, slope: torch.Tensor) -> tuple[None, torch.Tensor]:
        before, threshold = ctx.saved_tensors
        of_threshold = -1 / JUMP_BANDWIDTH * _is_near(before, threshold) * slope
        return None, of_threshold.sum(1, keepdim=True)


def _is_near(before: torch.Tensor, threshold: torch.Tensor) -> torch.Tensor:
    return (before - threshold).abs() < JUMP_BANDWIDTH / 2


def projected(weights: Weights, batch: Batch) -> torch.Tensor:
    """(h − b_dec)·W_enc, shape (L, R, K)."""
    encoder = weights["encoder"] if "encoder" in weights else weights["decoder"].mT
    return (batch.vectors - weights["bias"][:, None]) @ encoder


def _before(weights: Weights, batch: Batch) -> torch.Tensor:
    return projected(weights, batch) + weights["encoder_bias"][:, None]


def _norms(weights: Weights) -> torch.Tensor:
    norms: torch.Tensor = torch.linalg.vector_norm(weights["decoder"], dim=2)
    return norms[:, None]


def _relu(weights: Weights, batch: Batch, _: torch.Tensor) -> Latents:
    active = torch.relu(_before(weights, batch))
    return Latents(batch, active, penalised=(active * _norms(weights)).sum(2))


def _topk(weights: Weights, batch: Batch, kept: torch.Tensor) -> Latents:
    active = torch.relu(_before(weights, batch))
    return Latents(batch, active * largest_of_rows(active, kept))


def _batch_topk(weights: Weights, batch: Batch, kept: torch.Tensor) -> Latents:
    with torch.no_grad():
        selection = BatchSelection.of(batch, torch.relu(_before(weights, batch)), kept)
    active = torch.relu(_before(weights, selection.batch)) * selection.chosen
    return Latents(selection.batch, active, smallest=selection.smallest)


def _jump_relu(weights: Weights, batch: Batch, _: torch.Tensor) -> Latents:
    before, threshold = _before(weights, batch), weights["threshold"].exp()[:, None]
    active = JumpReLU.apply(before, threshold)  # type: ignore[no-untyped-call]
    count = Step.apply(before, threshold).sum(2)  # type: ignore[no-untyped-call]
    return Latents(batch, active, penalised=count)


def _gated(weights: Weights, batch: Batch, _: torch.Tensor) -> Latents:
    """The gate also reconstructs h by itself, through a decoder that does not learn from that."""
    read = projected(weights, batch)
    gate = torch.relu(read + weights["gate_bias"][:, None])
    scale = weights["magnitude_scale"].exp()[:, None]
    magnitude = torch.relu(read * scale + weights["magnitude_bias"][:, None])
    by_gate = gate @ weights["decoder"].detach() + weights["bias"].detach()[:, None]
    return Latents(
        batch,
        magnitude * (gate > 0),
        penalised=(gate * _norms(weights)).sum(2),
        further=((by_gate - batch.vectors) ** 2).sum(2),
    )


LATENTS: dict[Activation, Callable[[Weights, Batch, torch.Tensor], Latents]] = {
    "relu": _relu,
    "topk": _topk,
    "batch-topk": _batch_topk,
    "jump-relu": _jump_relu,
    "gated": _gated,
}
"""By activation; the last argument is how many stay active, of a row or of the batch, (L,)."""
