"""The dimensionality figure: its content, and that any run can be drawn."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from tests.core.figures.drawn import words
from tests.core.snapshots import SMALL, spoiled, trained, with_losses

from superpos_core.arrays import FloatArray
from superpos_core.figures.registry import FIGURES, drawings
from superpos_core.figures.tools.placing import evenly
from superpos_core.figures.tools.style import render
from superpos_core.geometry import measures
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.timeline import TimelineRecorder, feature_dimensionality_over
from superpos_core.task.config import ExperimentConfig

SWEPT = replace(SMALL, models=("tied",), sweep="last-importance", sweep_values=(0.1, 1.0, 10.0))


def drawn(record: LanesRecord, model: str = "tied") -> Figure:
    return dict(drawings(record))[f"dimensionality-{model}"]()


def dots(figure: Figure, index: int = 0) -> FloatArray:
    """The dots of a scatter, (dots, 2)."""
    (scatter,) = (
        item for item in figure.axes[index].collections if isinstance(item, PathCollection)
    )
    return np.asarray(scatter.get_offsets())


def curves(figure: Figure, index: int) -> list[FloatArray]:
    """The lines of a history, each (moments, 2)."""
    (lines,) = (item for item in figure.axes[index].collections if isinstance(item, LineCollection))
    return [np.asarray(segment) for segment in lines.get_segments()]


def with_timeline(record: LanesRecord, model: str, moments: int) -> LanesRecord:
    """The same record with weights kept at this many steps, the last at the record's own."""
    cohort, recorder = record.cohorts[model], TimelineRecorder()
    for moment in range(moments):
        scale = np.float32((moment + 1) / moments)
        encoder = scale * cohort.parameters.encoder
        encoder[:, 0] *= 1 + moments - moment
        recorder.record(moment, cohort.parameters.with_arrays(encoder=encoder))
    cohorts = {**record.cohorts, model: replace(cohort, timeline=recorder.view())}
    return replace(record, cohorts=cohorts)


def test_dots_are_dimensionalities_against_one_over_density() -> None:
    record = trained(replace(SMALL, sparsities=(0.9, 0.0, 0.99)))
    figure = drawn(record)
    encoders = record.cohorts["tied"].parameters.encoder[[1, 0, 2]]
    shown = dots(figure)
    np.testing.assert_allclose(shown[:, 1], measures.feature_dimensionality(encoders).ravel())
    middles = shown[:, 0].reshape(3, 5).mean(axis=1)
    np.testing.assert_allclose(middles, [0, 1, 2], atol=1e-9)
    assert (np.diff(shown[:, 0]) > 0).all()
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["1", "10", "100"]
    assert figure.axes[0].get_xlabel() == "1 / (1 − S)"


def test_the_black_line_is_d_star() -> None:
    record = trained()
    (line,) = (line for line in drawn(record).axes[0].lines if line.get_marker() == "o")
    expected = measures.dimensions_per_feature(record.cohorts["tied"].parameters.encoder)
    np.testing.assert_allclose(np.asarray(line.get_ydata()), expected)


def test_each_shape_has_its_line_and_its_name() -> None:
    axes = drawn(trained()).axes[0]
    heights = {
        float(np.asarray(line.get_ydata())[0]) for line in axes.lines if line.get_marker() != "o"
    }
    assert heights == {1, 3 / 4, 2 / 3, 1 / 2, 2 / 5, 3 / 8, 0}
    named = [text.get_text() for text in axes.texts]
    for label, shape in (("2/5", "pentagon"), ("3/8", "square antiprism"), ("0", "ignored")):
        assert named.index(shape) == named.index(label) + 1
    places = [text.get_position()[1] for text in axes.texts if text.get_text() in named[::2]]
    assert places == sorted(places, reverse=True)


def test_below_one_line_per_feature_covers_all_kept_moments() -> None:
    record = with_timeline(trained(), "untied", 8)
    cohort = record.cohorts["untied"]
    figure = drawn(record, "untied")
    assert "Below" in words(figure)
    for lane in range(2):
        expected = feature_dimensionality_over(cohort.timeline, cohort.model, lane).T
        for shown, values in zip(curves(figure, 1 + lane), expected, strict=True):
            np.testing.assert_array_equal(shown[:, 0], np.arange(8))
            np.testing.assert_allclose(shown[:, 1], values)


