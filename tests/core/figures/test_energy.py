"""The energy figure: core's numbers are drawn to scale, and any run can be drawn."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from tests.core.polytopes import DIGON, direct_sum
from tests.core.snapshots import SMALL, trained

from superpos_core.analysis.energy_levels import Jump
from superpos_core.analysis.stages import loss_over, settling_steps
from superpos_core.arrays import FloatArray
from superpos_core.figures import energy_runs
from superpos_core.figures.registry import FIGURES
from superpos_core.figures.tools.placing import evenly
from superpos_core.figures.tools.style import render
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.timeline import Timeline, feature_dimensionality_over
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import MODELS

CONFIG = replace(SMALL, models=("tied",), sparsities=(0.7,), features=6, hidden=2, steps=300)
DIGONS_AND_IGNORED = np.vstack([direct_sum(DIGON, DIGON), np.full((2, 2), 0.01)])


def jumping(config: ExperimentConfig = CONFIG) -> LanesRecord:
    """A run in which features 0 and 1 become a digon at step 10, 2 and 3 at step 100."""
    record = trained(config)
    cohort = record.cohorts["tied"]
    begins = np.array([10, 10, 100, 100, 0, 0])
    moments = []
    for moment in cohort.timeline.moments:
        scale = np.where(moment.step >= begins, 1.0, 0.1)[:, None]
        encoder = np.tile(scale * DIGONS_AND_IGNORED, (len(cohort.lanes), 1, 1)).astype(np.float32)
        # Before their step they all lie along the first line, where others are longer.
        early = moment.step < begins
        encoder[:, early, 0] = np.where(begins == 10, 0.01, 0.1)[early]
        encoder[:, early, 1] = 0
        bias = np.zeros((len(cohort.lanes), 6), np.float32)
        parameters = moment.parameters.with_arrays(encoder=encoder, bias=bias)
        moments.append(replace(moment, parameters=parameters))
    jumped = replace(cohort, timeline=Timeline(tuple(moments)), parameters=moments[-1].parameters)
    return replace(record, cohorts={"tied": jumped})


def drawn(record: LanesRecord) -> Figure:
    (drawing,) = (draw for _, draw in FIGURES["energy"].drawings(record))
    return drawing()


def lines(axes: Axes) -> tuple[list[FloatArray], list[FloatArray]]:
    """The lines of the features ignored in the end, and of the others."""
    ignored, others = (item for item in axes.collections if isinstance(item, LineCollection))
    return list(ignored.get_segments()), list(others.get_segments())


def test_one_line_per_feature_shows_its_dimensionality_with_ignored_ones_apart() -> None:
    record = jumping()
    ignored, others = lines(drawn(record).axes[0])
    timeline = record.cohorts["tied"].timeline
    expected = feature_dimensionality_over(timeline, MODELS["tied"], 0)
    assert (len(ignored), len(others)) == (2, 4)
    for line, feature in zip([*others, *ignored], range(6), strict=True):
        np.testing.assert_array_equal(line[:, 0], timeline.steps)
        np.testing.assert_allclose(line[:, 1], expected[:, feature])


def test_ticks_above_the_loss_mark_where_features_settle() -> None:
    record = jumping()
    lower = drawn(record).axes[1]
    (ticks,) = (item for item in lower.collections if isinstance(item, LineCollection))
    places = sorted(segment[0, 0] for segment in ticks.get_segments())
    assert places == [10, 10, 100, 100]


def test_the_loss_is_the_total_loss_on_fresh_rows() -> None:
    record = jumping()
    cohort = record.cohorts["tied"]
    curve = drawn(record).axes[1].lines[0]
    expected = loss_over(record.config, cohort.lanes[0], cohort.timeline, 0)
    np.testing.assert_allclose(np.asarray(curve.get_ydata(), float), expected)


def test_both_panels_share_their_steps_and_shapes_are_labelled_once() -> None:
    figure = drawn(jumping(replace(CONFIG, sparsities=(0.5, 0.9))))
    upper, lower, other_upper, other_lower = figure.axes[:4]
    limits = {axes.get_xlim() for axes in (upper, lower, other_upper, other_lower)}
    assert limits == {(1.0, 300.0)}
    assert lower.get_ylim() == other_lower.get_ylim()
    assert not upper.texts
    assert {"1/2", "antipodal pair", "0", "ignored"} <= {
        text.get_text() for text in other_upper.texts
    }


def test_at_most_three_settings_are_drawn_including_both_ends() -> None:
    sparsities = (0.0, 0.3, 0.5, 0.8, 0.9)
    figure = drawn(jumping(replace(CONFIG, sparsities=sparsities)))
    titles = [text.get_text() for text in figure.texts if text.get_text().startswith("S = ")]
    assert titles == [f"S = {sparsity:g}" for sparsity in evenly(sparsities, 3)]
    reading = " ".join(text.get_text() for text in figure.texts).replace("\n", " ")
    assert "3 of 5 settings are drawn." in reading


def test_for_one_setting_restarts_that_jump_are_drawn_with_bands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    jump = Jump(20, 40, 0.02, np.array([[0.7, 0.5]]))
    of_lanes = {0: (), 1: (jump,), 2: (jump, replace(jump, before=60, after=80)), 3: (jump,)}
    monkeypatch.setattr(energy_runs, "jumps_of_lane", lambda cohort, config, lane: of_lanes[lane])
    figure = drawn(jumping(replace(CONFIG, restarts=4)))
    bands = [[patch for patch in axes.patches if patch.get_gid() == "jump"] for axes in figure.axes]
    assert [len(each) for each in bands[:4]] == [2, 2, 1, 1]
    words = [text.get_text() for text in figure.texts]
    assert f"seed {CONFIG.seed + 2}" in words
    assert words.count("one Dᵢ changes, loss falls by 2.0%") == 2
    assert "in 3 of 4 restarts, 2 of them drawn." in " ".join(words).replace("\n", " ")
    assert figure.axes[0].get_ylim()[1] >= 0.7


def test_non_finite_weights_leave_gaps() -> None:
    record = jumping()
    cohort = record.cohorts["tied"]
    broken = tuple(
        replace(
            moment,
            parameters=moment.parameters.with_arrays(
                encoder=np.full((1, 6, 2), np.nan, np.float32)
            ),
        )
        for moment in cohort.timeline.moments
    )
    for moments in (broken, (*cohort.timeline.moments[:9], *broken[9:])):
        diverged = replace(cohort, timeline=Timeline(moments))
        figure = drawn(replace(record, cohorts={"tied": diverged}))
        assert "Gaps: not finite." in " ".join(text.get_text() for text in figure.texts)
        assert render(figure, "png")


def test_nothing_is_drawn_before_training_starts() -> None:
    record = jumping()
    cohort = record.cohorts["tied"]
    begun = replace(cohort, timeline=Timeline(cohort.timeline.moments[:1]))
    assert not list(FIGURES["energy"].drawings(replace(record, cohorts={"tied": begun})))


def test_the_same_run_gives_the_same_file() -> None:
    first, second = (render(drawn(jumping()), "svg") for _ in range(2))
    assert first == second


def test_settling_steps_come_from_the_timeline() -> None:
    timeline = jumping().cohorts["tied"].timeline
    settled = settling_steps(
        timeline.steps, feature_dimensionality_over(timeline, MODELS["tied"], 0)
    )
    np.testing.assert_array_equal(settled[:4], [10, 10, 100, 100])
