"""The geometry figure: spokes of length ‖W_i‖, the best restart, names below each picture."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Ellipse
from tests.core.figures.drawn import texts
from tests.core.polytopes import upright_polygon
from tests.core.snapshots import SMALL, spoiled, with_encoders, with_losses

from superpos_core.arrays import FloatArray
from superpos_core.figures.registry import FIGURES, drawings
from superpos_core.figures.tools import style
from superpos_core.geometry import measures
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig

DIGONS = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1], [0.1, 0]])


def drawn(record: LanesRecord, model: str = "tied") -> Figure:
    (draw,) = (
        draw for name, draw in FIGURES["geometry"].drawings(record) if name == f"geometry-{model}"
    )
    return draw()


def ends(axes: Axes) -> FloatArray:
    """The dots in drawing order."""
    dots = [item for item in axes.collections if isinstance(item, PathCollection)]
    return np.concatenate([np.asarray(item.get_offsets()) for item in dots])


def spokes(axes: Axes) -> list[FloatArray]:
    lines = [item for item in axes.collections if isinstance(item, LineCollection)]
    return [np.asarray(segment) for item in lines for segment in item.get_segments()]


def colours_of_ends(axes: Axes) -> FloatArray:
    """RGBA of the represented features, if none is behind; shape (n, 4)."""
    last = [item for item in axes.collections if isinstance(item, PathCollection)][-1]
    return np.asarray(last.get_facecolor())


def colours_of_spokes(axes: Axes) -> FloatArray:
    last = [item for item in axes.collections if isinstance(item, LineCollection)][-1]
    return np.asarray(last.get_edgecolor())


def tick_labels(axes: Axes) -> list[str]:
    return [label.get_text() for label in axes.get_xticklabels()]


def numbers(axes: Axes) -> list[str]:
    return sorted(text.get_text() for text in axes.texts)


def test_every_setting_has_its_spokes_and_its_geometry() -> None:
    figure = drawn(with_encoders(SMALL, [DIGONS, upright_polygon(5)], [0.1, 0.1]))
    digons, pentagon, _scale = figure.axes
    assert {"2 digons · 1 ignored", "1 pentagon"} <= set(texts(figure))
    assert len(spokes(digons)) == 4
    assert len(spokes(pentagon)) == 5
    assert numbers(digons) == ["0", "1", "2", "3"]
    assert numbers(pentagon) == ["0", "1", "2", "3", "4"]


def test_spokes_of_equal_features_differ_only_by_superposition() -> None:
    encoder = np.array([[1.0, 0.0], [-0.8, 0.0], [0.0, 1.2]])
    config = ExperimentConfig("test", features=3, hidden=2, sparsities=(0.9,), importance=1)
    figure = drawn(with_encoders(config, [encoder], [0.1]))
    axes = figure.axes[0]
    segments = spokes(axes)
    assert all(not segment[0].any() for segment in segments)
    lengths = [np.linalg.norm(segment[1]) for segment in segments]
    np.testing.assert_allclose(lengths, [1, 0.8, 1.2], rtol=1e-6)
    np.testing.assert_allclose(ends(axes), [segment[1] for segment in segments])
    shared = measures.superposition(encoder.astype(np.float32))
    np.testing.assert_allclose(colours_of_ends(axes), style.superposition_colours(shared))
    assert any(text.startswith("superposition") for text in texts(figure))


def test_varying_importance_is_the_colour_on_a_logarithmic_scale() -> None:
    config = ExperimentConfig("test", features=5, hidden=2, sparsities=(0.9,), importance=0.9)
    figure = drawn(with_encoders(config, [upright_polygon(5)], [0.1]))
    expected = style.SEQUENTIAL([1, 0.75, 0.5, 0.25, 0])
    np.testing.assert_allclose(colours_of_ends(figure.axes[0]), expected)
    np.testing.assert_allclose(colours_of_spokes(figure.axes[0]), expected)
    assert "importance Iᵢ" in texts(figure)
    assert tick_labels(figure.axes[-1]) == ["0.66", "0.81", "1"]


def test_importances_far_below_the_largest_share_a_colour() -> None:
    config = ExperimentConfig("test", features=5, hidden=2, sparsities=(0.9,), importance=0.01)
    figure = drawn(with_encoders(config, [upright_polygon(5)], [0.1]))
    colours = colours_of_ends(figure.axes[0])
    np.testing.assert_allclose(colours[2:], [style.SEQUENTIAL(0.0)] * 3)
    assert not np.allclose(colours[1], colours[2])
    assert tick_labels(figure.axes[-1])[0] == "≤ 0.001"


@pytest.mark.parametrize(
    ("distribution", "meaning"),
    [("correlated", "sets: active together"), ("anticorrelated", "sets: at most one active")],
)
def test_features_in_sets_have_the_colour_of_their_set(distribution: str, meaning: str) -> None:
    config = ExperimentConfig(
        "test", features=4, hidden=2, sparsities=(0.9,), importance=0.9, distribution=distribution
    )
    figure = drawn(with_encoders(config, [DIGONS[:4]], [0.1]))
    expected = to_rgba_array(np.repeat(style.CATEGORICAL[:2], 2).tolist())
    np.testing.assert_allclose(colours_of_ends(figure.axes[0]), expected)
    np.testing.assert_allclose(colours_of_spokes(figure.axes[0]), expected)
    assert meaning in texts(figure)
    assert [text.get_text() for text in figure.axes[-1].texts] == ["set 0", "set 1"]


def test_more_sets_than_colours_are_coloured_by_superposition() -> None:
    config = ExperimentConfig(
        "test", features=14, hidden=2, sparsities=(0.9,), importance=1, distribution="correlated"
    )
    figure = drawn(with_encoders(config, [upright_polygon(14)], [0.1]))
    assert any(text.startswith("superposition") for text in texts(figure))


def test_collapsed_pairs_end_on_a_second_circle_and_share_a_label() -> None:
    corners = np.repeat(upright_polygon(3), 2, axis=0) / np.sqrt(2)
    config = ExperimentConfig(
        "test", features=6, hidden=2, sparsities=(0.5,), importance=1, distribution="correlated"
    )
    figure = drawn(with_encoders(config, [corners], [0.1]))
    axes = figure.axes[0]
    outer, dashed = (patch for patch in axes.patches if isinstance(patch, Circle))
    assert (outer.radius, outer.get_linestyle()) == (1, "solid")
    np.testing.assert_allclose(np.linalg.norm(ends(axes), axis=1), dashed.radius, rtol=1e-6)
    assert dashed.get_linestyle() != "solid"
    assert numbers(axes) == ["0, 1", "2, 3", "4, 5"]
    assert any("dashed: 1/√2" in text for text in texts(figure))


def test_the_limits_are_the_papers_and_the_circle_is_round_with_radius_1() -> None:
    figure = drawn(with_encoders(SMALL, [DIGONS, upright_polygon(5)], [0.1, 0.1]))
    for axes in figure.axes[:-1]:
        assert (axes.get_xlim(), axes.get_ylim()) == ((-1.5, 1.5), (-1.5, 1.5))
        (circle,) = (patch for patch in axes.patches if isinstance(patch, Circle))
        assert circle.radius == 1
        box = axes.get_position()
        width, height = figure.get_size_inches()
        assert box.width * width == pytest.approx(box.height * height)
    assert any("Circle: length 1." in text for text in texts(figure))


def test_longer_spokes_make_all_pictures_smaller_together() -> None:
    figure = drawn(with_encoders(SMALL, [2 * DIGONS, upright_polygon(5)], [0.1, 0.1]))
    long, short = figure.axes[:2]
    assert any("Circle: length 2." in text for text in texts(figure))
    np.testing.assert_allclose([np.linalg.norm(s[1]) for s in spokes(long)], 1, rtol=1e-6)
    np.testing.assert_allclose([np.linalg.norm(s[1]) for s in spokes(short)], 0.5, rtol=1e-6)


def test_the_best_of_several_restarts_is_drawn_and_its_share_reported() -> None:
    config = replace(SMALL, sparsities=(0.9,), restarts=3)
    encoders = [DIGONS, upright_polygon(5), DIGONS]
    figure = drawn(with_encoders(config, encoders, [0.2, 0.1, 0.3]))
    assert "1 pentagon (1 of 3 seeds)" in texts(figure)
    assert len(spokes(figure.axes[0])) == 5
    figure = drawn(with_encoders(config, encoders, [0.2, 0.3, 0.1]))
    assert "2 digons · 1 ignored (2 of 3 seeds)" in texts(figure)
    assert any("Best of several seeds" in text for text in texts(figure))


def test_three_dimensions_are_a_sphere_with_dotted_lines_behind() -> None:
    octahedron = np.vstack([np.eye(3), -np.eye(3)])
    config = ExperimentConfig("test", features=6, hidden=3, sparsities=(0.9,), importance=1)
    figure = drawn(with_encoders(config, [octahedron], [0.1]))
    axes = figure.axes[0]
    assert "3 digons" in texts(figure)
    assert any(
        isinstance(patch, Ellipse) for patch in axes.patches if not isinstance(patch, Circle)
    )
    behind, in_front = (item for item in axes.collections if isinstance(item, LineCollection))
    assert len(behind.get_segments()) == len(in_front.get_segments()) == 3
    assert behind.get_linestyle() != in_front.get_linestyle()
    # Antipodal features end at opposite points of the picture.
    for segment in behind.get_segments():
        distances = [np.abs(segment[1] + other[1]).max() for other in in_front.get_segments()]
        assert min(distances) < 1e-6


def test_beyond_three_dimensions_graphs_show_the_shapes_instead() -> None:
    config = ExperimentConfig("test", features=5, hidden=4, sparsities=(0.9,), importance=0.9)
    for hidden, expected in ((3, {"geometry-tied"}), (4, {"graphs-tied"})):
        record = with_losses(replace(config, hidden=hidden), np.full((1, 1), 0.1))
        names = {name for name, _ in drawings(record)}
        assert names & {"geometry-tied", "graphs-tied"} == expected


def test_only_a_few_of_many_features_are_numbered() -> None:
    encoder = np.random.default_rng(0).normal(size=(200, 2))
    config = ExperimentConfig("test", features=200, hidden=2, sparsities=(0.9,), importance=1)
    axes = drawn(with_encoders(config, [encoder], [0.1])).axes[0]
    assert not spokes(axes)
    assert len(ends(axes)) == 200
    assert 1 <= len(axes.texts) <= 24
    places = np.array([text.get_position() for text in axes.texts])
    distances = np.linalg.norm(places[:, None] - places[None], axis=-1)
    assert distances[np.triu_indices(len(places), 1)].min() > 0.1


def test_non_finite_weights_are_hatched_and_the_others_are_drawn() -> None:
    figure = drawn(spoiled(with_losses(SMALL, np.full((1, 2), 0.1))))
    hatched = [[bool(patch.get_hatch()) for patch in axes.patches] for axes in figure.axes[:2]]
    assert hatched[0] == [True]
    assert not any(hatched[1])
    assert any("Hatched: not finite" in text for text in texts(figure))
