"""Rows that are counted: exact multinomial counts, and the right pattern for each."""

from itertools import product
from math import factorial
from typing import Any

import numpy as np
import pytest

from superpos_core.arrays import FloatArray, IntArray
from superpos_core.engine.dictionaries.training_rows import training_rows_of
from superpos_core.engine.fused.dictionaries.counting import draw_shares, tables_of
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.dictionaries.rows import HiddenRows, Rows
from superpos_core.task.dictionaries.truth import made_directions

STEPS = 20_000
MANY = (0.68, 0.18, 0.045, 0.035, 0.035, 0.0125, 0.0095, 0.0025, 0.0005)


def counts_of(probabilities: tuple[float, ...], batch: int, steps: int = STEPS) -> FloatArray:
    """How often each pattern occurs, (steps, patterns)."""
    shares = np.empty((steps, len(probabilities)), np.float32)
    draw_shares(tables_of(probabilities, batch), batch, np.uint64(5), shares)
    counts = np.rint(shares.astype(np.float64) * batch)
    np.testing.assert_allclose(shares, counts / batch, rtol=1e-6)
    return counts


def deviation(found: IntArray, expected: FloatArray) -> float:
    """χ² of numbers of outcomes, in standard deviations from its mean; rare ones count as one."""
    rare = expected < 10
    observed, wanted = (
        np.append(each[~rare], each[rare].sum()) if rare.any() else each
        for each in (found.astype(np.float64), expected)
    )
    freedom = len(wanted) - 1
    chi = float(((observed - wanted) ** 2 / wanted).sum())
    return (chi - freedom) / float(np.sqrt(2 * freedom))


def outcomes(probabilities: tuple[float, ...], batch: int) -> dict[tuple[int, ...], float]:
    """The probability of all counts."""
    each = product(range(batch + 1), repeat=len(probabilities))
    return {
        counts: factorial(batch)
        * float(np.prod([p**n / factorial(n) for p, n in zip(probabilities, counts, strict=True)]))
        for counts in each
        if sum(counts) == batch
    }


@pytest.mark.parametrize("drawn", [(0.5, 0.3, 0.2), (0.52, 0.28, 0.2)])
def test_all_counts_of_a_small_batch_are_as_frequent_as_they_should_be(
    drawn: tuple[float, ...],
) -> None:
    """Not so those that are drawn with slightly other probabilities."""
    expected = outcomes((0.5, 0.3, 0.2), 7)
    assert sum(expected.values()) == pytest.approx(1)
    counts = counts_of(drawn, 7)
    found = np.array([np.all(counts == outcome, axis=1).sum() for outcome in expected])
    off = deviation(found, STEPS * np.array(list(expected.values())))
    assert off < 5 if drawn[0] == 0.5 else off > 20


@pytest.mark.parametrize("batch", [60, 1024, 4096, 20_000])
def test_counts_have_multinomial_moments_whatever_the_batch(batch: int) -> None:
    """20,000 rows are more than the largest table has."""
    counts, chances = counts_of(MANY, batch), np.array(MANY)
    np.testing.assert_array_equal(counts.sum(axis=1), batch)
    assert counts.min() >= 0
    covariance = batch * (np.diag(chances) - np.outer(chances, chances))
    spread = np.sqrt(np.diag(covariance))
    off = (counts.mean(axis=0) - batch * chances) / (spread / np.sqrt(STEPS))
    assert np.abs(off).max() < 5
    found = np.cov(counts.T) / np.outer(spread, spread)
    np.testing.assert_allclose(found, covariance / np.outer(spread, spread), atol=0.15)


def test_counts_are_binomial_far_from_their_mean_too() -> None:
    """Of each of two patterns, so of both binomial tables that are not the first."""
    batch, probabilities = 300, (0.5, 0.3, 0.2)
    counts = counts_of(probabilities, batch, 4 * STEPS)
    for pattern, chance in enumerate(probabilities):
        logarithms = np.log(np.arange(1, batch + 1)).cumsum()
        below = np.append(0, logarithms)
        n = np.arange(batch + 1)
        choose = below[batch] - below - below[::-1]
        expected = 4 * STEPS * np.exp(choose + n * np.log(chance) + (batch - n) * np.log1p(-chance))
        found = np.bincount(counts[:, pattern].astype(int), minlength=batch + 1)
        assert deviation(found, expected) < 5


def test_what_never_happens_does_not_occur_and_what_always_does_is_all() -> None:
    np.testing.assert_array_equal(counts_of((1.0, 0.0), 64, 10), [[64, 0]] * 10)
    assert not counts_of((0.6, 0.4, 0.0, 0.0), 64)[:, 2:].any()
    np.testing.assert_array_equal(counts_of((1.0,), 9, 2), [[9], [9]])


# ── rows ──────────────────────────────────────────────────────────────────────────────────────


def config_of(**values: Any) -> ExperimentConfig:
    usual = {
        "features": 3, "hidden": 4, "batch": 64, "directions": "orthogonal",
        "distribution": "binary", "sparsities": (0.8,),
    }  # fmt: skip
    return ExperimentConfig("rows", kind=DICTIONARIES, **{**usual, **values})


def rows_of(config: ExperimentConfig) -> tuple[Rows, FloatArray]:
    (lane, *_) = config.lanes_of("relu")
    directions = made_directions(config, (lane,))[0]
    return training_rows_of(config, lane, directions), directions


def test_each_step_has_every_pattern_once_with_its_share() -> None:
    rows, directions = rows_of(config_of())
    drawn = rows.of_steps(0, 400)
    shares = drawn.shares.reshape(400, 8)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-6)
    x = drawn.vectors @ directions.T
    found = {tuple(np.abs(np.round(each, 4))) for each in x}
    assert found == {tuple(map(float, f"{number:03b}")) for number in range(8)}
    moments = np.einsum("sp,pi,pj->ij", shares, x, x) / 400
    expected = 0.2 * (np.eye(3) + 0.2 * (1 - np.eye(3)))
    np.testing.assert_allclose(moments, expected, atol=6 * np.sqrt(0.2 / (400 * 64)))
    assert drawn.repeated
    assert list(drawn.first[:3]) == [0, 8, 16]


def test_steps_have_the_same_rows_however_many_are_asked_for() -> None:
    """Some of them from the next chunk."""
    together = rows_of(config_of())[0].of_steps(0, 1500)
    in_parts, _ = rows_of(config_of())
    cuts = ((0, 1), (1, 999), (1000, 500))
    again = HiddenRows.joined([in_parts.of_steps(first, count) for first, count in cuts])
    for name in ("vectors", "shares", "first"):
        np.testing.assert_array_equal(getattr(again, name), getattr(together, name))
    alone = in_parts.of_steps(700, 2)
    np.testing.assert_array_equal(alone.shares, together.between(700, 702).shares)


def test_no_two_chunks_or_lanes_have_the_same_rows() -> None:
    config = config_of(restarts=2)
    first, second = (
        training_rows_of(config, lane, np.eye(3, 4, dtype=np.float32)).of_steps(0, 1024).shares
        for lane in config.lanes_of("relu")
    )
    assert not np.array_equal(first, second)
    assert not np.array_equal(first[: len(first) // 2], first[len(first) // 2 :])


def test_other_rows_are_drawn_one_by_one() -> None:
    assert not rows_of(config_of(distribution="uniform"))[0].of_steps(0, 1).repeated
    assert not rows_of(config_of(features=9, hidden=9))[0].of_steps(0, 1).repeated
