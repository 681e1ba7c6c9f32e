"""Stages of learning, edges of solids, and the figure of paths that is made of them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure
from tests.core.polytopes import (
    DIGON,
    cube,
    direct_sum,
    random_orthogonal,
    regular_polygon,
    regular_simplex,
    square_antiprism,
)
from tests.core.snapshots import SMALL, trained

from superpos_core.arrays import FloatArray
from superpos_core.config import ExperimentConfig
from superpos_core.figures.registry import FIGURES
from superpos_core.figures.spokes import TILT, TURN
from superpos_core.figures.style import CATEGORICAL, render
from superpos_core.hidden_space import picture_axes
from superpos_core.hull import hull_edges
from superpos_core.models import Parameters
from superpos_core.projection import seen_from
from superpos_core.snapshot import Snapshot
from superpos_core.stages import loss_over, settling_steps, shape_in_words, stages_of
from superpos_core.theory import feature_variance
from superpos_core.timeline import Moment, Timeline, encoders_of

OCTAHEDRON = direct_sum(DIGON, DIGON, DIGON)
SETS = ExperimentConfig(
    "paths",
    features=6,
    hidden=3,
    models=("tied",),
    importance=1.0,
    distribution="correlated",
    set_size=3,
    sparsities=(0.8,),
    steps=200,
    initial_scale=0.1,
)
STEPS = np.unique(np.rint(np.geomspace(1, 10_000, 90))).astype(np.int64)


def staircase(*falls: float, factor: float = 5.0) -> FloatArray:
    """A loss that falls by a factor at each of these steps, within a sixth of a decade."""
    position = np.log10(STEPS)
    shares = [1 / (1 + np.exp(-30 * (position - np.log10(fall)))) for fall in falls]
    loss: FloatArray = np.exp(-np.log(factor) * np.sum(shares, axis=0))
    return loss


# ── stages ────────────────────────────────────────────────────────────────────────────────────


def test_the_stages_of_a_staircase_are_its_falls_and_the_plateaus_between() -> None:
    stages = stages_of(STEPS, staircase(100, 2000))
    assert [stage.kind for stage in stages] == ["start", "fall", "plateau", "fall", "end"]
    steps = STEPS[[stage.place for stage in stages]]
    assert steps[0] == 1
    assert steps[-1] == 10_000
    np.testing.assert_allclose(steps[[1, 3]], [100, 2000], rtol=0.12)
    assert steps[2] == pytest.approx(np.sqrt(100 * 2000), rel=0.15)


def test_plateaus_are_kept_where_there_are_more_stages_than_asked_for() -> None:
    stages = stages_of(STEPS, staircase(10, 100, 1000), most=4)
    assert [stage.kind for stage in stages] == ["start", "plateau", "plateau", "end"]


def test_a_loss_that_stays_has_a_start_and_an_end() -> None:
    stages = stages_of(STEPS, np.full(len(STEPS), 0.3))
    assert [stage.place for stage in stages] == [0, len(STEPS) - 1]


@given(
    losses=st.lists(st.sampled_from([np.nan, np.inf, 0.0, 0.1, 1.0, 1e30]), max_size=40),
    most=st.integers(2, 7),
)
@settings(deadline=None, max_examples=60)
def test_stages_of_any_losses_ascend_to_the_last_that_is_finite(
    losses: list[float], most: int
) -> None:
    values = np.array(losses)
    places = [stage.place for stage in stages_of(np.arange(len(losses)), values, most)]
    assert places == sorted(set(places))
    assert len(places) <= most
    usable = np.isfinite(values) & (values > 0)
    if len(losses) and usable[0]:
        assert places[0] == 0
        assert usable[: places[-1] + 1].all()
        assert places[-1] + 1 == len(losses) or not usable[places[-1] + 1]
    else:
        assert places == []


def test_a_feature_settles_where_it_last_rises_above_half_of_its_end() -> None:
    steps = np.array([0, 1, 2, 5, 10])
    features = (
        [1.0, 0.4, 0.6, 0.9, 1.0],
        [0.0, 0.1, 0.6, 0.4, 1.0],
        [0.5, 0.5, 0.5, 0.5, 0.5],
        [0.2, np.nan, 0.2, 0.0, 0.0],
    )
    values = np.array(features).T
    np.testing.assert_array_equal(settling_steps(steps, values), [2, 10, 0, np.nan])
    assert np.isnan(settling_steps(steps[:0], np.empty((0, 2)))).all()


def test_the_loss_over_training_is_that_of_the_weights_at_each_moment() -> None:
    """With W = 0 and b the mean, what is lost is the variance of every feature."""
    config = replace(SMALL, models=("tied",), sparsities=(0.5,), features=6, hidden=2)
    (lane,) = config.lanes
    bias = np.full((1, 6), lane.density / 2, np.float32)
    ignored = Parameters(np.zeros((1, 6, 2), np.float32), None, bias)
    broken = replace(ignored, bias=np.full((1, 6), np.nan, np.float32))
    losses = loss_over(config, lane, Timeline((Moment(0, ignored), Moment(9, broken))), 0)
    expected = feature_variance(config.feature_probability(lane)) @ config.importance_of(lane)
    assert losses[0] == pytest.approx(expected, rel=0.03)
    assert np.isnan(losses[1])
    assert loss_over(config, lane, Timeline(), 0).shape == (0,)


def test_shapes_are_named_as_the_story_needs_them() -> None:
    collapsed = np.repeat(np.eye(2, 3), 3, axis=0) / np.sqrt(3)
    assert shape_in_words(collapsed, 3) == "one principal component a set"
    assert shape_in_words(collapsed / 2, 3) == "each set grows in one direction"
    assert shape_in_words(collapsed / 2) == "no feature represented"
    assert shape_in_words(np.zeros((6, 3)), 3) == "no feature represented"
    assert shape_in_words(OCTAHEDRON) == "an octahedron: 3 digons"
    assert shape_in_words(regular_polygon(5)) == "1 pentagon"
    assert "not finite" in shape_in_words(np.full((6, 3), np.nan), 3)


# ── edges ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("corners", "edges"),
    [
        (OCTAHEDRON, 12),
        (cube(), 12),
        (regular_simplex(4), 6),
        (square_antiprism(), 16),
        (direct_sum(regular_polygon(5), DIGON), 15),
        (regular_polygon(6), 6),
        (direct_sum(DIGON, DIGON), 4),
    ],
)
@given(seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=5)
def test_a_solid_has_its_edges_however_it_is_turned(
    corners: FloatArray, edges: int, seed: int
) -> None:
    turned = corners @ random_orthogonal(seed, corners.shape[1])
    noise = 0.01 * np.random.default_rng(seed).standard_normal(turned.shape)
    found = hull_edges(turned + noise)
    assert len(found) == edges
    lengths = [np.linalg.norm(turned[first] - turned[second]) for first, second in found]
    assert min(lengths) > 0.5


def test_what_is_inside_or_flat_or_not_finite_has_no_edges() -> None:
    with_middle = np.vstack([OCTAHEDRON, np.zeros((1, 3))])
    assert all(6 not in edge for edge in hull_edges(with_middle))
    assert hull_edges(np.outer(np.arange(5.0), np.ones(3))) == []
    assert hull_edges(np.zeros((4, 3))) == []
    assert hull_edges(np.full((4, 2), np.nan)) == []
    assert hull_edges(np.eye(2)) == []


# ── the figure ────────────────────────────────────────────────────────────────────────────────


def growing(config: ExperimentConfig = SETS) -> Snapshot:
    """A run whose features grow into an octahedron as its timeline goes on."""
    snapshot = trained(config)
    cohort = snapshot.cohorts["tied"]
    moments = tuple(
        replace(
            moment,
            parameters=replace(
                moment.parameters,
                encoder=np.tile(
                    np.float32(moment.step / config.steps) * OCTAHEDRON, (len(cohort.lanes), 1, 1)
                ),
                bias=np.zeros_like(moment.parameters.bias),
            ),
        )
        for moment in cohort.timeline.moments
    )
    grown = replace(cohort, timeline=Timeline(moments), parameters=moments[-1].parameters)
    return replace(snapshot, cohorts={"tied": grown})


def drawn(snapshot: Snapshot) -> Figure:
    (drawing,) = (draw for _, draw in FIGURES["trajectories"].drawings(snapshot))
    return drawing()


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def test_paths_are_those_of_the_features_in_the_colour_of_their_set() -> None:
    snapshot = growing()
    (paths,) = (
        item for item in drawn(snapshot).axes[0].collections if isinstance(item, LineCollection)
    )
    encoders = encoders_of(snapshot.cohorts["tied"].timeline, 0).astype(np.float64)
    points = encoders @ picture_axes(encoders[-1])
    for feature, path in enumerate(paths.get_segments()):
        right, up, _ = seen_from(points[:, feature], TURN, TILT)
        np.testing.assert_allclose(path, np.stack([right, up], axis=1), atol=1e-6)
    expected = np.repeat(to_rgba_array(CATEGORICAL[:2]), 3, axis=0)
    np.testing.assert_allclose(np.asarray(paths.get_colors(), float), expected)


def test_letters_mark_the_stages_on_the_loss_and_above_the_shapes() -> None:
    figure = drawn(growing())
    on_loss = [text.get_text() for text in figure.axes[1].texts]
    assert on_loss == list("ABCDE")[: len(on_loss)]
    assert len(on_loss) >= 2
    assert [text for text in texts(figure) if text in "ABCDE"] == on_loss
    assert "an octahedron: 3 digons" in texts(figure)
    assert "no feature represented" in texts(figure)


def test_it_is_drawn_of_a_few_features_in_a_plane_or_in_space_once_they_move() -> None:
    figure = FIGURES["trajectories"]
    assert list(figure.drawings(growing()))
    for config in (replace(SETS, hidden=4), replace(SETS, features=60)):
        assert not list(figure.drawings(trained(config)))
    snapshot = growing()
    cohort = snapshot.cohorts["tied"]
    begun = replace(cohort, timeline=Timeline(cohort.timeline.moments[:1]))
    assert not list(figure.drawings(replace(snapshot, cohorts={"tied": begun})))


@pytest.mark.parametrize(
    "changes", [{"distribution": "uniform"}, {"sparsities": (0.5, 0.8), "restarts": 2}]
)
def test_other_settings_are_drawn_too(changes: dict[str, object]) -> None:
    figure = drawn(growing(replace(SETS, **changes)))  # type: ignore[arg-type]
    assert "an octahedron: 3 digons" in texts(figure)


def test_weights_that_are_not_finite_end_the_paths() -> None:
    snapshot = growing()
    cohort = snapshot.cohorts["tied"]
    for first in (0, len(cohort.timeline.moments) // 2):
        moments = tuple(
            moment
            if place < first
            else replace(
                moment,
                parameters=replace(
                    moment.parameters, encoder=np.full((1, 6, 3), np.nan, np.float32)
                ),
            )
            for place, moment in enumerate(cohort.timeline.moments)
        )
        broken = replace(cohort, timeline=Timeline(moments))
        figure = drawn(replace(snapshot, cohorts={"tied": broken}))
        assert "where weights are not finite" in " ".join(texts(figure)).replace("\n", " ")
        paths = [item for item in figure.axes[0].collections if isinstance(item, LineCollection)]
        assert [len(path.get_segments()[0]) for path in paths] == ([first] if first else [])


def test_the_same_run_gives_the_same_file() -> None:
    first, second = (render(drawn(growing()), "svg") for _ in range(2))
    assert first == second
