"""The map of a phase diagram: its theory and names, and what its cells keep and display."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from tests.core.phase_maps import (
    THREE_IN_TWO,
    TWO_IN_ONE,
    filled_as_theory_says,
    filled_with,
    phase_config,
    shapes,
)

from superpos_core.analysis.phase_agreement import agreement
from superpos_core.arrays import BoolArray
from superpos_core.geometry import measures
from superpos_core.geometry.measures import REPRESENTED_NORM
from superpos_core.record.phase_grid import (
    BORDER_MARGIN,
    COARSEST_STRIDE,
    Block,
    PhaseGrid,
    free_box,
    split_in_two,
)
from superpos_core.record.phase_map import NO_MATCH, UNKNOWN, PhaseMap, nearest_solutions
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.parameters import Parameters
from superpos_core.theory import PHASE_DIAGRAMS

IGNORED, DEDICATED, PAIR = 0, 1, 2


# ── theory ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("config", [TWO_IN_ONE, THREE_IN_TWO])
def test_far_from_boundaries_is_where_nothing_changes_within_30_percent(
    config: ExperimentConfig,
) -> None:
    grid = PhaseGrid(phase_config(25, 27, config))
    r, p = grid.relative_importances, grid.densities[:, None]
    same = np.ones(grid.shape, dtype=bool)
    for factor in np.geomspace(1 / BORDER_MARGIN, BORDER_MARGIN, 61):
        same &= grid.diagram.regions(r * factor, p) == grid.theory
        same &= grid.diagram.regions(r, np.minimum(p * factor, 1)) == grid.theory
    np.testing.assert_array_equal(grid.far_from_boundaries, same)
    assert 0.7 < same.mean() < 0.95


def test_the_theory_of_the_last_feature() -> None:
    grid = PhaseGrid(phase_config(9, 9))
    expected = {IGNORED: (0, 0), DEDICATED: (1, 0), PAIR: (1, 1)}
    for place in np.ndindex(grid.shape):
        shown = float(grid.theory_norm[place]), float(grid.theory_superposition[place])
        assert shown == expected[int(grid.theory[place])]


@pytest.mark.parametrize("sizes", PHASE_DIAGRAMS)
def test_a_solution_is_nearest_to_itself_and_to_its_images(sizes: tuple[int, int]) -> None:
    diagram = PHASE_DIAGRAMS[sizes]
    random = np.random.default_rng(0)
    for index, solution in enumerate(diagram.solutions):
        encoder = np.array(solution.encoder, dtype=np.float64)
        for order in itertools.permutations(range(len(encoder) - 1)):
            image = encoder[[*order, -1]]
            turn, _ = np.linalg.qr(random.normal(size=(sizes[1], sizes[1])))
            shaken = image @ turn + random.normal(0, 0.05, encoder.shape)
            assert nearest_solutions(diagram, shaken @ shaken.T) == index


def test_weights_far_from_all_solutions_match_none() -> None:
    angles = np.radians([0, 120, 240])
    triangle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    for encoder in (triangle, np.zeros((3, 2)), 3 * np.array([[1, 0], [0, 1], [0, 0]])):
        assert nearest_solutions(PHASE_DIAGRAMS[3, 2], encoder @ encoder.T) == NO_MATCH


@pytest.mark.parametrize("sizes", PHASE_DIAGRAMS)
def test_a_solution_is_only_matched_if_it_represents_the_same_features(
    sizes: tuple[int, int],
) -> None:
    """No cell with an unrepresented feature is called a pair, for example."""
    diagram = PHASE_DIAGRAMS[sizes]
    random = np.random.default_rng(0)
    for index, solution in enumerate(diagram.solutions):
        kept = np.array(solution.encoder).any(axis=1)
        shrunk = random.uniform(0, 1.2, (500, sizes[0], 1)) * np.array(solution.encoder)
        represents = np.linalg.norm(shrunk, axis=-1) > REPRESENTED_NORM
        matched = nearest_solutions(diagram, shrunk @ shrunk.swapaxes(1, 2)) == index
        assert matched.any()
        assert not (matched & ~(represents[:, kept].all(axis=1))).any()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_the_region_of_non_finite_weights_is_unknown(value: float) -> None:
    gram = np.zeros((3, 2, 2))
    gram[1, 0, 1] = value
    regions = nearest_solutions(PHASE_DIAGRAMS[2, 1], gram)
    assert (regions == UNKNOWN).tolist() == [False, True, False]


def test_an_empty_map_has_no_agreement() -> None:
    empty = PhaseMap.empty(PhaseGrid(phase_config(4, 4)))
    assert np.isnan(agreement(empty))
    assert empty.share_filled == 0
    assert (empty.nearest_filled == -1).all()


# ── names and numbers on a picture ────────────────────────────────────────────────────────────


@given(
    arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=9)),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_a_name_fits_inside_its_region_as_near_the_middle_as_possible(
    region: BoolArray, rows: int, columns: int
) -> None:
    middle = np.argwhere(region).mean(axis=0) if region.any() else np.zeros(2)
    distances = {
        (row, column): np.hypot(
            row + (rows - 1) / 2 - middle[0], column + (columns - 1) / 2 - middle[1]
        )
        for row in range(region.shape[0] - rows + 1)
        for column in range(region.shape[1] - columns + 1)
        if region[row : row + rows, column : column + columns].all()
    }
    place = free_box(region, rows, columns)
    assert (place is None) == (not distances)
    if place is not None:
        assert distances[place] == pytest.approx(min(distances.values()))


def test_a_name_is_split_so_that_the_longer_line_is_shortest() -> None:
    names = PHASE_DIAGRAMS[3, 2].names
    assert [split_in_two(name) for name in names] == [
        ("extra feature", "ignored"),
        ("other feature", "ignored"),
        ("extra feature", "in a pair"),
        ("others", "in a pair"),
    ]
    assert split_in_two("pair") == ("pair",)


# ── what a cell keeps      ────────────────────────────────────────────────────────────────────


def one_cell(encoders: list[list[float]], losses: list[float]) -> PhaseMap:
    """A map of one cell, n = 2 and m = 1, whose restarts have these weights and losses."""
    config = phase_config(1, 1, replace(TWO_IN_ONE, restarts=len(losses)))
    encoder = np.array(encoders)[:, :, None]
    bias = np.arange(2.0 * len(losses)).reshape(-1, 2)
    empty = PhaseMap.empty(PhaseGrid(config))
    block = Block((0,), (0,))
    return empty.with_block(block, Parameters(encoder=encoder, bias=bias), np.array(losses))


def test_the_restart_with_the_highest_loss_is_dropped_and_the_others_are_averaged() -> None:
    weights = [[1, -0.8], [0, 0.5], [1, 0.4]]
    phase_map = one_cell(weights, [0.2, 0.9, 0.3])
    assert phase_map.norm[0, 0] == pytest.approx((0.8 + 0.4) / 2)
    of_all = measures.superposition(np.array(weights)[:, :, None])[:, 1]
    assert phase_map.superposition[0, 0] == pytest.approx((of_all[0] + of_all[2]) / 2)


def test_the_restart_with_the_lowest_loss_is_kept_and_decides_the_region() -> None:
    phase_map = one_cell([[1, 0], [0, 1], [1, -1]], [0.3, 0.2, 0.1])
    assert phase_map.region[0, 0] == PAIR
    assert phase_map.best_restart[0, 0] == 2
    parameters = phase_map.parameters(0, 0)
    assert parameters.encoder.tolist() == [[1], [-1]]
    assert parameters.bias.tolist() == [4, 5]
    assert parameters.is_tied
    assert phase_map.lane(0, 0) == phase_map.grid.config.lanes[2]


def test_a_single_restart_is_not_dropped() -> None:
    phase_map = one_cell([[0, 0.9]], [0.1])
    assert phase_map.norm[0, 0] == pytest.approx(0.9)
    assert phase_map.region[0, 0] == DEDICATED


@pytest.mark.parametrize("loss", [np.nan, np.inf])
def test_a_diverged_restart_is_the_one_dropped(loss: float) -> None:
    phase_map = one_cell([[np.nan, np.nan], [1, -1], [1, 0]], [loss, 0.1, 0.5])
    assert phase_map.region[0, 0] == PAIR
    assert phase_map.norm[0, 0] == pytest.approx(0.5)


def test_where_all_restarts_diverged_the_region_is_unknown() -> None:
    phase_map = one_cell([[np.nan, np.inf]] * 3, [np.nan] * 3)
    assert phase_map.region[0, 0] == UNKNOWN
    assert phase_map.filled[0, 0]
    assert not np.isfinite(phase_map.norm[0, 0])


def test_the_lane_of_a_cell_is_one_of_the_config() -> None:
    grid = PhaseGrid(phase_config(3, 4))
    phase_map = filled_as_theory_says(grid)
    best_restart = np.arange(12).reshape(3, 4) % grid.config.restarts
    lanes = [
        replace(phase_map, best_restart=best_restart).lane(*place)
        for place in np.ndindex(grid.shape)
    ]
    assert set(lanes) <= set(grid.config.lanes)
    assert [lane.density for lane in lanes] == grid.densities.repeat(4).tolist()
    assert [lane.swept for lane in lanes] == grid.relative_importances.tolist() * 3
    assert [lane.seed for lane in lanes] == best_restart.ravel().tolist()


def test_filling_a_block_leaves_the_previous_map_unchanged() -> None:
    grid = PhaseGrid(phase_config(5, 6))
    empty = PhaseMap.empty(grid)
    block = Block((1, 3), (0, 2, 5))
    phase_map = filled_with(grid, np.full((5, 6, 2, 1), 0.5), block)
    expected = np.zeros(grid.shape, dtype=bool)
    expected[np.ix_(block.rows, block.columns)] = True
    np.testing.assert_array_equal(phase_map.filled, expected)
    np.testing.assert_array_equal(np.isfinite(phase_map.norm), expected)
    np.testing.assert_array_equal(np.isfinite(phase_map.encoder[..., 0, 0]), expected)
    assert phase_map.share_filled == pytest.approx(6 / 30)
    assert not empty.filled.any()


def test_a_map_is_read_only() -> None:
    phase_map = filled_as_theory_says(PhaseGrid(phase_config(3, 3)))
    arrays = [value for value in vars(phase_map).values() if isinstance(value, np.ndarray)]
    assert len(arrays) == 7
    assert not any(array.flags.writeable for array in [*arrays, phase_map.nearest_filled])


# ── what cells display before they are filled ─────────────────────────────────────────────────


@given(shapes, st.integers(1, 40))
def test_a_cell_displays_itself_or_a_filled_neighbour(shape: tuple[int, int], blocks: int) -> None:
    grid = PhaseGrid(phase_config(*shape, replace(TWO_IN_ONE, restarts=500)))
    filled = np.zeros(grid.shape, dtype=bool)
    for block in itertools.islice(grid.blocks(), blocks):
        filled[np.ix_(block.rows, block.columns)] = True
    phase_map = replace(PhaseMap.empty(grid), filled=filled)
    shown = phase_map.nearest_filled >= 0
    places = np.stack(np.unravel_index(phase_map.nearest_filled[shown], grid.shape))
    assert filled[tuple(places)].all()
    cells = np.stack(np.nonzero(shown))
    assert (np.abs(places - cells) < COARSEST_STRIDE).all()
    np.testing.assert_array_equal(
        phase_map.nearest_filled[filled], np.arange(grid.cells).reshape(grid.shape)[filled]
    )


def test_once_the_coarse_grid_is_filled_every_cell_displays_something() -> None:
    grid = PhaseGrid(phase_config(50, 51))
    filled = np.zeros(grid.shape, dtype=bool)
    filled[:: grid.strides[0], :: grid.strides[0]] = True
    phase_map = replace(PhaseMap.empty(grid), filled=filled)
    assert (phase_map.nearest_filled >= 0).all()
    # Each covers a square around it, so that boundaries are where they belong.
    rows, columns = np.unravel_index(phase_map.nearest_filled, grid.shape)
    assert np.abs(rows - np.arange(50)[:, None]).max() <= 4
    assert np.abs(columns - np.arange(51)).max() <= 4
