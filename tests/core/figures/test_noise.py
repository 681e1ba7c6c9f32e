"""The figure of noise: dots of each sparsity beside their line, and where they end."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from tests.core.analysis.test_hidden_noise import CONFIG, NOISE, with_lengths
from tests.core.figures.drawn import words
from tests.core.snapshots import spoiled, trained

from superpos_core.figures.registry import FIGURES
from superpos_core.figures.tools.style import render
from superpos_core.record.lanes import LanesRecord

EXACT = [np.maximum(1 - NOISE**2 / each, 0) for each in (1 / 6, 2 * (0.1 / 3 - 0.01 / 4))]


def drawn(record: LanesRecord) -> Figure:
    ((_, draw),) = FIGURES["noise"].drawings(record)
    return draw()


def dots(figure: Figure, index: int) -> list[PathCollection]:
    return [each for each in figure.axes[index].collections if isinstance(each, PathCollection)]


def test_dots_lie_on_the_lines_of_theory_and_removals_on_its_curve() -> None:
    figure = drawn(with_lengths(np.concatenate(EXACT)))
    for line, points in zip(figure.axes[0].lines, dots(figure, 0), strict=True):
        x, y = np.asarray(points.get_offsets()).T
        np.testing.assert_allclose(x, NOISE**2)
        np.testing.assert_allclose(y, np.interp(x, *np.asarray(line.get_data())), atol=1e-6)
    (curve,) = figure.axes[1].lines
    for points in dots(figure, 1):
        ((density, removal),) = np.asarray(points.get_offsets())
        assert removal == pytest.approx(np.interp(density, *np.asarray(curve.get_data())), rel=1e-3)
    assert [text.get_text() for text in figure.axes[0].texts] == ["● p = 1", "● p = 0.1"]


def test_a_diverged_run_can_be_drawn_and_says_so() -> None:
    figure = drawn(spoiled(with_lengths(np.concatenate(EXACT))))
    assert render(figure, "png")
    assert "Left out: what is not finite." in words(figure)


def test_of_many_sparsities_some_are_drawn() -> None:
    sparsities = tuple(np.linspace(0, 0.9, 10).tolist())
    figure = drawn(trained(replace(CONFIG, sparsities=sparsities)))
    assert len(dots(figure, 0)) == 6
    assert "6 of 10 sparsities are drawn." in words(figure)


def test_without_a_sweep_of_noise_there_is_no_figure() -> None:
    record = trained(replace(CONFIG, sweep="none", sweep_values=()))
    assert list(FIGURES["noise"].drawings(record)) == []
