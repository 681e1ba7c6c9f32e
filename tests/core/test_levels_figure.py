"""Losses on 1-sparse data, the levels that runs rest on, and the figure that is made of them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from tests.core.polytopes import random_orthogonal, regular_polygon
from tests.core.snapshots import trained

from superpos_core.arrays import FloatArray
from superpos_core.config import ExperimentConfig
from superpos_core.figures.registry import FIGURES
from superpos_core.figures.style import render
from superpos_core.models import Parameters
from superpos_core.snapshot import Snapshot
from superpos_core.theory import (
    MOST_DISTINCT,
    best_polygon,
    is_polygon,
    level_of,
    one_sparse_errors,
    one_sparse_loss,
    polygon_levels,
    polygon_loss,
    rests,
)
from superpos_core.theory.polygons import LEVEL_TOLERANCE
from superpos_core.timeline import Timeline

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


def on_level(corners: int, positive_biases: int = 0) -> tuple[FloatArray, FloatArray]:
    """W and b of the best polygon of some features; the others are dead."""
    polygon = best_polygon(corners)
    encoder, bias = np.zeros((FEATURES, 2)), np.zeros(FEATURES)
    encoder[:corners] = polygon.radius * regular_polygon(corners)
    bias[:corners] = polygon.bias
    bias[corners : corners + positive_biases] = 1 / (2 * FEATURES)
    return encoder, bias


# ── theory ────────────────────────────────────────────────────────────────────────────────────


@given(seed=st.integers(0, 10_000), shape=st.sampled_from([(), (3,), (2, 4)]))
@settings(deadline=None, max_examples=20)
def test_the_loss_on_one_sparse_data_is_the_mean_over_features_of_all_errors(
    seed: int, shape: tuple[int, ...]
) -> None:
    random = np.random.default_rng(seed)
    gram, bias = random.normal(size=(*shape, 5, 5)), random.normal(size=(*shape, 5))
    losses = one_sparse_loss(gram, bias)
    assert losses.shape == shape
    for place in np.ndindex(shape):
        expected = one_sparse_errors(gram[place], bias[place]).sum() / 5
        assert losses[place] == pytest.approx(expected)


def test_the_loss_on_one_sparse_data_is_the_mean_over_samples() -> None:
    random = np.random.default_rng(0)
    gram, bias = random.normal(size=(4, 4)), random.normal(size=4)
    active, values = random.integers(4, size=200_000), random.random(200_000)
    x = np.zeros((200_000, 4))
    x[np.arange(200_000), active] = values
    sampled = np.mean(np.sum((x - np.maximum(x @ gram + bias, 0)) ** 2, axis=1))
    assert float(one_sparse_loss(gram, bias)) == pytest.approx(sampled, rel=0.01)


def test_the_polygon_of_every_level_is_on_it() -> None:
    for expected in polygon_levels(FEATURES):
        encoder, bias = on_level(expected.corners, expected.positive_biases)
        loss = float(one_sparse_loss(encoder @ encoder.T, bias))
        assert level_of(loss, FEATURES) == expected
        assert is_polygon(encoder, expected.corners)


def test_a_loss_between_levels_is_on_none() -> None:
    assert level_of((polygon_loss(4, 6) + polygon_loss(3, 6, 3)) / 2, 6) is None
    assert level_of(float("nan"), 6) is None
    assert level_of(0.1, 1) is None
    assert level_of(0.0, 4) == polygon_levels(4)[-1]


def test_levels_can_be_told_apart_up_to_six_features() -> None:
    for features in range(2, 12):
        losses = np.array([level.loss for level in polygon_levels(features)])
        nearest_upper = (1 - LEVEL_TOLERANCE) * losses[:-1]
        are_distinct = bool(np.all(nearest_upper > (1 + LEVEL_TOLERANCE) * losses[1:]))
        assert are_distinct == (features <= MOST_DISTINCT)


@given(corners=st.integers(2, 6), seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=25)
def test_a_polygon_is_one_however_it_is_turned_and_with_noise(corners: int, seed: int) -> None:
    encoder, _ = on_level(corners)
    noise = 0.01 * np.random.default_rng(seed).standard_normal(encoder.shape)
    turned = encoder @ random_orthogonal(seed, 2) + noise
    assert [k for k in range(2, 7) if is_polygon(turned, k)] == [corners]
    assert not is_polygon(0.7 * turned, corners)


def test_features_may_share_a_corner_and_then_add_up() -> None:
    encoder, _ = on_level(5)
    encoder[5] = encoder[0] = encoder[0] / np.sqrt(2)
    assert is_polygon(encoder, 5)
    encoder[5] = encoder[0] = encoder[0] * np.sqrt(2)
    assert not is_polygon(encoder, 5)
    assert not is_polygon(np.full((6, 2), np.nan), 5)
    assert not is_polygon(np.zeros((6, 2)), 2)


def test_a_run_rests_where_it_stays_on_a_level_while_its_steps_double() -> None:
    steps = np.array([0, 1, 10, 20, 40, 41, 42, 100, 1000])
    four, five, six = (polygon_loss(corners, 6) for corners in (4, 5, 6))
    losses = [four, four, 0.5, five, 1.01 * five, four, four, six, six]
    stays = [(rest.level.name, rest.first, rest.last) for rest in rests(steps, losses, 6)]
    assert stays == [("5", 3, 4), ("6", 7, 8)]
    assert rests(steps[:0], [], 6) == ()


# ── the figure ────────────────────────────────────────────────────────────────────────────────


def falling(config: ExperimentConfig = CONFIG) -> Snapshot:
    """Restart 0 goes to 6; 1 rests on 4 before it goes to 5⁺; 2 goes nowhere."""
    stories: list[list[tuple[int, tuple[FloatArray, FloatArray]]]] = [
        [(0, on_level(6))],
        [(0, on_level(4)), (300, on_level(5, 1))],
        [(0, (0.9 * np.eye(FEATURES, 2), np.zeros(FEATURES)))],
    ]
    snapshot = trained(config)
    cohort = snapshot.cohorts["tied"]
    moments = []
    for moment in cohort.timeline.moments:
        now = [[state for begin, state in story if begin <= moment.step][-1] for story in stories]
        if moment.step < 10:
            now = [(np.zeros((FEATURES, 2)), np.zeros(FEATURES))] * 3
        encoder = np.stack([encoder for encoder, _ in now]).astype(np.float32)
        bias = np.stack([bias for _, bias in now]).astype(np.float32)
        moments.append(replace(moment, parameters=Parameters(encoder, None, bias)))
    fallen = replace(cohort, timeline=Timeline(tuple(moments)), parameters=moments[-1].parameters)
    return replace(snapshot, cohorts={"tied": fallen})


def drawn(snapshot: Snapshot) -> Figure:
    (drawing,) = (draw for _, draw in FIGURES["levels"].drawings(snapshot))
    return drawing()


def texts(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.texts).replace("\n", " ")


def curves(axes: Axes) -> LineCollection:
    (lines,) = (item for item in axes.collections if isinstance(item, LineCollection))
    return lines


def test_a_line_a_restart_shows_its_exact_loss_in_the_colour_of_its_end() -> None:
    axes = drawn(falling()).axes[0]
    lines = curves(axes).get_segments()
    assert len(lines) == 3
    assert lines[0][-1, 1] == pytest.approx(polygon_loss(6, 6), rel=1e-5)
    assert lines[1][-1, 1] == pytest.approx(polygon_loss(5, 6, 1), rel=1e-5)
    before = lines[1][(lines[1][:, 0] >= 10) & (lines[1][:, 0] < 300), 1]
    np.testing.assert_allclose(before, polygon_loss(4, 6), rtol=1e-5)
    assert len(np.unique(np.asarray(curves(axes).get_colors()), axis=0)) == 3


def test_every_level_has_its_line_and_name_those_rested_on_in_bold() -> None:
    axes = drawn(falling()).axes[0]
    dashed = [line for line in axes.lines if line.get_gid() != "emphasised"]
    heights = [float(np.asarray(line.get_ydata())[0]) for line in dashed]
    np.testing.assert_allclose(heights, [level.loss for level in polygon_levels(6)])
    assert [text.get_text() for text in axes.texts] == [level.name for level in polygon_levels(6)]
    bold = {text.get_text() for text in axes.texts if text.get_fontweight() == "bold"}
    assert bold == {"4", "5⁺", "6"}


def test_the_best_run_and_the_one_that_rests_longest_are_thick() -> None:
    axes = drawn(falling()).axes[0]
    thick = [line for line in axes.lines if line.get_gid() == "emphasised"]
    ends = [float(np.asarray(line.get_ydata())[-1]) for line in thick]
    np.testing.assert_allclose(ends, [polygon_loss(6, 6), polygon_loss(5, 6, 1)], rtol=1e-5)


def test_polygons_are_drawn_from_high_to_low_with_how_many_end_there() -> None:
    figure = drawn(falling())
    assert len(figure.axes) == 1 + 3
    names = [text.get_text() for text in figure.texts if text.get_text() in ("4", "5⁺", "6")]
    assert names == ["4", "5⁺", "6"]
    assert texts(figure).count("1 of 3 end here") == 2
    assert "1 of 3 rest and fall" in texts(figure)


@pytest.mark.parametrize(
    "changes",
    [
        {"hidden": 3},
        {"features": 7},
        {"distribution": "uniform"},
        {"importance": 0.9},
        {"models": ("untied",)},
        {"models": ("linear",)},
    ],
)
def test_it_is_drawn_only_where_the_closed_forms_hold(changes: dict[str, object]) -> None:
    run = trained(replace(CONFIG, **changes))  # type: ignore[arg-type]
    assert not list(FIGURES["levels"].drawings(run))


def test_untrained_restarts_and_weights_that_are_not_finite_can_be_drawn() -> None:
    assert render(drawn(trained(replace(CONFIG, features=4, steps=30))), "png")
    snapshot = falling()
    cohort = snapshot.cohorts["tied"]
    broken = tuple(
        replace(
            moment,
            parameters=replace(
                moment.parameters, encoder=np.full_like(moment.parameters.encoder, np.nan)
            ),
        )
        for moment in cohort.timeline.moments
    )
    for moments in (broken, (*cohort.timeline.moments[:20], *broken[20:])):
        diverged = replace(cohort, timeline=Timeline(moments))
        figure = drawn(replace(snapshot, cohorts={"tied": diverged}))
        assert "Gaps: not finite." in texts(figure)
        assert render(figure, "png")


def test_the_same_run_gives_the_same_file() -> None:
    first, second = (render(drawn(falling()), "svg") for _ in range(2))
    assert first == second
