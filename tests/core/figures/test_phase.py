"""The phase figure: both maps in the paper's colours, theoretical boundaries, missing cells."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from tests.core.figures.drawn import texts, words
from tests.core.phase_maps import (
    THREE_IN_TWO,
    TWO_IN_ONE,
    filled_as_theory_says,
    filled_with,
    phase_config,
)
from tests.core.snapshots import trained

from superpos_core.arrays import FloatArray
from superpos_core.colours import scales
from superpos_core.figures import phase
from superpos_core.figures.registry import FIGURES
from superpos_core.figures.tools.kinds import RunFigure
from superpos_core.figures.tools.style import render
from superpos_core.record.phase_grid import Block, PhaseGrid
from superpos_core.record.phase_map import PhaseMap
from superpos_core.task.config import ExperimentConfig
from superpos_core.theory import TRIPLE_POINT, ignored_boundary

WHITE, BLUE, RED = scales.phase(np.array([0, 1, 1]), np.array([0, 0, 1]), scales.PAPER)


def drawn(phase_map: PhaseMap) -> Figure:
    return RunFigure("phase", "", PhaseMap, phase.draw).draw(phase_map)


def cells_of(axes: Axes) -> FloatArray:
    """The colours of the cells, shape (rows, columns, 3 or 4)."""
    (mesh,) = (item for item in axes.collections if isinstance(item, QuadMesh))
    array = mesh.get_array()
    assert array is not None
    return array


def test_white_is_ignored_blue_dedicated_and_red_superposed() -> None:
    shown = phase.colours(np.array([0, 0, 1, 1, 9]), np.array([0, 1, 0, 1, 9]))
    np.testing.assert_allclose(shown, [WHITE, WHITE, BLUE, RED, RED], atol=1e-12)
    assert WHITE.min() > 0.95
    assert (BLUE.argmax(), RED.argmax()) == (2, 0)


@pytest.mark.parametrize("config", [TWO_IN_ONE, THREE_IN_TWO])
def test_a_map_of_theoretical_solutions_looks_like_theory(config: ExperimentConfig) -> None:
    grid = PhaseGrid(phase_config(11, 13, config))
    trained_axes, theory_axes, *_ = drawn(filled_as_theory_says(grid)).axes
    expected = phase.colours(grid.theory_norm, grid.theory_superposition)
    np.testing.assert_allclose(cells_of(trained_axes)[..., :3], expected)
    assert (cells_of(trained_axes)[..., 3] == 1).all()
    theory = {tuple(colour) for colour in cells_of(theory_axes).reshape(-1, 3).round(6).tolist()}
    assert theory == {tuple(np.round(colour, 6).tolist()) for colour in (WHITE, BLUE, RED)}


def test_dense_is_at_the_top_and_importance_grows_to_the_right() -> None:
    figure = drawn(filled_as_theory_says(PhaseGrid(phase_config(5, 5))))
    for axes in figure.axes[:2]:
        assert axes.get_xscale() == axes.get_yscale() == "log"
        assert axes.get_xlim()[0] < axes.get_xlim()[1]
        assert axes.get_ylim()[0] < axes.get_ylim()[1]
    densities = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert densities == ["0.01", "0.03", "0.1", "0.3", "1"]
    importances = [label.get_text() for label in figure.axes[1].get_xticklabels()]
    assert importances == ["0.1", "0.3", "1", "3", "10"]


def test_the_lines_are_the_closed_form_boundaries() -> None:
    figure = drawn(filled_as_theory_says(PhaseGrid(phase_config(9, 9))))
    for axes in figure.axes[:2]:
        lines = [item for item in axes.collections if isinstance(item, ContourSet)]
        points = np.concatenate(
            [np.asarray(path.vertices) for each in lines for path in each.get_paths()]
        )
        r, p = points.T
        inside = p < 1
        least, greatest = ignored_boundary(p[inside]), 1 / ignored_boundary(p[inside])
        distance = np.minimum(
            np.abs(np.log(r[inside] / least)), np.abs(np.log(r[inside] / greatest))
        )
        assert distance.max() < 0.02
        assert p.min() < 0.2
        nearest = np.abs(np.log(points / TRIPLE_POINT)).max(axis=1).min()
        assert nearest < 0.02


def test_the_regions_are_named() -> None:
    for config, names in (
        (TWO_IN_ONE, {"extra feature\nignored", "extra feature\ndedicated", "antipodal\npair"}),
        (
            THREE_IN_TWO,
            {
                "extra feature\nignored",
                "other feature\nignored",
                "extra feature\nin a pair",
                "others\nin a pair",
            },
        ),
    ):
        figure = drawn(filled_as_theory_says(PhaseGrid(phase_config(9, 9, config))))
        grid = PhaseGrid(phase_config(9, 9, config))
        labels = figure.axes[1].texts
        assert {label.get_text() for label in labels} == names
        for label in labels:
            index = int(grid.diagram.regions(*label.get_position()))
            assert grid.diagram.names[index] == label.get_text().replace("\n", " ")


def test_a_region_outside_the_map_has_no_name() -> None:
    config = replace(phase_config(6, 6), sparsities=(0.98, 0.985, 0.99))
    labels = drawn(filled_as_theory_says(PhaseGrid(config))).axes[1].texts
    assert [label.get_text() for label in labels] == ["antipodal\npair"]


def test_the_caption_counts_agreeing_cells_and_gives_the_provenance() -> None:
    grid = PhaseGrid(phase_config(11, 13))
    shown = texts(drawn(filled_as_theory_says(grid)))
    title, reading, origin, *_ = shown
    assert title == "Phase diagram — tied, x̂ = ReLU(x·W·Wᵀ + b)"
    assert "Feature 1, the last:" in reading
    assert "(mean of 3 seeds without the worst)" in reading
    assert "100.0% of the cells over 30% away from a line agree with theory" in shown[-1]
    assert not any(word in " ".join(shown) for word in ("Grey", "Larger", "Hatched"))
    settings = "learning rate 0.1 · weight decay 0.3"
    assert f"11 × 13 cells of 3 restarts · {settings} · step 90 of 90" in origin


def test_coarse_cells_are_larger_squares_and_untrained_ones_grey() -> None:
    grid = PhaseGrid(phase_config(26, 26))
    assert grid.strides == (4, 2, 1)
    encoder = np.zeros((26, 26, 2, 1))
    encoder[:, 13:, 1] = 1
    left = Block(tuple(range(0, 26, 4)), tuple(range(0, 26, 4)))
    shown = cells_of(drawn(filled_with(grid, encoder, left)).axes[0])
    np.testing.assert_allclose(shown[:, :13, :3], np.broadcast_to(WHITE, (26, 13, 3)))
    np.testing.assert_allclose(shown[:, 15:, :3], np.broadcast_to(BLUE, (26, 11, 3)))

    empty = drawn(PhaseMap.empty(grid))
    assert np.unique(cells_of(empty.axes[0])).tolist() == [phase.NOT_TRAINED, 1]
    assert "Grey: not trained yet." in words(empty)
    assert "agree with theory" not in words(empty)
    half = words(drawn(filled_with(grid, encoder, left)))
    assert "Larger cells: finer ones are still to come." in half


def test_non_finite_cells_are_hatched_with_a_note() -> None:
    grid = PhaseGrid(phase_config(6, 6))
    encoder = np.ones((6, 6, 2, 1))
    encoder[2, 3] = np.nan
    figure = drawn(filled_with(grid, encoder))
    clear = cells_of(figure.axes[0])[..., 3] == 0
    assert np.argwhere(clear).tolist() == [[2, 3]]
    assert any(patch.get_hatch() for patch in figure.axes[0].patches)
    assert "Hatched: not finite." in texts(figure)[1]


def test_the_legend_spans_both_scales() -> None:
    figure = drawn(filled_as_theory_says(PhaseGrid(phase_config(4, 4))))
    (image,) = figure.axes[2].get_images()
    corners = np.asarray(image.get_array())[[0, 0, -1, -1], [0, -1, 0, -1]]
    np.testing.assert_allclose(corners, [BLUE, RED, WHITE, WHITE], atol=1e-12)
    assert figure.axes[2].get_ylabel() == "‖W₁‖"
    assert figure.axes[2].get_xlabel() == "superposition"


@settings(max_examples=3, phases=[Phase.explicit, Phase.generate])
@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 5))
def test_any_map_can_be_drawn(rows: int, columns: int, blocks: int) -> None:
    grid = PhaseGrid(phase_config(rows, columns))
    phase_map = PhaseMap.empty(grid)
    for block in list(grid.blocks())[:blocks]:
        phase_map = filled_with(grid, np.ones((rows, columns, 2, 1)), block)
    assert render(drawn(phase_map), "png").startswith(b"\x89PNG")


def test_the_same_map_gives_the_same_file() -> None:
    phase_map = filled_as_theory_says(PhaseGrid(phase_config(8, 8)))
    assert render(drawn(phase_map), "svg") == render(drawn(phase_map), "svg")


def test_nothing_is_drawn_for_a_run_without_a_map() -> None:
    assert list(FIGURES["phase"].drawings(trained())) == []
