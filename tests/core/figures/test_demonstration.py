"""The demonstration figure: squares over bars, row by row, seven settings side by side."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from tests.core.figures.drawn import box, texts
from tests.core.snapshots import SMALL, spoiled, with_losses

from superpos_core.arrays import FloatArray
from superpos_core.figures.registry import FIGURES
from superpos_core.figures.tools import style
from superpos_core.figures.tools.style import render
from superpos_core.geometry import measures
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig

SEVEN = tuple(1 - density for density in (1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001))


def untrained(config: ExperimentConfig = SMALL) -> LanesRecord:
    return with_losses(config, np.full((1, len(config.settings)), 0.1))


def drawn(record: LanesRecord, model: str = "tied") -> Figure:
    alone = replace(record, cohorts={model: record.cohorts[model]})
    return dict(FIGURES["demonstration"].drawings(alone))["demonstration"]()


def columns(figure: Figure) -> list[tuple[Axes, Axes, Axes]]:
    """The square, the bias and the bars of each setting."""
    panels = figure.axes[:-2]
    return list(zip(panels[::3], panels[1::3], panels[2::3], strict=True))


def matrix(axes: Axes) -> FloatArray:
    (image,) = axes.get_images()
    array = image.get_array()
    assert array is not None
    return array


def lengths(axes: Axes) -> list[float]:
    """The lengths of the bars."""
    (bars,) = (item for item in axes.collections if isinstance(item, PolyCollection))
    return [path.vertices[:, 0].max() for path in bars.get_paths()]  # type: ignore[union-attr, index]


@pytest.mark.parametrize("model", ["tied", "untied"])
def test_every_setting_has_its_square_its_bias_and_its_norms(model: str) -> None:
    record = untrained()
    parameters = record.cohorts[model].parameters
    figure = drawn(record, model)
    for index, (square, bias, bars) in enumerate(columns(figure)):
        gram = measures.gram(parameters.take(index))
        np.testing.assert_array_equal(matrix(square), np.clip(gram, -1.3, 1.3))
        np.testing.assert_array_equal(matrix(bias), parameters.bias[index][:, None])
        vectors = record.cohorts[model].vectors_of(index).astype(np.float64)
        np.testing.assert_allclose(lengths(bars), measures.feature_norms(vectors))
        assert f"{int(measures.represented(vectors))} represented" in texts(figure)
    name = "W·Wᵀ, b" if model == "tied" else "W₁·W₂, b"
    assert {name, "superposition Σ (Ŵᵢ·Wⱼ)², j ≠ i"} <= set(texts(figure))


def test_bars_have_the_colour_of_superposition() -> None:
    record = untrained()
    vectors = record.cohorts["tied"].vectors_of(0).astype(np.float64)
    _, _, bars = columns(drawn(record))[0]
    (drawn_bars,) = (item for item in bars.collections if isinstance(item, PolyCollection))
    expected = style.superposition_colours(measures.superposition(vectors))
    np.testing.assert_allclose(np.asarray(drawn_bars.get_facecolor()), expected)


def test_bars_are_below_their_square_with_the_same_width_and_rows() -> None:
    for square, bias, bars in columns(drawn(untrained(replace(SMALL, sparsities=SEVEN)))):
        left, bottom, width, height = box(square)
        assert width == pytest.approx(height)
        assert box(bars)[0] == pytest.approx(left)
        assert box(bars)[2:] == pytest.approx((width, height))
        assert box(bars)[1] + height < bottom
        assert box(bias)[1::2] == pytest.approx((bottom, height))
        assert bars.get_ylim() == square.get_ylim() == (4.5, -0.5)
        (line,) = bars.lines
        np.testing.assert_array_equal(line.get_ydata(), [1.5, 1.5])


def test_the_papers_seven_densities_fit_in_one_row_across_the_page() -> None:
    figure = drawn(untrained(replace(SMALL, sparsities=SEVEN)))
    tops = {round(box(square)[1], 6) for square, _, _ in columns(figure)}
    assert len(tops) == 1
    assert figure.get_size_inches()[0] == pytest.approx(7.2)
    labelled = [bool(square.get_ylabel()) for square, _, _ in columns(figure)]
    assert labelled == [True] + 6 * [False]


def test_twenty_settings_are_rows_of_pairs_that_do_not_overlap() -> None:
    sparsities = tuple(np.linspace(0, 0.95, 20).tolist())
    figure = drawn(untrained(replace(SMALL, sparsities=sparsities)))
    tops = [round(box(square)[1], 6) for square, _, _ in columns(figure)]
    assert [tops.count(top) for top in sorted(set(tops), reverse=True)] == [7, 7, 6]
    first_bars, second_square = columns(figure)[0][2], columns(figure)[7][0]
    assert box(first_bars)[1] > box(second_square)[1] + box(second_square)[3]


@pytest.mark.parametrize(("features", "hidden"), [(1, 1), (3, 4), (80, 20)])
def test_one_setting_of_any_size_can_be_drawn(features: int, hidden: int) -> None:
    config = replace(SMALL, features=features, hidden=hidden, sparsities=(0.9,))
    figure = drawn(untrained(config))
    ((square, _, bars),) = columns(figure)
    assert matrix(square).shape == (features, features)
    assert len(lengths(bars)) == features
    assert bool(bars.lines) == (hidden < features)


def test_the_scales_and_the_provenance_do_not_overlap() -> None:
    figure = drawn(untrained(replace(SMALL, sparsities=(0.9,))))
    figure.canvas.draw()
    left_scale, right_scale = sorted(box(axes) for axes in figure.axes[-2:])
    assert left_scale[0] + left_scale[2] < right_scale[0]
    (provenance,) = (text for text in figure.texts if "seed" in text.get_text())
    assert provenance.get_window_extent().x1 / figure.dpi < left_scale[0]


def test_non_finite_values_are_hatched_in_both_rows() -> None:
    figure = drawn(spoiled(untrained()))
    square, _, bars = columns(figure)[0]
    for axes in (square, bars):
        assert any(patch.get_hatch() for patch in axes.patches)
    assert any("Hatched: not finite" in text for text in texts(figure))


def test_the_same_run_gives_the_same_bytes() -> None:
    first, second = (render(drawn(untrained()), "svg") for _ in range(2))
    assert first == second
