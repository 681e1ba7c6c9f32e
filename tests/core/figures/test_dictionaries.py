"""Figures of dictionaries: on one page at any size, and true of what they show."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox
from tests.core.figures.test_sizes import HIGHEST, LARGEST_SIDE
from tests.core.forged_dictionaries import forged, random_rows, true_directions

from superpos_core.analysis.dictionaries import rows as score_rows
from superpos_core.analysis.dictionaries.hedging import has_hedging, hedging_of
from superpos_core.analysis.dictionaries.recovery import recoveries_of
from superpos_core.arrays import FloatArray
from superpos_core.experiments import EXPERIMENTS
from superpos_core.figures.dictionary import MAX_PICTURED
from superpos_core.figures.registry import FIGURES
from superpos_core.figures.tools.style import HATCH
from superpos_core.record.dictionaries import DictionaryRecord
from superpos_core.task.config import ExperimentConfig
from superpos_core.task.dictionaries.kinds import KINDS
from superpos_core.task.dictionaries.options import DICTIONARIES

USUAL = ExperimentConfig(
    "x", kind=DICTIONARIES, features=5, hidden=2, models=("tied",), sparsities=(0.9,),
    directions="random", importance=1,
)  # fmt: skip
EXTREMES = {
    "many features": replace(USUAL, features=300, hidden=50, latents=400),
    "more latents than features": replace(USUAL, features=3, latents=90),
    "one latent": replace(USUAL, features=1, latents=1),
    "many kinds and settings": replace(
        USUAL, latents=5, dictionaries=tuple(KINDS), sweep="latent-activity",
        sweep_values=tuple(float(each) for each in np.geomspace(0.1, 2, 12)),
    ),
    "many seeds in a plane": replace(USUAL, restarts=30),
    "many settings in space": replace(
        USUAL, hidden=3, latents=8, sparsities=tuple(np.linspace(0, 0.9, 10).tolist())
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores over fewer rows."""
    monkeypatch.setattr(score_rows, "MOST_ENTRIES", 1 << 15)


@pytest.mark.parametrize("kind", EXTREMES)
def test_every_figure_is_one_page(kind: str) -> None:
    run = forged(EXTREMES[kind], random_rows)
    drawings = [each for figure in FIGURES.values() for each in figure.drawings(run)]
    assert "dictionary" in dict(drawings)
    for name, draw in drawings:
        figure = draw()
        width, height = figure.get_size_inches()
        assert max(width, height) <= LARGEST_SIDE, name
        assert height <= HIGHEST * width, name
        for axes in figure.axes:
            assert_on_the_page(axes.get_position())


def assert_on_the_page(box: Bbox) -> None:
    assert 0 <= box.x0 < box.x1 <= 1
    assert 0 <= box.y0 < box.y1 <= 1


@pytest.mark.parametrize("kind", ["many seeds in a plane", "many settings in space"])
def test_numbers_stand_below_matrices_and_pictures(kind: str) -> None:
    ((_, draw),) = FIGURES["dictionary"].drawings(forged(EXTREMES[kind], random_rows))
    figure = draw()
    below = [text.get_window_extent() for text in figure.texts if "recovered," in text.get_text()]
    drawn = [axes.get_window_extent() for axes in figure.axes]
    assert len(below) == MAX_PICTURED
    assert not any(text.overlaps(axes) for text in below for axes in drawn)
    assert not any(first.overlaps(other) for first, other in combinations(below, 2))


def test_latents_along_the_features_of_a_space_end_where_these_do() -> None:
    """Seen from wherever: the tips of arrows are the ends of spokes, and otherwise are not."""
    config = replace(USUAL, hidden=3)
    for decoder, are_there in ((in_reverse, True), (random_rows, False)):
        ((_, draw),) = FIGURES["dictionary"].drawings(forged(config, decoder))
        picture = next(axes for axes in draw().axes if len(axes.lines) == config.features)
        ends = np.array([np.asarray(line.get_xydata())[-1] for line in picture.lines])
        tips = np.array([each.xy for each in picture.texts if isinstance(each, Annotation)])
        assert ends.shape == tips.shape
        assert np.allclose(ends[::-1], tips, atol=1e-5) == are_there


def in_reverse(directions: FloatArray, *_: object) -> FloatArray:
    """Latents that are the features in another order, which must not choose the view of them."""
    return directions[::-1]


def test_not_finite_dictionaries_are_drawn_too() -> None:
    run = forged(USUAL, lambda directions, random, latents: np.full((latents, 2), np.nan))
    ((_, draw),) = FIGURES["dictionary"].drawings(run)
    patches = [patch for axes in draw().axes for patch in axes.patches]
    assert any(patch.get_hatch() == HATCH for patch in patches), "the ground of what is not finite"
    ((_, draw),) = FIGURES["dictionary"].drawings(forged(USUAL, random_rows))
    assert not any(patch.get_hatch() for axes in draw().axes for patch in axes.patches)


def test_each_figure_is_drawn_where_it_says_something() -> None:
    several = forged(EXTREMES["many kinds and settings"], random_rows)
    assert names_of(several) == {"dictionary", "recovery"}
    assert names_of(forged(USUAL, random_rows)) == {"dictionary"}
    hedging = forged(EXPERIMENTS["hedging"].config, true_directions)
    assert names_of(hedging) == {"dictionary", "hedging", "recovery"}
    assert not has_hedging(several)


def names_of(run: DictionaryRecord) -> set[str]:
    return {name for figure in FIGURES.values() for name, _ in figure.drawings(run)}


def test_a_latent_that_is_the_parent_has_the_angle_0() -> None:
    config = EXPERIMENTS["hedging"].config
    parent = hedging_of(forged(config, true_directions), "relu")
    np.testing.assert_allclose(parent.angle, 0, atol=1e-6)
    between = forged(config, lambda directions, *_: directions.sum(axis=0, keepdims=True))
    np.testing.assert_allclose(hedging_of(between, "relu").angle, np.pi / 4, atol=1e-6)
    assert np.all(parent.expected > 0)


def test_true_directions_recover_everything() -> None:
    config = replace(
        EXPERIMENTS["wrong-l0"].config, dictionaries=("relu",), restarts=1, sweep_values=(0.5, 1.0)
    )
    (recovery,) = recoveries_of(forged(config, true_directions))
    np.testing.assert_allclose(recovery.mcc, 1, atol=1e-6)
    np.testing.assert_allclose(recovery.unexplained, 0, atol=1e-6)
    random = recoveries_of(forged(config, random_rows))[0]
    assert random.mcc.max() < 0.8
    assert random.unexplained.min() > 0.1


def test_the_scale_of_cosines_ends_at_one_in_the_colour_of_a_perfect_match() -> None:
    figure = dict(FIGURES["dictionary"].drawings(forged(USUAL, true_directions)))["dictionary"]()
    matrix, bar = figure.axes[0].images[0], figure.axes[-1]
    assert [label.get_text() for label in bar.get_xticklabels()] == ["−1", "0", "1"]
    ends = bar.images[0].to_rgba(np.array([0.0, 1.0]))
    np.testing.assert_allclose(ends, matrix.to_rgba(np.array([-1.0, 1.0])), atol=0.02)
