"""The restarts figure: best first, and all in one orientation."""

from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from tests.core.figures.drawn import texts
from tests.core.polytopes import random_orthogonal, regular_polygon
from tests.core.snapshots import SMALL, spoiled, with_encoders, with_losses

from superpos_core.arrays import FloatArray
from superpos_core.figures.registry import FIGURES
from superpos_core.figures.tools.style import render
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PAIRS = ExperimentConfig(
    "test",
    features=6,
    hidden=2,
    models=("tied",),
    sparsities=(0.9,),
    importance=1,
    distribution="correlated",
    restarts=8,
)
HEXAGON = 0.98 * regular_polygon(6)
PARTNERS = [1, 0, 2, 3, 5, 4]
"""The features of a hexagon, with two of the pairs swapped."""


def snapshot_of(encoders: list[FloatArray], config: ExperimentConfig = PAIRS) -> LanesRecord:
    """Restarts with these encoders, in order of falling loss."""
    return with_encoders(config, encoders, 0.01 * np.arange(len(encoders), 0, -1.0))


def hexagons() -> LanesRecord:
    """One shape in eight orientations, with partners in either order."""
    return snapshot_of(
        [
            HEXAGON[PARTNERS if seed % 2 else slice(None)] @ random_orthogonal(seed, 2)
            for seed in range(8)
        ]
    )


def drawn(record: LanesRecord) -> Figure:
    ((_, draw),) = FIGURES["restarts"].drawings(record)
    return draw()


def ends_by_colour(axes: Axes) -> FloatArray:
    """The ends of all spokes with their colours, sorted."""
    dots = [item for item in axes.collections if isinstance(item, PathCollection)][-1]
    ends = np.hstack([np.asarray(dots.get_offsets()), np.asarray(dots.get_facecolor())])
    return ends[np.lexsort(np.round(ends, 3).T)]


def test_one_shape_in_many_orientations_gives_one_picture() -> None:
    panels = drawn(hexagons()).axes[:-1]
    assert len(panels) == 6
    for panel in panels:
        np.testing.assert_allclose(ends_by_colour(panel), ends_by_colour(panels[0]), atol=1e-5)


def test_the_best_come_first_with_their_losses_and_shapes() -> None:
    captions = [text for text in texts(drawn(hexagons())) if text.startswith("loss")]
    losses = ("0.0100", "0.0200", "0.0300", "0.0400", "0.0500", "0.0600")
    assert captions == [f"loss {loss} 1 hexagon" for loss in losses]
    assert any("The 6 best of 8 seeds" in text for text in texts(drawn(hexagons())))


def test_every_setting_has_its_own_row() -> None:
    config = replace(PAIRS, sparsities=(0.5, 0.9), restarts=2)
    figure = drawn(snapshot_of([HEXAGON] * 4, config))
    tops = [round(axes.get_position().y1, 6) for axes in figure.axes[:-1]]
    assert tops[0] == tops[1] > tops[2] == tops[3]
    assert {"S = 0.5", "S = 0.9"} <= set(texts(figure))


def test_it_applies_to_several_restarts_in_a_plane() -> None:
    for config in (
        replace(PAIRS, restarts=1),
        replace(PAIRS, hidden=3),
        replace(PAIRS, features=62),
    ):
        record = with_losses(config, np.full((1, config.restarts), 0.1))
        assert list(FIGURES["restarts"].drawings(record)) == []


def test_the_same_run_gives_the_same_bytes() -> None:
    assert render(drawn(hexagons()), "svg") == render(drawn(hexagons()), "svg")


def test_before_the_first_step_there_are_no_losses() -> None:
    config = replace(SMALL, models=("tied",), restarts=3)
    record = with_losses(config, np.zeros((0, 6)))
    assert not any(text.startswith("loss") for text in texts(drawn(record)))


def test_a_non_finite_restart_is_hatched_and_the_others_are_drawn() -> None:
    config = replace(PAIRS, restarts=3)
    figure = drawn(snapshot_of([HEXAGON, np.full((6, 2), np.nan), HEXAGON], config))
    hatched = [[bool(patch.get_hatch()) for patch in axes.patches] for axes in figure.axes[:3]]
    assert hatched == [[False, False], [True], [False, False]]
    assert any("Hatched: not finite" in text for text in texts(figure))


def test_huge_weights_are_drawn_too() -> None:
    picture = render(drawn(spoiled(hexagons())), "png")
    assert picture.startswith(PNG_SIGNATURE)
