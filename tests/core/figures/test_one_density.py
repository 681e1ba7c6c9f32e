"""The figure of one feature's density: feature 0 points up, and two solutions cross."""

import math
from dataclasses import replace

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from tests.core.figures.drawn import words
from tests.core.polytopes import random_orthogonal, regular_polygon, spokes
from tests.core.snapshots import spoiled, with_encoders, with_losses

from superpos_core.arrays import FloatArray
from superpos_core.figures.one_density import COLOURS
from superpos_core.figures.registry import FIGURES
from superpos_core.figures.tools.style import render
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
CONFIG = ExperimentConfig(
    "test",
    features=5,
    hidden=2,
    models=("tied",),
    sparsities=(0.95,),
    importance=1,
    sweep="first-density",
    sweep_values=(0.1, 1.0, 10.0),
    restarts=2,
)
TWO_FACTORS = replace(CONFIG, sweep_values=(0.1, 1.0))
PENTAGON = 1.17 * regular_polygon(5)
DIGONS = np.vstack([[0.0, 0.0], spokes(0, 90, 180, 270)])
ONLY_TWO = np.vstack([spokes(0, 90), np.zeros((3, 2))])
ENCODERS = [DIGONS, PENTAGON, PENTAGON, DIGONS, PENTAGON, ONLY_TWO]
LOSSES = [0.1, 0.2, 0.3, 0.5, 0.6, 0.9]


def snapshot_of(
    encoders: list[FloatArray], losses: list[float], config: ExperimentConfig = CONFIG
) -> LanesRecord:
    """Lanes with these encoders, each rotated differently."""
    rotated = [encoder @ random_orthogonal(seed, 2) for seed, encoder in enumerate(encoders)]
    return with_encoders(config, rotated, losses)


def drawn(record: LanesRecord) -> Figure:
    ((_, draw),) = FIGURES["one-density"].drawings(record)
    return draw()


def dots(figure: Figure, index: int) -> list[PathCollection]:
    axes = figure.axes[index]
    return [item for item in axes.collections if isinstance(item, PathCollection)]


def count(dots: PathCollection) -> int:
    return len(np.asarray(dots.get_offsets()))


def test_feature_0_points_up_or_lies_in_the_middle_of_an_upright_square() -> None:
    others, first = dots(drawn(snapshot_of(ENCODERS[:4], LOSSES[:4], TWO_FACTORS)), 0)
    right, up = np.asarray(first.get_offsets()).T
    np.testing.assert_allclose(right, 0, atol=1e-6)
    np.testing.assert_allclose(up, [0, 1.17, 1.17, 0], atol=1e-6)
    square, pentagon = np.asarray(others.get_offsets()).reshape(4, 4, 2)[:2]
    np.testing.assert_allclose(np.abs(square), math.sqrt(0.5), atol=1e-6)
    np.testing.assert_allclose(
        np.sort(pentagon[:, 1]), 1.17 * np.cos(np.radians([144, 144, 72, 72])), atol=1e-6
    )


def test_solutions_of_one_density_share_a_colour_brighter_if_sparse() -> None:
    others, first = dots(drawn(snapshot_of(ENCODERS[:4], LOSSES[:4], TWO_FACTORS)), 0)
    sparse, same, dense, _ = np.asarray(first.get_facecolor())
    np.testing.assert_array_equal(sparse, same)
    assert sparse[:3].sum() > dense[:3].sum()
    np.testing.assert_array_equal(np.asarray(others.get_facecolor())[:4], [sparse] * 4)


def test_the_lowest_losses_of_both_solutions_are_joined_and_cross() -> None:
    figure = drawn(snapshot_of(ENCODERS, LOSSES))
    lines = {str(line.get_color()): np.asarray(line.get_xydata()) for line in figure.axes[1].lines}
    pentagon, digons = lines[COLOURS[0]], lines[COLOURS[1]]
    np.testing.assert_allclose(pentagon, [[0.1, 0.2], [1, 0.3], [10, 0.6]], rtol=1e-6)
    np.testing.assert_allclose(digons, [[0.1, 0.1], [1, 0.5]], rtol=1e-6)
    assert figure.axes[1].get_yscale() == figure.axes[1].get_xscale() == "log"


def test_every_restart_is_a_dot_and_names_give_the_usual_geometry() -> None:
    figure = drawn(snapshot_of(ENCODERS, LOSSES))
    assert sum(count(each) for each in dots(figure, 1)) == 6
    assert "● all 5 represented mostly 1 pentagon" in words(figure)
    assert "● only feature 0 ignored mostly 2 digons · 1 ignored" in words(figure)


def test_every_sparsity_has_its_own_row() -> None:
    config = replace(CONFIG, sparsities=(0.95, 0.5))
    figure = drawn(snapshot_of(ENCODERS * 2, LOSSES * 2, config))
    assert "features, S = 0.95" in words(figure)
    assert "features, S = 0.5" in words(figure)
    assert len(figure.axes) == 4


def test_it_applies_to_sweeps_of_feature_0_in_a_plane() -> None:
    for config in (replace(CONFIG, hidden=3), replace(CONFIG, sweep="last-importance")):
        record = with_losses(config, np.full((1, 6), 0.1))
        assert list(FIGURES["one-density"].drawings(record)) == []


def test_the_same_run_gives_the_same_bytes() -> None:
    record = snapshot_of(ENCODERS, LOSSES)
    assert render(drawn(record), "svg") == render(drawn(record), "svg")


def test_one_factor_without_losses_can_be_drawn() -> None:
    config = replace(CONFIG, sweep_values=(2.0,), restarts=1)
    record = with_losses(config, np.zeros((0, 1)))
    figure = drawn(record)
    render(figure, "png")
    assert all(count(each) == 0 for each in dots(figure, 1))


def test_huge_weights_are_drawn_too() -> None:
    picture = render(drawn(spoiled(snapshot_of(ENCODERS, LOSSES))), "png")
    assert picture.startswith(PNG_SIGNATURE)


def test_non_finite_lanes_are_left_out_and_an_empty_picture_is_hatched() -> None:
    nothing = [np.full((5, 2), np.nan)] * 6
    figure = drawn(snapshot_of([nothing[0], *ENCODERS[1:]], [np.nan, *LOSSES[1:]]))
    assert [count(each) for each in dots(figure, 0)] == [20, 5]
    assert sum(count(each) for each in dots(figure, 1)) == 5
    assert "not finite" in words(figure)
    figure = drawn(snapshot_of(nothing, [np.nan] * 6))
    render(figure, "png")
    assert figure.axes[0].patches[-1].get_hatch()
    assert "not finite" in words(figure)
