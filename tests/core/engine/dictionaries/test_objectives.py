"""Losses and gradients of dictionaries against what was not written for the engines."""

import numpy as np
import pytest
import torch
from tests.core.engine.dictionaries.examples import (
    ENGINES,
    away_from_start,
    dictionaries,
    every,
    reading,
)

from superpos_core.engine.dictionaries.training_rows import training_rows_of
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.forward import decode, encode
from superpos_core.task.dictionaries.kinds import KINDS, kind_named
from superpos_core.task.dictionaries.penalty import mean_penalty
from superpos_core.task.dictionaries.rows import HiddenRows
from superpos_core.task.dictionaries.truth import made_directions
from superpos_core.task.parameters import Parameters

BY_ROW = ("relu", "topk", "jump-relu", "gated")
"""Kinds whose activations in training are those of evaluation."""


def first_rows(config: ExperimentConfig, kind: str, lane: int) -> HiddenRows:
    lanes = config.lanes_of(kind)
    directions = made_directions(config, lanes)
    return training_rows_of(config, lanes[lane], directions[lane]).of_steps(0, 1)


def copies(rows: HiddenRows, batch: int) -> torch.Tensor:
    """The rows as often as they occur, (batch, d)."""
    counts = np.rint(rows.shares * batch).astype(int)
    assert counts.sum() == batch
    return torch.tensor(np.repeat(rows.vectors, counts, axis=0))


def largest_of_batch(latents: torch.Tensor, count: int) -> torch.Tensor:
    """The largest activations of a batch, the others 0 (Bussmann et al. 2024)."""
    kept = latents.flatten().topk(count)
    chosen = torch.zeros(latents.numel()).scatter(0, kept.indices, kept.values)
    return chosen.view(latents.shape)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", BY_ROW)
def test_loss_and_activity_are_those_of_evaluation(engine: str, kind: str) -> None:
    config = dictionaries(dictionaries=(kind,), active_latents=2, distribution="uniform")
    made = reading(engine, config)
    start = away_from_start(made.parameters(kind))
    made.start_from(kind, start)
    losses, active = made.advance({kind: 1})[kind], made.active(kind)
    made.close()
    for lane in range(2):
        rows = first_rows(config, kind, lane)
        latents = encode(kind_named(kind), start.take(lane), rows.vectors, 2)
        errors = ((rows.vectors - decode(start.take(lane), latents)) ** 2).sum(axis=1)
        assert losses[0, lane] == pytest.approx(rows.shares @ errors, rel=1e-5)
        assert active[0, lane] == pytest.approx(rows.shares @ (latents > 0).sum(axis=1), rel=1e-5)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("active_latents", [0.3, 1.0, 1.77, 3.5, 5.0])
def test_batch_topk_is_that_of_a_batch_with_every_copy(engine: str, active_latents: float) -> None:
    """Counted patterns are often active in a part of their copies: the hard case."""
    config = dictionaries(dictionaries=("batch-topk",), active_latents=active_latents)
    made = reading(engine, config)
    start = away_from_start(made.parameters("batch-topk"))
    made.start_from("batch-topk", start)
    losses, active = made.advance({"batch-topk": 1})["batch-topk"], made.active("batch-topk")
    after = made.parameters("batch-topk").arrays["threshold"]
    made.close()
    for lane in range(2):
        own = {name: torch.tensor(array) for name, array in start.take(lane).arrays.items()}
        hidden = copies(first_rows(config, "batch-topk", lane), config.batch)
        latents = torch.relu((hidden - own["bias"]) @ own["encoder"] + own["encoder_bias"])
        chosen = largest_of_batch(latents, round(active_latents * config.batch))
        errors = hidden - chosen @ own["decoder"] - own["bias"]
        assert losses[0, lane] == pytest.approx(float((errors**2).sum(1).mean()), rel=1e-5)
        assert active[0, lane] == pytest.approx(float((chosen > 0).sum(1).float().mean()))
        smallest = float(chosen[chosen > 0].min())
        before = start.arrays["threshold"][lane]
        np.testing.assert_allclose(after[lane], 0.99 * before + 0.01 * smallest, rtol=1e-5)


def gradients(config: ExperimentConfig, kind: str, start: Parameters) -> dict[str, np.ndarray]:
    """The fused engine's, from the first moments after one step: a tenth of the gradient."""
    from superpos_core.engine.fused.dictionaries.layout import Layout

    made = reading("fused", config)
    made.start_from(kind, start)
    made.advance(every(config, 1))
    moments = made.state()[f"{kind}/first_moment"]
    made.close()
    named = Layout.of(config, kind_named(kind)).named(moments)
    return {name: 10 * array for name, array in named.items()}


