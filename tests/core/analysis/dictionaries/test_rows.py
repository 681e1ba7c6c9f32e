"""Rows for evaluation: exact where they can be listed, else a sample of the lane's own."""

import numpy as np
import pytest
from tests.core.analysis.dictionaries.made import of_truth, orthonormal

from superpos_core.analysis.dictionaries.rows import MOST_ROWS, TrueRows, rows_of_lane
from superpos_core.analysis.dictionaries.score import evaluate_lane
from superpos_core.arrays import FloatArray
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.options import DICTIONARIES

V = orthonormal(3, 4)


def config_of(**values: object) -> ExperimentConfig:
    of_test: dict[str, object] = {
        "features": 3, "hidden": 4, "latents": 3, "directions": "orthogonal",
        "sparsities": (0.8,), "restarts": 2, **values,
    }  # fmt: skip
    return ExperimentConfig("rows", kind=DICTIONARIES, **of_test)  # type: ignore[arg-type]


def rows_of(config: ExperimentConfig, restart: int = 0, latents: int = 3) -> TrueRows:
    return rows_of_lane(config, config.lanes_of("relu")[restart], V, latents)


def second_moments(rows: TrueRows) -> FloatArray:
    moments: FloatArray = (rows.x * rows.shares[:, None]).T @ rows.x
    return moments


def test_few_binary_features_have_every_possible_row() -> None:
    rows = rows_of(config_of(distribution="binary"))
    assert len(rows.x) == 8
    expected = np.full((3, 3), 0.2**2) + np.diag([0.2 - 0.2**2] * 3)
    np.testing.assert_allclose(second_moments(rows), expected, rtol=1e-6)


def test_rows_that_cannot_occur_are_left_out() -> None:
    rows = rows_of(config_of(distribution="tree"))
    assert not ((rows.x[:, 0] == 0) & rows.x[:, 1:].any(axis=1)).any()  # a child without its parent
    always = rows_of(config_of(distribution="binary", sparsities=(0.0,)))
    assert always.x.tolist() == [[1, 1, 1]]


def test_others_are_sampled_from_the_lanes_distribution() -> None:
    rows = rows_of(config_of(distribution="uniform"))
    assert rows.shares.sum() == pytest.approx(1)
    assert rows.shares[-1] == pytest.approx(0.8**3, abs=0.01)  # nothing is active
    assert len(rows.x) == round(MOST_ROWS * (1 - rows.shares[-1])) + 1
    expected = np.full((3, 3), 0.1**2) + np.diag([0.2 / 3 - 0.1**2] * 3)
    np.testing.assert_allclose(second_moments(rows), expected, atol=1e-3)
    np.testing.assert_allclose(rows.hidden, rows.x @ V, atol=1e-6)


def test_a_sample_is_of_the_lane_alone_and_smaller_for_wide_dictionaries() -> None:
    config = config_of(distribution="uniform")
    np.testing.assert_array_equal(rows_of(config).x, rows_of(config).x)
    assert not np.array_equal(rows_of(config, restart=0).x, rows_of(config, restart=1).x)
    dense = config_of(distribution="uniform", sparsities=(0.0,))
    assert [len(rows_of(dense, latents=count).x) for count in (64, 4096)] == [1 << 16, 1 << 10]


def test_a_lane_is_scored_by_its_kind_and_its_k() -> None:
    config = config_of(
        distribution="binary", dictionaries=("topk",), active_latents=1.0,
        sweep="latent-activity", sweep_values=(1.0, 3.0), restarts=1,
    )  # fmt: skip
    one, three = config.lanes_of("topk")
    truth = of_truth(V)
    assert evaluate_lane(config, three, truth, V).activity.l0 == pytest.approx(3 * 0.2)
    l0 = evaluate_lane(config, one, truth, V).activity.l0
    assert l0 == pytest.approx(1 - 0.8**3)  # one of the active features, if any
