"""The figure of paths: features, stages and shapes as computed by core, for any run."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure
from tests.core.figures.drawn import texts, words
from tests.core.polytopes import DIGON, direct_sum
from tests.core.snapshots import trained

from superpos_core.figures.registry import FIGURES
from superpos_core.figures.tools.style import CATEGORICAL, render
from superpos_core.geometry.hidden_space import picture_axes
from superpos_core.geometry.projection import seen_from
from superpos_core.geometry.spoke_limits import TILT, TURN
from superpos_core.record.lanes import LanesRecord
from superpos_core.record.timeline import Timeline, feature_vectors_over
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.models import MODELS

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


def growing(config: ExperimentConfig = SETS) -> LanesRecord:
    """A run whose features grow into an octahedron over its timeline."""
    record = trained(config)
    cohort = record.cohorts["tied"]
    moments = tuple(
        replace(
            moment,
            parameters=moment.parameters.with_arrays(
                encoder=np.tile(
                    np.float32(moment.step / config.steps) * OCTAHEDRON, (len(cohort.lanes), 1, 1)
                ),
                bias=np.zeros_like(moment.parameters.bias),
            ),
        )
        for moment in cohort.timeline.moments
    )
    grown = replace(cohort, timeline=Timeline(moments), parameters=moments[-1].parameters)
    return replace(record, cohorts={"tied": grown})


def drawn(record: LanesRecord) -> Figure:
    (drawing,) = (draw for _, draw in FIGURES["trajectories"].drawings(record))
    return drawing()


def test_paths_follow_the_features_in_the_colour_of_their_set() -> None:
    record = growing()
    (paths,) = (
        item for item in drawn(record).axes[0].collections if isinstance(item, LineCollection)
    )
    encoders = feature_vectors_over(record.cohorts["tied"].timeline, MODELS["tied"], 0).astype(
        np.float64
    )
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


def test_it_applies_to_a_few_moving_features_in_two_or_three_dimensions() -> None:
    figure = FIGURES["trajectories"]
    assert list(figure.drawings(growing()))
    for config in (replace(SETS, hidden=4), replace(SETS, features=60)):
        assert not list(figure.drawings(trained(config)))
    record = growing()
    cohort = record.cohorts["tied"]
    begun = replace(cohort, timeline=Timeline(cohort.timeline.moments[:1]))
    assert not list(figure.drawings(replace(record, cohorts={"tied": begun})))


@pytest.mark.parametrize(
    "changes", [{"distribution": "uniform"}, {"sparsities": (0.5, 0.8), "restarts": 2}]
)
def test_other_settings_are_drawn_too(changes: dict[str, object]) -> None:
    figure = drawn(growing(replace(SETS, **changes)))  # type: ignore[arg-type]
    assert "an octahedron: 3 digons" in texts(figure)


def test_non_finite_weights_end_the_paths() -> None:
    record = growing()
    cohort = record.cohorts["tied"]
    for first in (0, len(cohort.timeline.moments) // 2):
        moments = tuple(
            moment
            if index < first
            else replace(
                moment,
                parameters=moment.parameters.with_arrays(
                    encoder=np.full((1, 6, 3), np.nan, np.float32)
                ),
            )
            for index, moment in enumerate(cohort.timeline.moments)
        )
        broken = replace(cohort, timeline=Timeline(moments))
        figure = drawn(replace(record, cohorts={"tied": broken}))
        assert "where weights are not finite" in words(figure)
        paths = [item for item in figure.axes[0].collections if isinstance(item, LineCollection)]
        assert [len(path.get_segments()[0]) for path in paths] == ([first] if first else [])


def test_the_same_run_gives_the_same_file() -> None:
    first, second = (render(drawn(growing()), "svg") for _ in range(2))
    assert first == second
