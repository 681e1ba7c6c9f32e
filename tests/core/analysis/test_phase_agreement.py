"""The agreement of a phase map with theory: which cells count, and how."""

from dataclasses import replace

import numpy as np
import pytest
from tests.core.phase_maps import (
    THREE_IN_TWO,
    filled_as_theory_says,
    filled_with,
    phase_config,
)

from superpos_core.analysis.phase_agreement import (
    agreement,
    better_than_theory,
    loss_over_theory,
    share_correctly_ignored,
    share_near_optimal,
)
from superpos_core.record.phase_grid import PhaseGrid
from superpos_core.record.phase_map import NO_MATCH, UNKNOWN, PhaseMap

GRIDS = {
    "two in one": PhaseGrid(phase_config(15, 16)),
    "three in two": PhaseGrid(phase_config(15, 16, THREE_IN_TWO)),
}
each_grid = pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)


def solved(grid: PhaseGrid) -> PhaseMap:
    """The best theoretical solution in every cell, with biases: E[x] for ignored features."""
    phase_map = filled_as_theory_says(grid)
    ignored = np.linalg.norm(phase_map.encoder, axis=-1) == 0
    return replace(phase_map, bias=np.where(ignored, grid.densities[:, None, None] / 2, 0))


def test_a_map_of_theoretical_solutions_agrees_with_theory() -> None:
    for grid in GRIDS.values():
        phase_map = filled_as_theory_says(grid)
        np.testing.assert_array_equal(phase_map.region, phase_map.grid.theory)
        assert agreement(phase_map) == 1


def test_agreement_counts_only_filled_cells_far_from_boundaries() -> None:
    grid = PhaseGrid(phase_config(15, 15))
    as_theory_says = filled_as_theory_says(grid)
    region = as_theory_says.region.copy()
    region[~grid.far_from_boundaries] = UNKNOWN
    assert agreement(replace(as_theory_says, region=region)) == 1
    rows, columns = np.nonzero(grid.far_from_boundaries)
    region[rows[:5], columns[:5]] = UNKNOWN
    expected = 1 - 5 / rows.size
    assert agreement(replace(as_theory_says, region=region)) == pytest.approx(expected)
    filled = np.zeros(grid.shape, dtype=bool)
    filled[rows[5:], columns[5:]] = True
    assert agreement(replace(as_theory_says, region=region, filled=filled)) == 1


@each_grid
def test_theoretical_solutions_have_the_theoretical_loss(grid: PhaseGrid) -> None:
    phase_map = solved(grid)
    np.testing.assert_allclose(loss_over_theory(phase_map), 1, rtol=1e-9)
    assert share_near_optimal(phase_map, 1.001) == 1
    assert share_near_optimal(phase_map, 0.999) == 0
    assert not better_than_theory(phase_map).any()


@each_grid
def test_wrong_weights_beside_boundaries_lose_more_and_ignore_wrongly(
    grid: PhaseGrid,
) -> None:
    sizes = (*grid.shape, grid.config.features, grid.config.hidden)
    random = np.random.default_rng(0)
    for encoder in (np.zeros(sizes), random.normal(0, 0.7, sizes), 10 * solved(grid).encoder):
        assert share_near_optimal(filled_with(grid, encoder), 1.05) < 0.3
    for encoder in (np.ones(sizes), np.zeros(sizes)):
        assert share_correctly_ignored(filled_with(grid, encoder)) == 0


@each_grid
def test_only_filled_cells_beside_boundaries_count(grid: PhaseGrid) -> None:
    phase_map = solved(grid)
    encoder = phase_map.encoder.copy()
    encoder[grid.far_from_boundaries] = np.nan
    assert share_near_optimal(replace(phase_map, encoder=encoder), 1.001) == 1
    unfilled = replace(phase_map, filled=grid.far_from_boundaries)
    assert np.isnan(share_near_optimal(unfilled, 1.1))
    assert np.isnan(share_correctly_ignored(unfilled))


def test_better_than_theory_are_unmatched_cells_with_a_lower_loss() -> None:
    grid = GRIDS["three in two"]
    row = int(np.argmin(np.abs(grid.densities - 0.6)))
    column = int(np.argmin(np.abs(grid.relative_importances - 1)))
    phase_map = solved(grid)
    encoder, bias = phase_map.encoder.copy(), phase_map.bias.copy()
    region = phase_map.region.copy()
    angles = np.radians([90, 210, 330])
    encoder[row, column] = 0.975 * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    bias[row, column] = 0.2
    region[row, column] = NO_MATCH
    found = better_than_theory(replace(phase_map, encoder=encoder, bias=bias, region=region))
    assert np.argwhere(found).tolist() == [[row, column]]
