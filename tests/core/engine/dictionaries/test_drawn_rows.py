"""Rows that dictionaries read: the right distribution, whatever is asked for at once."""

import numpy as np
import pytest

from superpos_core.arrays import FloatArray
from superpos_core.engine.dictionaries import drawn_rows
from superpos_core.engine.dictionaries.drawn_rows import DrawnRows
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES
from superpos_core.task.dictionaries.rows import HiddenRows, hidden_vectors
from superpos_core.task.dictionaries.truth import made_directions

STEPS = 400
ENTRIES = {"distribution": "uniform", "sparsities": (0.9,)}
UNEVEN = {**ENTRIES, "frequency": (1.0, 0.1, 0.5)}
DRAWN = {"distribution": "correlated", "set_size": 3, "sparsities": (0.6,)}
WAYS = [ENTRIES, UNEVEN, DRAWN]


def config_of(**values: object) -> ExperimentConfig:
    of_test: dict[str, object] = {
        "features": 3, "hidden": 4, "batch": 64, "directions": "orthogonal", **values,
    }  # fmt: skip
    return ExperimentConfig("rows", kind=DICTIONARIES, **of_test)  # type: ignore[arg-type]


def rows_of(config: ExperimentConfig) -> tuple[DrawnRows, FloatArray]:
    (lane, *_) = config.lanes_of("relu")
    directions = made_directions(config, (lane,))[0]
    return DrawnRows(config, lane, directions), directions


def second_moments(rows: HiddenRows, directions: FloatArray) -> FloatArray:
    """E[x xᵀ], (n, n): of the features, which orthonormal directions give back."""
    x = rows.vectors.astype(np.float64) @ directions.T
    moments: FloatArray = (x * rows.shares[:, None]).T @ x / rows.steps
    return moments


@pytest.mark.parametrize("values", WAYS)
def test_shares_of_each_step_sum_to_1(values: dict[str, object]) -> None:
    rows = rows_of(config_of(**values))[0].of_steps(0, STEPS)
    sums = np.add.reduceat(rows.shares.astype(np.float64), rows.first[:-1])
    np.testing.assert_allclose(sums, 1, atol=1e-5)
    assert rows.first[-1] == len(rows.vectors)


@pytest.mark.parametrize("values", WAYS)
def test_steps_have_the_same_rows_however_many_are_asked_for(values: dict[str, object]) -> None:
    together = rows_of(config_of(**values))[0].of_steps(0, 150)
    in_parts, _ = rows_of(config_of(**values))
    parts = [in_parts.of_steps(first, count) for first, count in ((0, 1), (1, 99), (100, 50))]
    again = HiddenRows.joined(parts)
    for name in ("vectors", "shares", "first"):
        np.testing.assert_array_equal(getattr(again, name), getattr(together, name))
    assert np.array_equal(in_parts.of_steps(3, 2).vectors, together.between(3, 5).vectors)


@pytest.mark.parametrize(("values", "second", "pair"), [
    (ENTRIES, 0.1 / 3, 0.1**2 / 4),
    (DRAWN, 0.4 / 3, 0.4 / 4),
])  # fmt: skip
def test_second_moments_are_those_of_the_distribution(
    values: dict[str, object], second: float, pair: float
) -> None:
    rows, directions = rows_of(config_of(**values))
    found = second_moments(rows.of_steps(0, STEPS), directions)
    drawn = STEPS * 64
    np.testing.assert_allclose(np.diag(found), second, atol=6 * np.sqrt(second / drawn))
    beside = found[~np.eye(3, dtype=bool)]
    np.testing.assert_allclose(beside, pair, atol=6 * np.sqrt(max(pair, 1e-3) / drawn))


@pytest.mark.parametrize("values", [ENTRIES, UNEVEN])
def test_one_pass_gives_the_rows_of_a_product_of_matrices(
    values: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_of(**values, batch=7)  # some steps without any active feature
    in_one_pass = rows_of(config)[0].of_steps(0, STEPS)
    monkeypatch.setattr(drawn_rows, "FEW", 0)
    by_product = rows_of(config)[0].of_steps(0, STEPS)
    np.testing.assert_array_equal(in_one_pass.first, by_product.first)
    np.testing.assert_array_equal(in_one_pass.shares, by_product.shares)
    np.testing.assert_allclose(in_one_pass.vectors, by_product.vectors, rtol=1e-6, atol=1e-7)
    assert np.diff(in_one_pass.first).min() == 1


def test_uneven_frequencies_are_kept() -> None:
    rows, directions = rows_of(config_of(**UNEVEN))
    found = np.diag(second_moments(rows.of_steps(0, STEPS), directions))
    np.testing.assert_allclose(found, 0.1 * np.array([1, 0.1, 0.5]) / 3, rtol=0.2)


def test_hidden_vectors_pass_the_activation_of_the_model() -> None:
    x, directions = np.eye(2, dtype=np.float32), np.array([[1, -1], [-2, 3]], np.float32)
    relu = DrawnRows(
        config_of(features=2, hidden=2, directions="model", models=("relu-hidden",)),
        config_of().lanes_of("relu")[0],
        directions,
    )
    assert relu.of_steps(0, 5).vectors.min() >= 0
    assert hidden_vectors(x, directions, lambda values: values).min() == -2  # type: ignore[arg-type]
