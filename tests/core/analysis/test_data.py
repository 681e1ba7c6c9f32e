"""What is shown of the data: rows that the lane trains on, and the moments of those."""

import numpy as np
import pytest

from superpos_core.analysis.data import (
    SAMPLED_ROWS,
    active_rows,
    correlations,
    second_moments,
    some_rows,
)
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dataset import dataset


def config_of(distribution: str, dataset_size: int = 0) -> ExperimentConfig:
    return ExperimentConfig(
        "data", features=4, hidden=2, models=("tied",), sparsities=(0.5,),
        distribution=distribution, dataset_size=dataset_size,
    )  # fmt: skip


@pytest.mark.parametrize("distribution", ["uniform", "circle", "tree"])
def test_rows_and_moments_are_those_of_the_dataset(distribution: str) -> None:
    config = config_of(distribution, 50)
    x = dataset(config, config.lanes[0]).astype(np.float64)
    np.testing.assert_array_equal(some_rows(config, config.lanes[0], 5), x[:5])
    np.testing.assert_allclose(second_moments(config, config.lanes[0]), x.T @ x / 50)


@pytest.mark.parametrize("distribution", ["uniform", "circle", "tree"])
def test_moments_of_fresh_rows_are_those_of_many(distribution: str) -> None:
    config = config_of(distribution)
    x = some_rows(config, config.lanes[0], 1 << 17).astype(np.float64)
    found = second_moments(config, config.lanes[0])
    np.testing.assert_allclose(found, x.T @ x / len(x), atol=4 / np.sqrt(SAMPLED_ROWS))


def test_rows_without_an_active_feature_are_left_out_of_what_is_shown() -> None:
    config = ExperimentConfig(
        "tree", features=7, hidden=2, models=("tied",), sparsities=(0.95,), distribution="tree"
    )
    lane = config.lanes[0]
    shown, drawn = active_rows(config, lane, 20), some_rows(config, lane, SAMPLED_ROWS)
    assert shown.any(axis=1).all()
    np.testing.assert_array_equal(shown, drawn[drawn.any(axis=1)][:20])


def test_correlations_are_1_on_the_diagonal_and_0_for_what_never_happens() -> None:
    scaled = correlations(np.array([[4.0, 1, 0], [1, 1, 0], [0, 0, 0]]))
    np.testing.assert_array_equal(scaled, [[1, 0.5, 0], [0.5, 1, 0], [0, 0, 0]])
