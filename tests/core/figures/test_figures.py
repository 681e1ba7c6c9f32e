"""Figures: their content, that any run can be drawn, and that files are reproducible."""

import hashlib
import io
import os
import subprocess
import sys
import threading
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from PIL import Image
from tests.core.snapshots import SMALL, spoiled, trained, with_losses

from superpos_core.arrays import FloatArray
from superpos_core.figures.registry import FIGURES, drawings
from superpos_core.figures.tools import style
from superpos_core.figures.tools.notes import listed, unbroken
from superpos_core.figures.tools.page import shown_density_and_sparsity, wrapped
from superpos_core.figures.tools.placing import spread
from superpos_core.figures.tools.style import render
from superpos_core.geometry import measures
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.data import DISTRIBUTIONS, sample
from superpos_core.theory import linear_optimum

ROOT = Path(__file__).resolve().parents[3]
MODELS = ("tied", "untied", "linear", "mlp")


def drawn(record: LanesRecord, name: str) -> Figure:
    return dict(drawings(record))[name]()


def images(figure: Figure) -> list[FloatArray]:
    """The matrices that a figure shows, without its colour scale."""
    shown = [image.get_array() for axes in figure.axes for image in axes.get_images()]
    return [array for array in shown if array is not None][:-1]


def texts(figure: Figure) -> list[str]:
    """The texts on the page, each on one line."""
    return [text.get_text().replace("\n", " ") for text in figure.texts]


