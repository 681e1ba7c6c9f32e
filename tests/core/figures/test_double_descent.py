"""The double descent figure: rows and features of each dataset size, and their losses."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from tests.core.figures.drawn import words
from tests.core.polytopes import regular_polygon
from tests.core.snapshots import spoiled, with_losses

from superpos_core.analysis.memorization import training_loss
from superpos_core.arrays import FloatArray
from superpos_core.figures.double_descent import applies
from superpos_core.figures.registry import FIGURES
from superpos_core.figures.tools.style import render
from superpos_core.geometry.measures import feature_dimensionality
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dataset import dataset

CONFIG = ExperimentConfig(
    "descent",
    features=6,
    hidden=2,
    models=("tied",),
    sparsities=(0.5,),
    distribution="unit-norm",
    sweep="dataset-size",
    sweep_values=(2.0, 0.5, 8.0),
    dataset_size=8,
)
SIZES = (4, 16, 64)


def record(**changes: object) -> LanesRecord:
    config = replace(CONFIG, **changes)  # type: ignore[arg-type]
    (model,) = config.models
    lanes = len(config.lanes_of(model))
    return with_losses(config, np.tile(np.linspace(0.2, 0.1, lanes), (3, 1)))


def drawn(run: LanesRecord) -> Figure:
    (model,) = run.config.models
    figure = FIGURES["double-descent"].draw(run, model)  # type: ignore[call-arg]
    assert isinstance(figure, Figure)
    return figure


def spokes(axes: Axes) -> FloatArray:
    """The ends of the spokes of a plane, (spokes, 2)."""
    (lines,) = (item for item in axes.collections if isinstance(item, LineCollection))
    return np.stack([np.asarray(segment)[1] for segment in lines.get_segments()])


def in_circles(axes: Axes) -> FloatArray:
    """The same, in the lengths given by the circle."""
    (circle,) = axes.patches
    ends: FloatArray = spokes(axes) / circle.get_radius()  # type: ignore[attr-defined]
    return ends


def test_planes_show_the_features_above_the_hidden_rows_of_each_size() -> None:
    run = record()
    cohort = run.cohorts["tied"]
    figure = drawn(run)
    planes = figure.axes[:6]
    for index, lane in enumerate((1, 0, 2)):
        encoder = cohort.parameters.encoder[lane]
        np.testing.assert_allclose(in_circles(planes[2 * index]), encoder, rtol=1e-6)
        rows = dataset(run.config, cohort.lanes[lane])
        np.testing.assert_allclose(
            in_circles(planes[2 * index + 1]), rows @ encoder, rtol=1e-4, atol=1e-6
        )
        upper, lower = (plane.get_position() for plane in planes[2 * index : 2 * index + 2])
        assert upper.x0 == lower.x0
        assert upper.y0 > lower.y1
    assert all(f"T = {rows}" in words(figure) for rows in SIZES)


def test_each_plane_is_above_its_size_on_the_axis() -> None:
    run = record()
    figure = drawn(run)
    figure.draw_without_rendering()
    losses = figure.axes[6]
    for plane, rows in zip(figure.axes[:6:2], SIZES, strict=True):
        place = figure.transFigure.inverted().transform(losses.transData.transform((rows, 0)))
        middle = plane.get_position()
        assert (middle.x0 + middle.x1) / 2 == pytest.approx(place[0], abs=0.002)


def test_lines_are_losses_of_the_best_restarts_and_dots_of_all() -> None:
    run = record(restarts=2)
    cohort = run.cohorts["tied"]
    axes = drawn(run).axes[6]
    training = [
        training_loss(run.config, lane, cohort.parameters.take(index))
        for index, lane in enumerate(cohort.lanes)
    ]
    (dashed,) = (line for line in axes.lines if line.get_linestyle() == "--")
    np.testing.assert_allclose(np.asarray(dashed.get_xdata()), SIZES)
    # Losses fall from lane to lane: the later restart is better.
    np.testing.assert_allclose(
        np.asarray(dashed.get_ydata()), [training[3], training[1], training[5]]
    )
    dots = [
        np.asarray(item.get_offsets())
        for item in axes.collections
        if isinstance(item, PathCollection)
    ]
    assert [len(each) for each in dots] == [6, 6]
    assert sorted(dots[0][:, 1]) == pytest.approx(sorted(training))
    (solid,) = (line for line in axes.lines if line.get_linestyle() == "-")
    assert (np.asarray(solid.get_ydata()) > 0).all()


def test_dots_are_the_dimensionalities_of_features_and_of_rows() -> None:
    run = record()
    cohort = run.cohorts["tied"]
    shares = drawn(run).axes[7]
    dots = [
        np.asarray(item.get_offsets())
        for item in shares.collections
        if isinstance(item, PathCollection)
    ]
    for index, lane in enumerate((1, 0, 2)):
        encoder = cohort.parameters.encoder[lane]
        rows = dataset(run.config, cohort.lanes[lane])
        of_features, of_rows = dots[2 * index : 2 * index + 2]
        for shown, vectors in ((of_features, encoder), (of_rows, rows @ encoder)):
            assert (shown[:, 0] == SIZES[index]).all()
            np.testing.assert_allclose(shown[:, 1], feature_dimensionality(vectors), rtol=1e-4)


def test_the_dashed_line_shows_regular_polygons() -> None:
    (line,) = (each for each in drawn(record()).axes[7].lines if each.get_linestyle() == "--")
    rows, shares = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    np.testing.assert_allclose(shares, 2 / rows)
    for corners in (4, 64):
        expected = feature_dimensionality(regular_polygon(corners))
        np.testing.assert_allclose(np.interp(corners, rows, shares), expected)


def test_features_are_named_after_their_weight_matrix() -> None:
    labels = {text.get_text() for text in drawn(record()).texts}
    assert {"Wᵢ", "hₓ"} <= labels
    untied = drawn(record(models=("untied",)))
    assert {"W₁ᵢ", "hₓ"} <= {text.get_text() for text in untied.texts}
    assert "features W₁ᵢ" in words(untied)


def test_a_note_says_that_the_first_of_several_sparsities_is_drawn() -> None:
    several = words(drawn(record(sparsities=(0.5, 0.9))))
    assert "S = 0.5 (the first of 2 sparsities)" in several
    assert "the first of" not in words(drawn(record()))


def test_dots_far_above_all_lines_are_cut_off_with_a_note() -> None:
    run = record(restarts=2)
    cohort = run.cohorts["tied"]
    encoder = cohort.parameters.encoder.copy()
    encoder[0] *= 30  # the worse restart of a size
    wild = replace(cohort, parameters=cohort.parameters.with_arrays(encoder=encoder))
    figure = drawn(replace(run, cohorts={"tied": wild}))
    assert "Higher dots are cut off." in words(figure)
    axes = figure.axes[6]
    highest_line = max(float(np.max(np.asarray(line.get_ydata()))) for line in axes.lines)
    highest_dot = max(
        float(np.asarray(item.get_offsets())[:, 1].max()) for item in axes.collections
    )
    assert highest_line < axes.get_ylim()[1] < highest_dot
    assert "cut off" not in words(drawn(run))


def test_it_applies_to_dataset_sweeps_in_a_plane() -> None:
    assert applies(record(), "tied")
    assert not applies(record(hidden=3), "tied")
    assert not applies(record(sweep="none", sweep_values=()), "tied")
    assert not applies(record(sweep="last-importance"), "tied")


def test_non_finite_values_are_hatched_with_a_note() -> None:
    figure = drawn(spoiled(record()))
    assert "Hatched: not finite." in words(figure)
    assert any(patch.get_hatch() for axes in figure.axes for patch in axes.patches)
    assert "Hatched" not in words(drawn(record()))


# Shrinking a failing example would draw for minutes.
@settings(max_examples=3, phases=[Phase.explicit, Phase.generate], deadline=None)
@given(
    features=st.integers(1, 12),
    shares=st.lists(st.floats(0.01, 40), min_size=1, max_size=14, unique=True),
    sparsities=st.lists(st.floats(0, 0.999), min_size=1, max_size=2, unique=True),
    spoil=st.booleans(),
)
def test_any_run_can_be_drawn(
    features: int, shares: list[float], sparsities: list[float], spoil: bool
) -> None:
    run = record(features=features, sweep_values=tuple(shares), sparsities=tuple(sparsities))
    figure = drawn(spoiled(run) if spoil else run)
    figure.set_dpi(40)
    assert render(figure, "svg").startswith(b"<?xml")


def test_the_same_run_gives_the_same_file() -> None:
    run = record()
    assert render(drawn(run), "svg") == render(drawn(run), "svg")
