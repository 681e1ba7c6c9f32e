"""Finite datasets: the rows, and the order in which training sees them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.task.draws import WITHOUT_FILES

from superpos_core.errors import InvalidValue
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dataset import dataset, is_full_batch, row_order, rows_in_step

SMALL = ExperimentConfig(
    "data", features=6, hidden=2, models=("tied",), sparsities=(0.7,), dataset_size=30, batch=8
)


@pytest.mark.parametrize("distribution", WITHOUT_FILES)
def test_a_dataset_is_drawn_once_from_the_lane_s_seed(distribution: str) -> None:
    config = replace(SMALL, distribution=distribution, restarts=2)
    first, second = (dataset(config, lane) for lane in config.lanes)
    assert first.shape == (30, 6)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, dataset(config, config.lanes[0]))
    assert not np.array_equal(first, second)


def test_a_dataset_has_the_density_of_its_lane() -> None:
    config = replace(SMALL, dataset_size=20_000)
    active = np.count_nonzero(dataset(config, config.lanes[0]), axis=0) / 20_000
    np.testing.assert_allclose(active, 0.3, atol=5 * np.sqrt(0.21 / 20_000))


def test_fresh_data_have_no_dataset() -> None:
    config = replace(SMALL, dataset_size=0)
    with pytest.raises(InvalidValue, match="fresh at every step"):
        dataset(config, config.lanes[0])
    assert rows_in_step(config, config.lanes[0]) == config.batch
    assert not is_full_batch(config, config.lanes[0])


@pytest.mark.parametrize("batch", [30, 31, 1000])
def test_a_full_batch_has_every_row_at_every_step(batch: int) -> None:
    config = replace(SMALL, batch=batch)
    order = row_order(config, config.lanes[0], 5, 3)
    np.testing.assert_array_equal(order, [np.arange(30)] * 3)
    assert is_full_batch(config, config.lanes[0])
    assert rows_in_step(config, config.lanes[0]) == 30


@given(batch=st.integers(1, 29), epochs=st.integers(1, 4))
def test_each_epoch_has_every_row_once(batch: int, epochs: int) -> None:
    config = replace(SMALL, batch=batch)
    steps = -(-epochs * 30 // batch)
    order = row_order(config, config.lanes[0], 0, steps)
    assert order.shape == (steps, batch)
    for epoch in order.ravel()[: epochs * 30].reshape(epochs, 30):
        assert sorted(epoch) == list(range(30))


@given(batch=st.integers(1, 40), first=st.integers(0, 50), steps=st.integers(0, 20))
def test_slices_match_the_whole_order(batch: int, first: int, steps: int) -> None:
    config = replace(SMALL, batch=batch)
    lane = config.lanes[0]
    whole = row_order(config, lane, 0, first + steps)
    np.testing.assert_array_equal(row_order(config, lane, first, steps), whole[first:])


def test_epochs_and_lanes_have_separate_orders() -> None:
    config = replace(SMALL, batch=15, restarts=2)
    one, other = (row_order(config, lane, 0, 4).reshape(2, 30) for lane in config.lanes)
    assert not np.array_equal(one[0], one[1])
    assert not np.array_equal(one, other)


def test_a_sweep_over_the_dataset_size_scales_it() -> None:
    config = replace(SMALL, sweep="dataset-size", sweep_values=(0.01, 0.5, 2.0))
    sizes = [len(dataset(config, lane)) for lane in config.lanes]
    assert sizes == [1, 15, 60]
    assert [rows_in_step(config, lane) for lane in config.lanes] == [1, 8, 8]


@pytest.mark.parametrize(
    ("size", "values", "words"), [(0, (1.0,), "fresh"), (1000, (1.0, 1e9), "too many")]
)
def test_an_invalid_sweep_over_datasets_is_rejected(
    size: int, values: tuple[float, ...], words: str
) -> None:
    with pytest.raises(InvalidValue, match=words):
        replace(SMALL, dataset_size=size, sweep="dataset-size", sweep_values=values)