def objective(kind: str, own: dict[str, torch.Tensor], hidden: torch.Tensor) -> torch.Tensor:
    """What a kind minimises on rows with equal shares, as its paper writes it; λ = 0.2, k = 2."""
    projected = (hidden - own["bias"]) @ own["encoder"]
    norms = own["decoder"].norm(dim=1)
    if kind == "gated":
        gate = projected + own["gate_bias"]
        magnitude = own["magnitude_scale"].exp() * projected + own["magnitude_bias"]
        latents = (gate > 0) * torch.relu(magnitude)
        by_gate = torch.relu(gate) @ own["decoder"].detach() + own["bias"].detach()
        further = ((hidden - by_gate) ** 2).sum(1) + 0.2 * torch.relu(gate) @ norms
    else:
        latents = torch.relu(projected + own["encoder_bias"])
        further = 0.2 * latents @ norms if kind == "relu" else torch.zeros(())
    if kind == "topk":
        latents = latents * (latents >= latents.topk(2, dim=1).values[:, -1:])
    if kind in ("batch-topk", "matryoshka"):
        latents = largest_of_batch(latents, 2 * len(hidden))
    prefixes = (1, 2, 5) if kind == "matryoshka" else (5,)
    errors = [
        ((hidden - latents[:, :first] @ own["decoder"][:first] - own["bias"]) ** 2).sum(1)
        for first in prefixes
    ]
    total: torch.Tensor = sum(errors, torch.zeros(())) + further
    return total.mean()


@pytest.mark.parametrize("kind", KINDS)
def test_error_and_penalty_are_together_what_the_paper_minimises(kind: str) -> None:
    config = dictionaries(dictionaries=(kind,), distribution="uniform")
    made = reading("torch", config)
    parameters = away_from_start(made.parameters(kind)).take(0)
    made.close()
    hidden = copies(first_rows(config, kind, 0), config.batch)
    own = {name: torch.tensor(array) for name, array in parameters.arrays.items()}
    latents = encode(kind_named(kind), parameters, hidden.numpy(), 2)
    if kind in ("batch-topk", "matryoshka"):
        before = torch.relu((hidden - own["bias"]) @ own["encoder"] + own["encoder_bias"])
        latents = largest_of_batch(before, 2 * len(hidden)).numpy()
    errors = ((hidden.numpy() - decode(parameters, latents)) ** 2).sum(axis=1)
    equal = np.full(len(hidden), 1 / len(hidden))
    found = errors.mean() + mean_penalty(
        kind_named(kind), parameters, hidden.numpy(), latents, equal, 0.2
    )
    if kind == "jump-relu":
        expected = errors.mean() + 0.2 * (latents > 0).sum(axis=1).mean()
    else:
        expected = float(objective(kind, own, hidden))
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("kind", ["relu", "topk", "batch-topk", "matryoshka", "gated"])
def test_gradients_are_those_of_autograd(kind: str) -> None:
    config = dictionaries(
        dictionaries=(kind,), decoder_norm="free", latent_penalty=0.2, active_latents=2,
        distribution="uniform",
    )  # fmt: skip
    made = reading("fused", config)
    start = away_from_start(made.parameters(kind))
    made.close()
    found = gradients(config, kind, start)
    for lane in range(2):
        own = {
            name: torch.tensor(array, requires_grad=True)
            for name, array in start.take(lane).arrays.items()
        }
        hidden = copies(first_rows(config, kind, lane), config.batch)
        objective(kind, own, hidden).backward()  # type: ignore[no-untyped-call]
        for name, array in own.items():
            if array.grad is not None:
                np.testing.assert_allclose(
                    found[name][lane], array.grad, rtol=1e-4, atol=1e-6, err_msg=name
                )


def test_thresholds_move_by_the_density_of_pre_activations() -> None:
    """The slope of θ, by hand, for one latent: equations 11 and 12 of Rajamanoharan et al. 2024b.

    d/dθ of E[(h − ĥ)² + λ·[pre > θ]] is density(θ)·((error without)·2θ… − λ) at pre = θ; here the
    density is estimated by the share of rows within half a bandwidth.
    """
    config = dictionaries(
        dictionaries=("jump-relu",), features=1, hidden=1, latents=1, active_latents=1,
        directions="orthogonal", sparsities=(0.0,), distribution="uniform", decoder_bias="zero",
        latent_penalty=0.5, batch=512,
    )  # fmt: skip
    made = reading("fused", config)
    start = made.parameters("jump-relu")
    threshold = np.float32(0.4)
    start = start.with_arrays(threshold=np.full_like(start.arrays["threshold"], threshold))
    rows = first_rows(config, "jump-relu", 0)
    made.close()
    before = rows.vectors[:, 0] * start.encoder[0, 0, 0]
    sign = float(np.sign(before.sum()))
    if sign < 0:  # the latent may point the other way
        flipped = {name: -start.arrays[name] for name in ("encoder", "decoder")}
        start, before = start.with_arrays(**flipped), -before
    found = gradients(config, "jump-relu", start)["threshold"][0, 0]
    near = np.abs(before - threshold) < 0.025
    # A row at the threshold is reconstructed exactly if active: only then is its error 0.
    errors = np.where(before > threshold, 0, -before)
    slope = -(threshold * 2 * errors + 0.5) / 0.05
    assert near.sum() > 5
    assert found == pytest.approx(threshold * (rows.shares * slope)[near].sum(), rel=1e-4)
