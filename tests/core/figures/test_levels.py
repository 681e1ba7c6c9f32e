"""The levels figure: exact losses, plateaus and polygons as computed by core."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from tests.core.figures.drawn import words
from tests.core.polygons import polygon_weights
from tests.core.snapshots import trained

from superpos_core.arrays import FloatArray
from superpos_core.figures.registry import FIGURES
from superpos_core.figures.tools.style import QUIET, render
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.timeline import Timeline
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.parameters import Parameters
from superpos_core.theory import polygon_levels, polygon_loss

FEATURES = 6
CONFIG = ExperimentConfig(
    "falling",
    features=FEATURES,
    hidden=2,
    models=("tied",),
    importance=1.0,
    distribution="one-hot",
    sparsities=(0.0,),
    restarts=3,
    steps=1000,
)


def falling(config: ExperimentConfig = CONFIG) -> LanesRecord:
    """Restart 0 goes to 6; 1 has a plateau at 4 before it goes to 5⁺; 2 goes nowhere."""
    stories: list[list[tuple[int, tuple[FloatArray, FloatArray]]]] = [
        [(0, polygon_weights(6, FEATURES))],
        [(0, polygon_weights(4, FEATURES)), (300, polygon_weights(5, FEATURES, 1))],
        [(0, (0.9 * np.eye(FEATURES, 2), np.zeros(FEATURES)))],
    ]
    record = trained(config)
    cohort = record.cohorts["tied"]
    moments = []
    for moment in cohort.timeline.moments:
        now = [[state for begin, state in story if begin <= moment.step][-1] for story in stories]
        if moment.step < 10:
            now = [(np.zeros((FEATURES, 2)), np.zeros(FEATURES))] * 3
        encoder = np.stack([encoder for encoder, _ in now]).astype(np.float32)
        bias = np.stack([bias for _, bias in now]).astype(np.float32)
        moments.append(replace(moment, parameters=Parameters(encoder=encoder, bias=bias)))
    fallen = replace(cohort, timeline=Timeline(tuple(moments)), parameters=moments[-1].parameters)
    return replace(record, cohorts={"tied": fallen})


def drawn(record: LanesRecord) -> Figure:
    (drawing,) = (draw for _, draw in FIGURES["levels"].drawings(record))
    return drawing()


def curves(axes: Axes) -> LineCollection:
    (lines,) = (item for item in axes.collections if isinstance(item, LineCollection))
    return lines


def test_one_line_per_restart_shows_its_exact_loss_in_the_colour_of_its_final_level() -> None:
    axes = drawn(falling()).axes[0]
    lines = curves(axes).get_segments()
    assert len(lines) == 3
    assert lines[0][-1, 1] == pytest.approx(polygon_loss(6, 6), rel=1e-5)
    assert lines[1][-1, 1] == pytest.approx(polygon_loss(5, 6, 1), rel=1e-5)
    before = lines[1][(lines[1][:, 0] >= 10) & (lines[1][:, 0] < 300), 1]
    np.testing.assert_allclose(before, polygon_loss(4, 6), rtol=1e-5)
    assert len(np.unique(np.asarray(curves(axes).get_colors()), axis=0)) == 3


def test_every_level_has_a_line_and_a_name_in_bold_if_it_has_plateaus() -> None:
    axes = drawn(falling()).axes[0]
    dashed = [line for line in axes.lines if line.get_gid() != "emphasised"]
    heights = [float(np.asarray(line.get_ydata())[0]) for line in dashed]
    np.testing.assert_allclose(heights, [level.loss for level in polygon_levels(6)])
    assert [text.get_text() for text in axes.texts] == [level.name for level in polygon_levels(6)]
    bold = {text.get_text() for text in axes.texts if text.get_fontweight() == "bold"}
    assert bold == {"4", "5⁺", "6"}


def test_the_best_run_and_the_one_with_the_longest_plateau_are_thick() -> None:
    axes = drawn(falling()).axes[0]
    thick = [line for line in axes.lines if line.get_gid() == "emphasised"]
    ends = [float(np.asarray(line.get_ydata())[-1]) for line in thick]
    np.testing.assert_allclose(ends, [polygon_loss(6, 6), polygon_loss(5, 6, 1)], rtol=1e-5)


def test_polygons_are_drawn_from_high_to_low_with_counts() -> None:
    figure = drawn(falling())
    assert len(figure.axes) == 1 + 3
    names = [text.get_text() for text in figure.texts if text.get_text() in ("4", "5⁺", "6")]
    assert names == ["4", "5⁺", "6"]
    assert words(figure).count("1 of 3 end here") == 2
    assert "1 of 3 leave it again" in words(figure)


def test_restarts_that_end_between_levels_are_grey_with_a_note() -> None:
    figure = drawn(falling())
    colours = np.asarray(curves(figure.axes[0]).get_colors(), float)
    np.testing.assert_allclose(colours[2, :3], to_rgb(QUIET))
    assert "(grey: none)" in words(figure)


@pytest.mark.parametrize("features", [7, 8])
def test_for_more_features_a_note_says_that_the_largest_polygons_are_critical_points(
    features: int,
) -> None:
    config = replace(CONFIG, features=features, steps=30, restarts=2)
    figure = drawn(trained(config))
    note = words(figure)
    assert f"{features}-gon" in note
    assert "0 of 2 end at the regular 7-gon" in note
    names = {text.get_text() for text in figure.axes[0].texts}
    assert {str(corners) for corners in range(2, features + 1)} <= names
    assert len(names) < len(polygon_levels(features))


@pytest.mark.parametrize(
    "changes",
    [
        {"hidden": 3},
        {"features": 9},
        {"distribution": "uniform"},
        {"importance": 0.9},
        {"models": ("untied",)},
        {"models": ("linear",)},
    ],
)
def test_it_is_drawn_only_if_the_closed_forms_hold(changes: dict[str, object]) -> None:
    run = trained(replace(CONFIG, **changes))  # type: ignore[arg-type]
    assert not list(FIGURES["levels"].drawings(run))


def test_untrained_restarts_and_non_finite_weights_can_be_drawn() -> None:
    assert render(drawn(trained(replace(CONFIG, features=4, steps=30))), "png")
    record = falling()
    cohort = record.cohorts["tied"]
    broken = tuple(
        replace(
            moment,
            parameters=moment.parameters.with_arrays(
                encoder=np.full_like(moment.parameters.encoder, np.nan)
            ),
        )
        for moment in cohort.timeline.moments
    )
    for moments in (broken, (*cohort.timeline.moments[:20], *broken[20:])):
        diverged = replace(cohort, timeline=Timeline(moments))
        figure = drawn(replace(record, cohorts={"tied": diverged}))
        assert "Gaps: not finite." in words(figure)
        assert render(figure, "png")


def test_the_same_run_gives_the_same_file() -> None:
    first, second = (render(drawn(falling()), "svg") for _ in range(2))
    assert first == second
