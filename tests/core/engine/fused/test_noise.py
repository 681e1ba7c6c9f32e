"""Noise and dropout in the kernel: their distributions, and gradients for given noise."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import torch
from numba import njit
from scipy import stats
from tests.core.engine.fused.test_gradient import (
    ACTIVATIONS,
    Reference,
    random_cohort,
    relative_error,
)

from superpos_core.engine.fused.cohort import FusedCohort
from superpos_core.engine.fused.layout import Optimiser
from superpos_core.engine.fused.noise import normal_pair
from superpos_core.engine.fused.pointers import pointer_to, store
from superpos_core.engine.fused.random import load_words, next_words, seeded_states
from superpos_core.engine.fused.specialisation import Formula
from superpos_core.engine.fused.tiles import BLOCK_ROWS
from superpos_core.engine.fused.workspace import workspace_memory

ROWS = 100


@njit
def _normals(state, numbers):
    words, into = pointer_to(state, 0), pointer_to(numbers, 0)
    s0, s1, s2, s3 = load_words(words)
    for index in range(0, numbers.size, 32):
        one, s0, s1, s2, s3 = next_words(s0, s1, s2, s3)
        other, s0, s1, s2, s3 = next_words(s0, s1, s2, s3)
        first, second = normal_pair(one, other)
        store(into, index, first)
        store(into, index + 16, second)


def test_normal_pairs_are_independent_and_standard_normal():
    numbers = np.empty(1 << 19, np.float32)
    _normals(seeded_states(np.array([5], np.uint64))[0], numbers)
    assert stats.kstest(numbers, "norm").pvalue > 1e-3
    first, second = numbers.astype(np.float64).reshape(-1, 2, 16).swapaxes(0, 1)
    for one, other in ((first, second), (first**2, second**2), (np.abs(first), second)):
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.01
    angle = np.arctan2(second, first).ravel()
    assert stats.kstest(angle, stats.uniform(-np.pi, 2 * np.pi).cdf).pvalue > 1e-3


class Seen(NamedTuple):
    """What a gradient left in the workspace, each (rows, m)."""

    hidden: np.ndarray
    disturbed: np.ndarray
    kept: np.ndarray


def noisy_cohort(formula: Formula, tied: bool, noise: float, dropout: float) -> FusedCohort:
    cohort = random_cohort(8, 3, tied, formula, penalty=0.2)
    noisy = FusedCohort.new(
        formula=formula,
        tied=tied,
        hidden=3,
        probabilities=np.full((1, 8), 0.3),
        importance=cohort.importance[:, :8],
        seeds=[3],
        hidden_penalty=0.2,
        hidden_noise=noise,
        hidden_dropout=dropout,
    )
    noisy.states.parameters[:] = cohort.states.parameters
    return noisy


def gradient_and_noise(cohort: FusedCohort, x: np.ndarray) -> tuple[float, np.ndarray, Seen]:
    memory = workspace_memory(cohort.size)
    loss, gradient = cohort.gradient(0, x, memory=memory)
    size = cohort.size
    rows = size.chunk_blocks * BLOCK_ROWS
    assert len(x) <= rows
    count = rows * size.padded_hidden

    def units(array: np.ndarray) -> np.ndarray:
        blocks = array.reshape(-1, size.padded_hidden, BLOCK_ROWS).swapaxes(1, 2)
        assert not blocks.reshape(rows, -1)[:, size.hidden :].any()
        return blocks.reshape(rows, -1)[: len(x), : size.hidden]

    hidden_start = 2 * rows * size.padded_features
    undisturbed, kept = memory[-2 * count : -count], memory[-count:]
    kept = kept.reshape(-1, size.padded_hidden, BLOCK_ROWS).copy()
    kept[:, size.hidden :] = 0
    disturbed = memory[hidden_start : hidden_start + count]
    return loss, gradient, Seen(*map(units, (undisturbed, disturbed, kept.ravel())))


def rows_of_data(density: float) -> np.ndarray:
    random = np.random.default_rng(6)
    x = random.random((ROWS, 8)) * (random.random((ROWS, 8)) < density)
    return x.astype(np.float32)


@pytest.mark.parametrize("density", [0.04, 0.5])
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("hidden", ["identity", "relu"])
def test_the_gradient_with_noise_is_that_of_autograd(hidden, tied, density):
    """With the noise that was drawn, in every row, also in those without an active feature."""
    x = rows_of_data(density)
    assert density > 0.4 or (x.any(axis=1) == 0).sum() > 20
    cohort = noisy_cohort(Formula(hidden, "relu"), tied, 0.5, 0.3)
    loss, gradient, seen = gradient_and_noise(cohort, x)
    order = np.argsort(~x.any(axis=1), kind="stable")  # rows without an active feature come last
    reference = Reference(cohort)
    before = ACTIVATIONS[hidden](torch.tensor(x[order]) @ reference.encoder)
    np.testing.assert_allclose(seen.hidden, before.detach().numpy(), atol=1e-6)
    assert (seen.disturbed != seen.hidden).mean() > 0.6
    gain = torch.tensor(seen.kept)
    disturbed = before * gain + torch.tensor(seen.disturbed - seen.kept * seen.hidden)
    decoder = reference.encoder.T if tied else reference.decoder
    output = torch.relu(disturbed @ decoder + reference.bias)
    expected = (reference.importance * (torch.tensor(x[order]) - output) ** 2).mean()
    (expected + 0.2 * before.abs().sum(1).mean() / 8).backward()
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    named = cohort.layout.named(gradient)
    assert relative_error(named.encoder, reference.encoder.grad) < 1e-5
    assert relative_error(named.bias, reference.bias.grad) < 1e-5
    if not tied:
        assert relative_error(named.decoder, reference.decoder.grad) < 1e-5


def test_what_is_added_is_normal_and_units_are_dropped_with_their_probability():
    cohort = noisy_cohort(Formula("identity", "relu"), True, 0.5, 0.25)
    added, kept = [], []
    for seed in range(200):
        cohort.states.random[:] = seeded_states(np.array([seed], np.uint64))
        *_, seen = gradient_and_noise(cohort, rows_of_data(0.3))
        stays = seen.kept > 0
        added.append((seen.disturbed / np.where(stays, seen.kept, 1) - seen.hidden)[stays])
        kept.append(seen.kept)
    assert stats.kstest(np.concatenate(added) / 0.5, "norm").pvalue > 1e-3
    values, counts = np.unique(np.concatenate(kept), return_counts=True)
    np.testing.assert_allclose(values, [0, 4 / 3], rtol=1e-6)
    assert stats.binomtest(int(counts[0]), int(counts.sum()), 0.25).pvalue > 1e-3


def test_padding_stays_zero_with_noise():
    random = np.random.default_rng(0)
    cohort = FusedCohort.new(
        formula=Formula("identity", "relu"), tied=True, hidden=2,
        probabilities=np.full((1, 10), 0.3), importance=np.ones((1, 10)), seeds=[3],
        hidden_noise=0.5, hidden_dropout=0.25, hidden_of_lanes=[1],
    )  # fmt: skip
    cohort.parameters.encoder[..., :1] = random.normal(size=(1, 10, 1))
    losses = np.zeros((1, 20), np.float32)
    memory = workspace_memory(cohort.size)
    cohort.train(np.zeros(1, np.int64), 100, Optimiser(np.full(20, 0.01)), losses, memory)
    assert not cohort.parameters.encoder[..., 1].any()
    assert cohort.parameters.encoder[..., 0].all()