def test_without_a_timeline_there_is_only_the_scatter() -> None:
    figure = drawn(with_losses(SMALL, np.full((3, 2), 0.1)))
    assert "Below" not in words(figure)
    assert len(figure.axes) == 2  # the scatter and the colour scale


def test_a_sweep_has_one_scatter_per_sparsity_along_its_own_axis() -> None:
    figure = drawn(with_losses(SWEPT, np.full((3, 6), 0.1)))
    assert figure.axes[0].get_xlabel() == "relative importance of the last feature"
    ticks = [tick.get_text() for tick in figure.axes[1].get_xticklabels()]
    assert ticks == ["0.1", "1", "10"]
    assert "S = 0.9" in words(figure)


@pytest.mark.parametrize(
    ("changes", "ticks", "name"),
    [
        (
            {"sweep": "dataset-size", "sweep_values": (0.1, 0.5, 100.0), "dataset_size": 20},
            ["2", "10", "2,000"],
            "rows of the dataset, T",
        ),
        ({"distribution": "one-hot"}, [""], "one-hot data"),
        ({}, ["10"], "1 / (1 − S)"),
    ],
)
def test_an_axis_has_the_numbers_that_name_its_settings(
    changes: dict[str, Any], ticks: list[str], name: str
) -> None:
    config = replace(SMALL, models=("tied",), sparsities=(0.9,), **changes)
    lanes = len(config.lanes_of("tied"))
    axes = drawn(with_losses(config, np.full((3, lanes), 0.1))).axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ticks
    assert axes.get_xlabel() == name


def test_the_restart_with_the_lowest_loss_is_drawn() -> None:
    config = replace(SMALL, models=("tied",), restarts=3)
    losses = np.full((5, 6), 0.1)
    losses[:, [1, 5]] = 0.01
    record = with_losses(config, losses)
    record = replace(record, cohorts={"tied": replace(record.cohorts["tied"], restarts=3)})
    expected = measures.feature_dimensionality(record.cohorts["tied"].parameters.encoder[[1, 5]])
    np.testing.assert_allclose(dots(drawn(record))[:, 1], expected.ravel())


def test_non_finite_values_are_left_out_with_a_note() -> None:
    figure = drawn(spoiled(trained()))
    assert "Left out: what is not finite" in words(figure)
    assert "Left out" not in words(drawn(trained()))


# Shrinking a failing example would draw for minutes.
@settings(max_examples=3, phases=[Phase.explicit, Phase.generate])
@given(
    features=st.integers(1, 30),
    hidden=st.integers(1, 30),
    sparsities=st.lists(st.floats(0, 0.9999), min_size=1, max_size=14, unique=True),
    moments=st.integers(0, 12),
    spoil=st.booleans(),
)
def test_any_run_can_be_drawn(
    features: int, hidden: int, sparsities: list[float], moments: int, spoil: bool
) -> None:
    config = ExperimentConfig(
        "any",
        features=features,
        hidden=hidden,
        models=("tied",),
        sparsities=tuple(sparsities),
        importance=0.9,
    )
    record = with_losses(config, np.full((3, len(sparsities)), 0.01))
    record = with_timeline(spoiled(record) if spoil else record, "tied", moments)
    figure = FIGURES["dimensionality"].draw(record, "tied")  # type: ignore[call-arg]
    figure.set_dpi(40)
    assert render(figure, "svg").startswith(b"<?xml")


@pytest.mark.parametrize("config", [SWEPT, SMALL], ids=["swept", "plain"])
def test_thousands_of_settings_give_a_page_of_a_few(config: ExperimentConfig) -> None:
    many = tuple(float(value) for value in np.linspace(0, 0.99, 100))
    record = with_losses(
        replace(config, models=("tied",), sparsities=many),
        np.full((2, 100 * max(len(config.sweep_values), 1)), 0.1),
    )
    figure = drawn(with_timeline(record, "tied", 3))
    assert len(figure.axes) <= 4 + 12 + 1
    assert figure.get_size_inches()[1] < 18


@given(st.integers(1, 300), st.integers(2, 20))
def test_evenly_keeps_both_ends_and_at_most_the_given_number(count: int, most: int) -> None:
    kept = evenly(range(count), most)
    assert kept[0] == 0
    assert kept[-1] == count - 1
    assert len(kept) == min(count, most)
    gaps = np.diff(kept)
    assert gaps.size == 0 or gaps.max() - gaps.min() <= 1
