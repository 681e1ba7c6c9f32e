"""The figure of feature geometry graphs: its settings, dots, lines and captions."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from tests.core.figures.drawn import texts
from tests.core.polytopes import DIGON, IGNORED, direct_sum, regular_polygon
from tests.core.snapshots import SMALL, spoiled, with_encoders, with_losses

from superpos_core.arrays import FloatArray
from superpos_core.figures import graphs
from superpos_core.figures.registry import FIGURES
from superpos_core.figures.tools.kinds import ModelFigure
from superpos_core.figures.tools.style import render
from superpos_core.record.lanes import LanesRecord
from superpos_core.task.config import ExperimentConfig

TWO_DIGONS = direct_sum(DIGON, DIGON, IGNORED, IGNORED)
PENTAGON_AND_DIGON = direct_sum(regular_polygon(5), DIGON)
TANGLE = np.random.default_rng(0).normal(size=(7, 3))


def snapshot_of(
    *encoders: FloatArray, restarts: int = 1, losses: tuple[float, ...] = ()
) -> LanesRecord:
    """The tied model with these encoders, one per lane, padded with zeros."""
    features, hidden = np.max([encoder.shape for encoder in encoders], axis=0)
    stacked = np.zeros((len(encoders), features, hidden), np.float32)
    for place, encoder in zip(stacked, encoders, strict=True):
        place[: len(encoder), : encoder.shape[1]] = encoder
    settings = len(encoders) // restarts
    config = ExperimentConfig(
        "graphs",
        features=int(features),
        hidden=int(hidden),
        models=("tied",),
        sparsities=tuple((np.arange(settings) / settings).tolist()),
        restarts=restarts,
        importance=1,
    )
    return with_encoders(config, stacked, losses or len(encoders) * (0.1,))


def drawn(record: LanesRecord) -> Figure:
    kind = FIGURES["graphs"]
    assert isinstance(kind, ModelFigure)
    return kind.draw(record, "tied")


def panels(figure: Figure) -> list[Axes]:
    return figure.axes[:-1]


def dots(axes: Axes) -> PathCollection:
    (found,) = (item for item in axes.collections if isinstance(item, PathCollection))
    return found


def lines(axes: Axes) -> LineCollection:
    (found,) = (item for item in axes.collections if isinstance(item, LineCollection))
    return found


def test_dots_are_represented_features_and_lines_their_overlaps() -> None:
    figure = drawn(snapshot_of(TWO_DIGONS, PENTAGON_AND_DIGON))
    digons, mixed = panels(figure)
    assert (len(np.asarray(dots(digons).get_offsets())), len(lines(digons).get_segments())) == (
        4,
        2,
    )
    assert (len(np.asarray(dots(mixed).get_offsets())), len(lines(mixed).get_segments())) == (7, 11)
    ends = {tuple(point) for segment in lines(mixed).get_segments() for point in segment}
    assert ends == {tuple(point) for point in np.asarray(dots(mixed).get_offsets()).tolist()}


def test_stronger_overlaps_are_thicker_lines() -> None:
    widths = np.asarray(lines(panels(drawn(snapshot_of(PENTAGON_AND_DIGON)))[0]).get_linewidth())
    thin, middle, thick = np.unique(widths.round(6))
    assert [np.sum(np.isclose(widths, width)) for width in (thin, middle, thick)] == [5, 5, 1]


def test_dots_have_the_colour_of_their_dimensionality() -> None:
    colours = np.asarray(dots(panels(drawn(snapshot_of(PENTAGON_AND_DIGON)))[0]).get_facecolor())
    expected = graphs.DIMENSIONALITY(np.array(5 * [0.4] + 2 * [0.5]))
    np.testing.assert_allclose(colours, expected, atol=0.01)


def test_captions_count_regular_shapes_then_the_rest() -> None:
    unequal = direct_sum(regular_polygon(5), np.array([[1.0, 0], [0.4, 1.0], [0, 0.2]]))
    figure = drawn(snapshot_of(unequal))
    assert {"1 pentagon", "2 in irregular shapes · 1 ignored"} <= set(texts(figure))


def test_everything_is_inside_its_panel_at_equal_aspect() -> None:
    record = snapshot_of(direct_sum(*(20 * [DIGON])), PENTAGON_AND_DIGON)
    for axes in panels(drawn(record)):
        x, y = np.asarray(dots(axes).get_offsets()).T
        assert axes.get_xlim()[0] < x.min() < x.max() < axes.get_xlim()[1]
        assert axes.get_ylim()[0] < y.min() < y.max() < axes.get_ylim()[1]
        assert np.ptp(axes.get_xlim()) == pytest.approx(np.ptp(axes.get_ylim()))


def test_settings_with_shapes_are_shown_and_equal_neighbours_only_once() -> None:
    nothing = np.zeros((7, 3))
    record = snapshot_of(nothing, TWO_DIGONS, TWO_DIGONS, PENTAGON_AND_DIGON, TANGLE)
    figure = drawn(record)
    assert len(panels(figure)) == 2
    shown = [text for text in texts(figure) if text.startswith("S =")]
    assert shown == ["S = 0.2", "S = 0.6"]


def test_a_tangle_is_shown_if_there_is_nothing_else() -> None:
    (axes,) = panels(drawn(snapshot_of(TANGLE)))
    assert len(np.asarray(dots(axes).get_offsets())) > 1


def test_at_most_six_settings_are_shown_in_rows_of_three() -> None:
    shapes = [direct_sum(*(count * [DIGON])) for count in range(1, 12)]
    figure = drawn(snapshot_of(*shapes))
    bottoms = [round(axes.get_position().y0, 6) for axes in panels(figure)]
    assert [bottoms.count(bottom) for bottom in sorted(set(bottoms))] == [3, 3]
    assert {"1 digon", "11 digons"} <= set(texts(figure))
    assert any("6 of 11 settings are drawn." in text for text in texts(figure))
    whole = drawn(snapshot_of(*shapes[:6]))
    assert not any("settings are drawn" in text for text in texts(whole))


def test_the_best_of_several_restarts_is_drawn() -> None:
    record = snapshot_of(TWO_DIGONS, PENTAGON_AND_DIGON, restarts=2, losses=(0.2, 0.1))
    figure = drawn(record)
    assert "1 digon · 1 pentagon" in texts(figure)
    assert any("Best of several seeds" in text for text in texts(figure))


def test_a_note_says_if_nothing_is_represented() -> None:
    (axes,) = panels(drawn(snapshot_of(np.zeros((4, 2)))))
    assert [text.get_text() for text in axes.texts] == ["no feature is represented"]


def test_too_many_features_are_counted_but_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphs, "MAX_NODES", 6)
    (axes,) = panels(drawn(snapshot_of(PENTAGON_AND_DIGON)))
    assert [text.get_text() for text in axes.texts] == ["7 features: too many to draw"]


def test_non_finite_weights_are_hatched() -> None:
    record = with_losses(SMALL, np.full((1, 2), 0.1))
    figure = drawn(spoiled(record))
    assert any(patch.get_hatch() for axes in panels(figure) for patch in axes.patches)
    assert any("Hatched: not finite" in text for text in texts(figure))


def test_the_same_run_gives_the_same_bytes() -> None:
    record = snapshot_of(PENTAGON_AND_DIGON, TANGLE)
    first, second = (render(drawn(record), "svg") for _ in range(2))
    assert first == second


def test_isolated_features_are_dots_without_lines() -> None:
    (axes,) = panels(drawn(snapshot_of(np.eye(2))))
    assert np.shape(dots(axes).get_offsets()) == (2, 2)
    assert not len(lines(axes).get_segments())


def test_one_feature_alone_is_drawn() -> None:
    (axes,) = panels(drawn(snapshot_of(np.eye(1))))
    assert np.shape(dots(axes).get_offsets()) == (1, 2)
