"""What the phase panel says of the cell at the cursor, and of how cells agree with theory."""

from dataclasses import replace

import numpy as np
from tests.core.phase_maps import (
    TWO_IN_ONE,
    filled_as_theory_says,
    filled_with,
    phase_config,
)
from tests.tui.views.phase.phase_scenes import as_theory_says, draw, row_with, scene_with

from superpos_core.record.phase_grid import Block, PhaseGrid
from superpos_core.record.phase_map import PhaseMap
from superpos_core.task.parameters import Parameters


def test_the_numbers_of_the_cell_at_the_cursor() -> None:
    grid = PhaseGrid(phase_config(5, 5))
    encoder = np.zeros((5, 5, 2, 1))
    encoder[..., 0], encoder[4, 2] = [[1]], [[0.9], [-0.8]]
    encoder[4, 1] = [[1], [0]]
    row = row_with(draw(scene_with(filled_with(grid, encoder), (4, 2)), 140, 24), "1−S 0.01")
    assert "importance ×1 " in row
    assert "‖W₁‖ 0.80" in row
    assert "superposition 0.81" in row
    assert row.rstrip().endswith("antipodal pair, as in theory")
    row = row_with(draw(scene_with(filled_with(grid, encoder), (4, 1)), 140, 24), "1−S 0.01")
    assert row.rstrip().endswith("extra feature ignored; theory: antipodal pair")
    row = row_with(draw(scene_with(filled_with(grid, encoder), (4, 3)), 140, 24), "1−S 0.01")
    assert row.rstrip().endswith("none of theory's solutions; theory: antipodal pair")


def test_numbers_are_means_and_the_phase_is_of_the_best_seed() -> None:
    """Where some seeds ignore a feature that the best one keeps, the mean norm is low."""
    grid = PhaseGrid(phase_config(5, 5))
    encoder = np.zeros((5, 5, 3, 2, 1))
    encoder[:, :, :, 0], encoder[:, :, 0, 1] = 1, -1
    encoder[:, :, 1, 1] = 0.1
    losses = np.tile([1.0, 2.0, 3.0], 25)
    lanes = Parameters(encoder=encoder.reshape(-1, 2, 1), bias=np.zeros((75, 2)))
    rows = columns = tuple(range(5))
    phase_map = PhaseMap.empty(grid).with_block(Block(rows, columns), lanes, losses)
    text = draw(scene_with(phase_map, (4, 2)), 118, 24).text()
    assert "mean ‖W₁‖ 0.55  superposition 1.00  best seed: antipodal pair, as in theory" in text
    assert "trained, mean of 2 seeds" in text
    assert "away from boundaries, by their best seed" in text
    narrow = draw(scene_with(phase_map, (4, 2)), 78, 24).text()
    assert "best seed: antipodal pair, as in theory" in narrow
    single = PhaseGrid(phase_config(5, 5, replace(TWO_IN_ONE, restarts=1)))
    text = draw(scene_with(filled_as_theory_says(single), (4, 2)), 118, 24).text()
    assert "mean" not in text
    assert "seed" not in text


def test_the_line_of_agreement_says_of_how_many_cells() -> None:
    phase_map = as_theory_says(20, 20)
    away = f"100.0% of the {phase_map.grid.far_from_boundaries.sum()} away from boundaries"
    for width in (78, 118):
        assert away in draw(scene_with(phase_map), width, 24).text()


def test_a_difference_from_theory_near_a_border_is_said_to_be_there() -> None:
    phase_map = as_theory_says(40, 40)
    near = np.argwhere(~phase_map.grid.far_from_boundaries)[0]
    region = (phase_map.region + 1) % 3
    scene = scene_with(replace(phase_map, region=region), (int(near[0]), int(near[1])))
    assert "(near a boundary)" in draw(scene, 140, 30).text()


def test_a_cell_that_is_not_trained_or_not_finite_says_so() -> None:
    grid = PhaseGrid(phase_config(5, 5))
    assert "not trained yet" in draw(scene_with(PhaseMap.empty(grid), (1, 1)), 100, 24).text()
    broken = filled_with(grid, np.full((5, 5, 2, 1), np.nan))
    text = draw(scene_with(broken, (1, 1)), 100, 24).text()
    assert "‖W₁‖    —" in text
    assert "not finite; theory: " in text


def test_the_density_of_the_cursor_is_rounded_to_its_room() -> None:
    """0.0559 has one column too many: it is 0.056, not 0.055."""
    grid = PhaseGrid(replace(phase_config(1, 3), sparsities=(1 - 0.0559, 0.5)))
    text = draw(scene_with(PhaseMap.empty(grid), (1, 1)), 100, 24).text()
    assert "0.056▸" in text
    assert "0.055▸" not in text
