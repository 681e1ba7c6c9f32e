"""The figure of hysteresis: two curves per sparsity, one in each direction."""

from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure
from tests.core.analysis.test_hysteresis import CONFIG, NOISE, counts_of, with_counts
from tests.core.figures.drawn import words
from tests.core.snapshots import trained

from superpos_core.figures.hysteresis import DOWN, UP
from superpos_core.figures.registry import FIGURES
from superpos_core.figures.tools.style import render
from superpos_core.record.lanes import LanesRecord

RECORD = with_counts(
    np.transpose([counts_of(4, 3), counts_of(5, 2), counts_of(14, 3), counts_of(13, 3)]).tolist()
)


def drawn(record: LanesRecord) -> Figure:
    ((_, draw),) = FIGURES["hysteresis"].drawings(record)
    return draw()


def test_each_panel_has_the_means_of_both_directions_and_theory() -> None:
    figure = drawn(RECORD)
    assert len(figure.axes) == 2
    for axes, removal in zip(figure.axes, (1 / 6, 0.155), strict=True):
        down, up, dashed = axes.lines
        assert (up.get_color(), up.get_marker()) == (UP, ">")
        assert (down.get_color(), down.get_marker()) == (DOWN, "<")
        np.testing.assert_allclose(np.asarray(up.get_xdata()), NOISE)
        np.testing.assert_allclose(np.asarray(dashed.get_xdata()) ** 2, removal)
    down, up, _ = figure.axes[1].lines
    np.testing.assert_array_equal(up.get_ydata(), [8] * 13 + [4] + [0] * 7)
    np.testing.assert_array_equal(down.get_ydata(), [6] * 4 + [0] * 17)
    text = words(figure)
    assert "▶ as noise rises" in text
    assert "S = 0.7, p = 0.3" in text
    assert "the mean of 2 restarts" in text


def test_without_theory_there_is_no_line_and_no_word_of_it() -> None:
    figure = drawn(replace(RECORD, config=replace(CONFIG, weight_decay=0.1)))
    assert [len(axes.lines) for axes in figure.axes] == [2, 2]
    assert "√(2V)" not in words(figure)


def test_a_diverged_run_can_be_drawn_and_says_so() -> None:
    diverged = [np.nan if plateau > 30 else count for plateau, count in enumerate(counts_of(4, 3))]
    figure = drawn(with_counts(np.transpose([counts_of(4, 3), diverged] * 2).tolist()))
    assert render(figure, "png")
    assert "Left out: stairs that are not there yet, or not finite." in words(figure)


def test_of_many_sparsities_some_are_drawn() -> None:
    sparsities = tuple(np.linspace(0, 0.9, 10).tolist())
    figure = drawn(trained(replace(CONFIG, sparsities=sparsities)))
    assert len(figure.axes) == 6
    assert "6 of 10 sparsities are drawn." in words(figure)


def test_of_constant_noise_there_is_no_figure() -> None:
    record = trained(replace(CONFIG, hidden_noise_schedule="constant"))
    assert list(FIGURES["hysteresis"].drawings(record)) == []
