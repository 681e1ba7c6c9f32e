"""The grid of a phase diagram: its cells, and the blocks it is filled in."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.phase_maps import THREE_IN_TWO, TWO_IN_ONE, phase_config, shapes

from superpos_core.errors import InvalidValue
from superpos_core.record.phase_grid import BLOCK_LANES, COARSEST_STRIDE, PhaseGrid


def test_rows_go_from_dense_to_sparse_and_columns_to_the_most_important() -> None:
    config = replace(TWO_IN_ONE, sparsities=(0.9, 0.0, 0.5, 0.9), sweep_values=(5.0, 0.2, 1.0))
    grid = PhaseGrid(config)
    assert grid.densities.tolist() == [1, 0.5, 0.1]
    assert grid.relative_importances.tolist() == [0.2, 1, 5]
    assert grid.shape == (3, 3)


def test_the_columns_are_the_importance_of_the_last_feature_relative_to_the_others() -> None:
    grid = PhaseGrid(phase_config(2, 5, THREE_IN_TWO))
    for lane in grid.config.lanes[: 5 * 3 : 3]:
        column = grid.relative_importances.tolist().index(lane.swept)
        importance = grid.config.importance_of(lane)
        assert importance.tolist() == [1, 1, grid.relative_importances[column]]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"features": 5}, "features 5: .* choose 2 with hidden 1 or 3 with hidden 2"),
        ({"hidden": 3}, "hidden 3: .* 2 features .* choose 1 with features 2 or 2 with"),
        ({"hidden": 2}, "features 2: .* in 2 dimensions; choose 2 with hidden 1 or 3 with"),
        ({"sweep": "none", "sweep_values": ()}, "sweep none: .* choose last-importance"),
        ({"importance": 0.9}, "importance 0.9"),
        ({"models": ("tied", "linear")}, "model tied,linear"),
        ({"models": ("untied",)}, "model untied"),
    ],
)
def test_configs_that_are_not_phase_diagrams_are_refused(
    change: dict[str, object], named: str
) -> None:
    with pytest.raises(InvalidValue, match=named):
        PhaseGrid(replace(TWO_IN_ONE, **change))  # type: ignore[arg-type]


@given(shapes, st.sampled_from([1, 10, 500, 5000]))
def test_blocks_hold_every_cell_once_and_stay_small(shape: tuple[int, int], seeds: int) -> None:
    grid = PhaseGrid(phase_config(*shape, replace(TWO_IN_ONE, restarts=seeds)))
    times = np.zeros(grid.shape, dtype=int)
    for block in grid.blocks():
        assert block.cells * seeds <= max(BLOCK_LANES, seeds)
        times[np.ix_(block.rows, block.columns)] += 1
    assert (times == 1).all()


def test_a_grid_of_a_hundred_thousand_models_is_cut_into_blocks_of_seconds() -> None:
    grid = PhaseGrid(phase_config(100, 100, replace(TWO_IN_ONE, restarts=10)))
    sizes = [10 * block.cells for block in grid.blocks()]
    assert sum(sizes) == 100_000
    assert len(sizes) < 60
    assert min(sizes) > BLOCK_LANES / 2


def test_the_grid_is_filled_coarse_to_fine() -> None:
    grid = PhaseGrid(phase_config(50, 60, replace(TWO_IN_ONE, restarts=10)))
    strides = [
        max(
            each for each in (8, 4, 2, 1) if not np.any(np.array(block.rows + block.columns) % each)
        )
        for block in grid.blocks()
    ]
    assert strides == sorted(strides, reverse=True)
    assert tuple(dict.fromkeys(strides)) == grid.strides == (8, 4, 2, 1)


def test_a_small_grid_starts_fine_enough_to_show_something() -> None:
    assert PhaseGrid(phase_config(100, 5)).strides == (1,)
    assert PhaseGrid(phase_config(13, 12)).strides == (2, 1)
    assert PhaseGrid(phase_config(100, 100)).strides[0] == COARSEST_STRIDE


def test_all_blocks_together_have_the_lanes_of_the_config() -> None:
    config = phase_config(13, 14)
    grid = PhaseGrid(config)
    lanes = [lane for block in grid.blocks() for lane in grid.config_of(block).lanes]
    assert len(lanes) == len(config.lanes)
    assert set(lanes) == set(config.lanes)