def place(axes: Axes) -> tuple[float, float, float, float]:
    """Left, bottom, width and height in inches."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    width, height = figure.get_size_inches()
    box = axes.get_position()
    return box.x0 * width, box.y0 * height, box.width * width, box.height * height


def test_a_run_has_one_figure_per_model_and_the_loss() -> None:
    names = [name for name, _ in drawings(trained())]
    assert names == [
        "gram-tied", "gram-untied", "weights-tied", "weights-untied", "norms-tied", "norms-untied",
        "geometry-tied", "geometry-untied", "dimensionality-tied", "dimensionality-untied", "loss",
    ]  # fmt: skip
    assert all(figure.summary for figure in FIGURES.values())


def test_lines_never_break_within_a_word() -> None:
    """Not even if an unbreakable part is longer than a line."""
    text = f"{listed('2 digons with 1 collapsed corner each')} {unbroken('(8 of 24 seeds)')}"
    lines = [line.replace("\xa0", " ") for line in wrapped(text, 1.0, 6.0)]
    assert " ".join(lines) == "2 digons with 1 collapsed corner each (8 of 24 seeds)"
    assert len(lines) > 1
    (whole,) = wrapped(text, 10.0, 6.0)
    assert whole == text


# Shrinking a failing example would draw for minutes.
@settings(max_examples=3, phases=[Phase.explicit, Phase.generate])
@given(
    features=st.integers(1, 40),
    hidden=st.integers(1, 40),
    sparsities=st.lists(st.floats(0, 0.9999), min_size=1, max_size=8, unique=True),
    model=st.sampled_from(MODELS),
    steps=st.integers(0, 30),
    spoil=st.booleans(),
)
def test_any_run_can_be_drawn(
    features: int,
    hidden: int,
    sparsities: list[float],
    model: str,
    steps: int,
    spoil: bool,
) -> None:
    config = ExperimentConfig(
        "any",
        features=features,
        hidden=hidden,
        models=(model,),
        sparsities=tuple(sparsities),
        importance=0.9,
    )
    losses = np.full((steps, len(sparsities)), 0.01)
    if spoil:
        losses[::3] = np.nan
        losses[1::3, 0] = 0
    record = with_losses(config, losses)
    for _, draw in drawings(spoiled(record) if spoil else record):
        figure = draw()
        inches = figure.get_size_inches()
        assert sketched(figure).size == pytest.approx(50 * inches, abs=1)
        assert 4 < inches[0] <= 7.21


def sketched(figure: Figure) -> Image.Image:
    """The figure drawn with few pixels: everything that print shows, but faster."""
    figure.set_dpi(50)
    buffer = io.BytesIO()
    with style.house_style():
        figure.savefig(buffer, format="png", dpi=50)
    return Image.open(buffer)


def test_many_features_can_be_drawn() -> None:
    config = ExperimentConfig(
        "wide", features=400, hidden=30, models=("untied",), sparsities=(0.0, 0.9), importance=1
    )
    for name, draw in drawings(with_losses(config, np.full((3, 2), 0.1))):
        assert sketched(draw()).width > 200, name


def test_the_main_figure_shows_gram_and_bias_of_every_sparsity_on_one_scale() -> None:
    record = trained()
    figure = drawn(record, "gram-untied")
    parameters = record.cohorts["untied"].parameters
    shown = images(figure)
    for index in range(2):
        np.testing.assert_array_equal(
            shown[2 * index],
            np.clip(measures.gram(parameters.take(index)), -1.3, 1.3),
        )
        np.testing.assert_array_equal(shown[2 * index + 1], parameters.bias[index][:, None])
    scales = [image.get_clim() for axes in figure.axes[:-1] for image in axes.get_images()]
    assert scales == [(-1.3, 1.3)] * 4
    assert {"1−S = 1", "S = 0", "1−S = 0.1", "S = 0.9"} <= set(texts(figure))
    assert texts(figure)[0] == "W₁·W₂ and b — untied, x̂ = ReLU(x·W₁·W₂ + b)"


@pytest.mark.parametrize("sparsities", [(0.5,), (0.0, 0.7, 0.9, 0.99, 0.999)])
def test_gram_squares_are_square_equal_and_aligned_with_their_bias(
    sparsities: tuple[float, ...],
) -> None:
    figure = drawn(trained(replace(SMALL, sparsities=sparsities)), "gram-tied")
    *panels, _scale = (place(axes) for axes in figure.axes)
    squares, columns = panels[::2], panels[1::2]
    for (left, bottom, width, height), column in zip(squares, columns, strict=True):
        assert width == pytest.approx(height)
        assert (bottom, height) == pytest.approx((squares[0][1], squares[0][3]))
        assert column[0] > left + width
        assert (column[1], column[3]) == pytest.approx((bottom, height))


def test_many_sparsities_wrap_into_even_rows() -> None:
    sparsities = tuple(float(value) for value in np.linspace(0, 0.95, 12))
    figure = drawn(trained(replace(SMALL, sparsities=sparsities)), "gram-tied")
    bottoms = [round(place(axes)[1], 6) for axes in figure.axes[:-1:2]]
    assert [bottoms.count(bottom) for bottom in sorted(set(bottoms))] == [6, 6]


def test_blue_is_positive_red_is_negative_and_zero_is_neutral() -> None:
    def colour(value: float) -> tuple[float, ...]:
        return style.DIVERGING((value + 1.3) / 2.6)[:3]

    red, green, blue = colour(1.0)
    assert blue > 0.6 > red
    red, green, blue = colour(-1.0)
    assert red > 0.6 > blue
    assert len({round(channel, 6) for channel in colour(0.0)}) == 1
    assert green < 0.6


def test_non_finite_values_are_hatched_with_a_note() -> None:
    record = spoiled(trained())
    for name in ("gram-tied", "weights-untied", "norms-tied"):
        figure = drawn(record, name)
        patches = [patch for axes in figure.axes for patch in axes.patches]
        hatched = [patch for patch in patches if patch.get_hatch()]
        assert hatched, name
        assert any("Hatched: not finite" in text for text in texts(figure)), name
    gram = images(drawn(record, "gram-tied"))[0]
    expected = measures.gram(record.cohorts["tied"].parameters.take(0))
    np.testing.assert_array_equal(np.ma.getmaskarray(gram), ~np.isfinite(expected))


def test_finite_weights_have_no_hatching() -> None:
    for _, draw in drawings(trained()):
        assert not any(patch.get_hatch() for axes in draw().axes for patch in axes.patches)


def test_weights_are_shown_with_one_row_per_feature() -> None:
    record = trained()
    parameters = record.cohorts["untied"].parameters
    assert not parameters.is_tied
    first_lane = images(drawn(record, "weights-untied"))[:3]
    expected = [parameters.encoder[0], parameters.decoder[0].T, parameters.bias[0][:, None]]
    for shown, matrix in zip(first_lane, expected, strict=True):
        np.testing.assert_array_equal(shown, np.clip(matrix, -1.3, 1.3))


def test_bars_are_as_long_as_norms_and_coloured_by_superposition() -> None:
    record = with_losses(SMALL, np.full((1, 2), 0.1))
    encoder = record.cohorts["tied"].parameters.encoder[0].astype(np.float64)
    figure = drawn(record, "norms-tied")
    axes = figure.axes[0]
    (bars,) = (item for item in axes.collections if isinstance(item, PolyCollection))
    lengths = [path.vertices[:, 0].max() for path in bars.get_paths()]  # type: ignore[union-attr, index]
    np.testing.assert_allclose(lengths, measures.feature_norms(encoder))
    shared = np.clip(measures.superposition(encoder), 0, 1)
    np.testing.assert_allclose(np.asarray(bars.get_facecolor()), style.SEQUENTIAL(shared))
    (line,) = axes.lines
    np.testing.assert_array_equal(line.get_ydata(), [1.5, 1.5])
    count = int(measures.represented(encoder))
    assert f"{count} of 5 represented" in texts(figure)


def test_no_line_is_drawn_if_all_features_fit() -> None:
    figure = drawn(trained(replace(SMALL, hidden=5)), "norms-tied")
    assert not figure.axes[0].lines


def test_the_loss_has_one_curve_per_lane_and_one_linear_optimum_per_sparsity() -> None:
    record = trained()
    axes = drawn(record, "loss").axes[0]
    curves, optima = axes.lines[:4], axes.lines[4:]
    assert len({line.get_linestyle() for line in curves}) == 2
    assert len({line.get_color() for line in curves}) == 2
    expected = [
        linear_optimum(SMALL.feature_importance, SMALL.feature_probability(lane), 2) / 5
        for lane in SMALL.lanes_of("tied")
    ]
    np.testing.assert_allclose([np.asarray(line.get_ydata())[0] for line in optima], expected)
    assert (axes.get_yscale(), axes.get_ylabel()) == ("log", "mean loss")


@pytest.mark.parametrize("distribution", ["uniform", "signed", "exponential"])
def test_the_linear_optimum_depends_on_the_distribution(distribution: str) -> None:
    """By hand: the loss of the least important features is their variance."""
    config = replace(SMALL, models=("tied",), distribution=distribution)
    axes = drawn(with_losses(config, np.full((1, 2), 0.1)), "loss").axes[0]
    found = [float(np.asarray(line.get_ydata())[0]) for line in axes.lines[2:]]
    random = np.random.default_rng(0)
    expected = []
    for lane in config.lanes:
        x = sample(DISTRIBUTIONS[distribution], random, 1 << 17, config.feature_probability(lane))
        expected.append(np.sort(config.importance_of(lane) * x.var(axis=0))[:3].sum() / 5)
    np.testing.assert_allclose(found, expected, rtol=0.05)


@pytest.mark.parametrize("change", [{"distribution": "one-hot"}, {"dataset_size": 20}])
def test_there_is_no_linear_optimum_without_a_closed_form(change: dict[str, Any]) -> None:
    config = replace(SMALL, models=("tied",), **change)
    figure = drawn(with_losses(config, np.full((1, 2), 0.1)), "loss")
    assert len(figure.axes[0].lines) == 2
    assert "linear optimum" not in str([legend.texts for legend in figure.legends])


def test_non_finite_losses_are_gaps_and_do_not_affect_their_neighbours() -> None:
    losses = np.full((200, 2), 0.01)
    losses[50:60, 0] = np.nan
    losses[90, 1] = np.inf
    figure = drawn(with_losses(SMALL, losses), "loss")
    first, second = (np.asarray(line.get_ydata()) for line in figure.axes[0].lines[:2])
    assert np.flatnonzero(np.isnan(first)).tolist() == list(range(50, 60))
    assert np.flatnonzero(np.isnan(second)).tolist() == [90]
    np.testing.assert_allclose(first[np.isfinite(first)], 0.01, rtol=1e-6)
    assert any("Gaps: not finite" in text for text in texts(figure))


@settings(max_examples=200)
@given(st.lists(st.floats(-2, 3), min_size=1, max_size=30), st.floats(0.01, 0.5))
def test_labels_are_spread_in_order_and_inside_the_axis(
    heights: list[float], spacing: float
) -> None:
    placed = spread(heights, spacing)
    least = min(spacing, 1 / max(len(heights) - 1, 1))
    ordered = sorted(placed)
    assert all(b - a >= least - 1e-6 for a, b in pairwise(ordered))
    assert ordered[0] >= -1e-6
    assert ordered[-1] <= 1 + 1e-6
    for i, j in pairwise(range(len(heights))):
        if heights[i] != heights[j]:
            assert (placed[i] < placed[j]) == (heights[i] < heights[j])


def test_labels_with_enough_room_do_not_move() -> None:
    assert spread([0.2, 0.9, 0.5], 0.1) == [0.2, 0.9, 0.5]


@pytest.mark.parametrize(
    ("sparsity", "shown"),
    [(0.0, ("1", "0")), (0.9, ("0.1", "0.9")), (0.99999, ("1e-05", "0.99999"))],
)
def test_a_title_never_rounds_a_sparsity_to_1(sparsity: float, shown: tuple[str, str]) -> None:
    lane = replace(SMALL, sparsities=(sparsity,)).lanes[0]
    assert shown_density_and_sparsity(lane) == shown


def test_text_stays_text_in_vector_files() -> None:
    figure = drawn(trained(), "gram-tied")
    svg = render(figure, "svg").decode()
    assert "1−S = 0.1</text>" in svg
    assert "n = 5 → m = 2" in svg.replace("\N{NO-BREAK SPACE}", " ")
    assert b"/FontFile2" in render(figure, "pdf")


def digest() -> str:
    """All figures of a small run as SVG, and two of them in the other formats, as one hash."""
    total = hashlib.sha256()
    for name, draw in drawings(trained(replace(SMALL, models=("untied",), sparsities=(0.9,)))):
        total.update(render(draw(), "svg"))
        if name in ("gram-untied", "loss"):
            total.update(render(draw(), "png"))
            total.update(render(draw(), "pdf"))
    return total.hexdigest()


IN_A_FRESH_PROCESS = """
import sys
from tests.core.figures.test_figures import digest

print(digest(), "matplotlib.pyplot" in sys.modules)
"""


@pytest.mark.thorough
def test_the_same_run_gives_the_same_bytes_in_another_process() -> None:
    path = os.pathsep.join([str(ROOT / "core"), str(ROOT)])
    result = subprocess.run(
        [sys.executable, "-c", IN_A_FRESH_PROCESS],
        env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert result.stdout.split() == [digest(), "False"]


def test_the_users_settings_neither_matter_nor_change() -> None:
    record = trained()
    plain = render(drawn(record, "norms-tied"), "svg")
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "black", "svg.fonttype": "path"}):
        assert render(drawn(record, "norms-tied"), "svg") == plain
        assert mpl.rcParams["font.size"] == 20


def test_threads_can_draw_at_the_same_time() -> None:
    record = trained()
    alone = render(drawn(record, "gram-tied"), "svg")
    results: list[bytes] = []

    def draw() -> None:
        results.append(render(drawn(record, "gram-tied"), "svg"))

    threads = [threading.Thread(target=draw) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert results == [alone] * 3
