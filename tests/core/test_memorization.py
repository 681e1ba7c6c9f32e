"""What a model makes of its dataset: polygons, and losses against a count row by row."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.polytopes import regular_polygon

from superpos_core.config import ExperimentConfig
from superpos_core.dataset import dataset
from superpos_core.errors import InvalidValue
from superpos_core.initialization import stacked_initial_parameters
from superpos_core.measures import feature_dimensionality
from superpos_core.memorization import (
    data_dimensionality,
    hidden_rows,
    losses_on_fresh_rows,
    training_loss,
)
from superpos_core.models import MODELS, reconstruct, target_of

CONFIG = ExperimentConfig(
    "memorization",
    features=7,
    hidden=2,
    models=("tied", "mlp"),
    sparsities=(0.5,),
    importance=0.9,
    dataset_size=9,
)


@pytest.mark.parametrize("corners", [2, 3, 5, 12])
@given(turn=st.floats(-3, 3), size=st.floats(1e-6, 1e6))
@settings(max_examples=10)
def test_the_rows_of_a_regular_polygon_have_two_over_their_number(
    corners: int, turn: float, size: float
) -> None:
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    hidden = size * regular_polygon(corners) @ rotation
    expected = 2 / corners if corners > 2 else 1 / 2  # two of them lie in one dimension
    np.testing.assert_allclose(data_dimensionality(hidden), expected)


@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 30), dimensions=st.integers(1, 8))
@settings(max_examples=50)
def test_without_products_of_all_rows_it_is_what_the_products_give(
    seed: int, rows: int, dimensions: int
) -> None:
    random = np.random.default_rng(seed)
    hidden = random.standard_normal((rows, dimensions)) * 10.0 ** random.uniform(-6, 3, (rows, 1))
    hidden[random.random(rows) < 0.2] = 0
    expected = feature_dimensionality(hidden)
    np.testing.assert_allclose(data_dimensionality(hidden), expected, rtol=1e-9)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_vectors_that_are_not_finite_give_nothing_known(wrong: float) -> None:
    hidden = regular_polygon(5)
    hidden[2, 0] = wrong
    assert not np.isfinite(data_dimensionality(hidden)[2])


def test_millions_of_rows_take_no_more_than_their_own_memory() -> None:
    hidden = np.tile(regular_polygon(4), (200_000, 1))
    np.testing.assert_allclose(data_dimensionality(hidden), 2 / 800_000)


@pytest.mark.parametrize("model", ["tied", "mlp"])
def test_losses_and_hidden_vectors_are_those_of_each_row_by_itself(model: str) -> None:
    (lane,) = CONFIG.lanes_of(model)
    parameters = stacked_initial_parameters(CONFIG, (lane,)).lane(0)
    rows = dataset(CONFIG, lane)
    hidden, losses = [], []
    for row in rows:
        one = reconstruct(MODELS[model], parameters, row[None])
        hidden.append(one.hidden[0])
        error = one.output[0] - target_of(MODELS[model], row)
        losses.append(sum(CONFIG.feature_importance * error**2))
    np.testing.assert_allclose(hidden_rows(CONFIG, lane, parameters), hidden, rtol=1e-5)
    assert training_loss(CONFIG, lane, parameters) == pytest.approx(np.mean(losses), rel=1e-5)


def test_a_model_that_gives_back_nothing_loses_all_that_rows_hold() -> None:
    """Σ_i I_i·E[x_i²] = Σ_i I_i·(1 − S)/3, up to the noise of the sample."""
    lanes = replace(CONFIG, restarts=3).lanes_of("tied")
    parameters = stacked_initial_parameters(CONFIG, lanes)
    nothing = replace(parameters, encoder=0 * parameters.encoder, bias=0 * parameters.bias)
    losses = losses_on_fresh_rows(CONFIG, lanes, nothing, 40_000)
    expected = np.sum(CONFIG.feature_importance) * 0.5 / 3
    np.testing.assert_allclose(losses, [expected] * 3, rtol=0.02)
    assert len(set(losses.tolist())) == 1  # all lanes see the same rows


def test_fresh_rows_are_not_those_of_the_dataset() -> None:
    (lane,) = CONFIG.lanes_of("tied")
    parameters = stacked_initial_parameters(CONFIG, (lane,))
    (fresh,) = losses_on_fresh_rows(CONFIG, (lane,), parameters, CONFIG.dataset_size)
    assert fresh != training_loss(CONFIG, lane, parameters.lane(0))


def test_fresh_data_at_every_step_have_no_training_rows() -> None:
    endless = replace(CONFIG, dataset_size=0)
    (lane,) = endless.lanes_of("tied")
    parameters = stacked_initial_parameters(endless, (lane,)).lane(0)
    for of_rows in (training_loss, hidden_rows):
        with pytest.raises(InvalidValue, match="dataset-size"):
            of_rows(endless, lane, parameters)
