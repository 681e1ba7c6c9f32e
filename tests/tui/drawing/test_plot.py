"""Axes whose ticks lie in cells, and curves that meet them and do not interrupt one another."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.tui.strategies import any_number

from superpos_core.arrays import BoolArray, FloatArray
from superpos_tui.drawing.axes import Axis, linear_axis, log_axis
from superpos_tui.drawing.canvas import BRAILLE, finite_pieces
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.numbers import short_number
from superpos_tui.drawing.palette import Ink
from superpos_tui.drawing.plot import Curve, Plot, PlotArea, label_width

ONE, OTHER, FOCUSED = Ink.GOOD, Ink.BAD, Ink.ACCENT
NO_TICKS = Axis(0, 1, ())


def plot_of(x_axis: Axis, y_axis: Axis, width: int = 40, height: int = 15) -> Plot:
    area = PlotArea.within(width, height, label_width(y_axis))
    assert area is not None
    return Plot(area, x_axis, y_axis)


def level(y: float, ink: int = Ink.LANE) -> Curve:
    return Curve(np.array([0.0, 1.0]), np.full(2, y), ink)


def cells_of(plot: Plot, curve: Curve) -> BoolArray:
    """The cells of the area that a curve passes through."""
    passed: BoolArray = plot.draw([curve]).inks[: plot.area.rows, plot.area.left :] == curve.ink
    return passed


def dots(cells: Cells) -> int:
    """The braille dots of a picture."""
    codes = np.frombuffer(cells.glyphs.astype("<U1").tobytes(), np.uint32)
    return sum(int(code - BRAILLE).bit_count() for code in codes if BRAILLE < code < BRAILLE + 256)


# ── axes ──────────────────────────────────────────────────────────────────────────────────────


def cells_of_ticks(axis: Axis, cells: int) -> list[float]:
    return [float(axis.share_of(np.array(at))) * (cells - 1) for at, _ in axis.ticks]


@given(st.integers(-20, 20), st.integers(1, 30), st.integers(3, 120), st.integers(1, 8))
def test_decades_are_evenly_spaced_and_in_the_middle_of_cells(
    low: int, span: int, cells: int, gap: int
) -> None:
    axis = log_axis(low, low + span, cells, gap, short_number)
    assert low - 1e-9 - (axis.high - axis.low) / (cells - 1) <= axis.low <= low + 1e-9
    assert axis.high >= low + span - 1e-9
    decades = [
        cell
        for (at, _), cell in zip(axis.ticks, cells_of_ticks(axis, cells), strict=True)
        if abs(at - round(at)) < 1e-9
    ]
    np.testing.assert_allclose(decades, np.rint(decades), atol=1e-6)
    distances = [b - a for a, b in pairwise(decades)]
    assert all(each >= gap - 1e-6 for each in distances)
    assert max(distances, default=0) - min(distances, default=0) < 1e-6


@pytest.mark.parametrize("low", [-8, -3, 0])
def test_no_axis_of_decades_is_half_empty(low: int) -> None:
    for span, cells in product(range(2, 30), range(4, 40)):
        axis = log_axis(low, low + span, cells, 2, short_number)
        assert span >= 0.65 * (axis.high - axis.low), (span, cells)


def test_between_decades_ticks_are_1_2_5() -> None:
    axis = log_axis(1, 4, 60, 5, short_number)
    assert [label for _, label in axis.ticks][:4] == ["10", "20", "50", "100"]
    assert len(axis.ticks) == 10


@pytest.mark.parametrize("cells", [12, 40])
def test_within_a_decade_ticks_are_round_numbers(cells: int) -> None:
    axis = log_axis(np.log10(0.021), np.log10(0.048), cells, 3, short_number)
    assert {"0.03", "0.04"} <= {label for _, label in axis.ticks}


@example(-1.52, 1.3, 3, 3)
@example(-0.78, 1.5, 5, 7)
@given(st.floats(-10, 10), st.floats(1e-3, 20), st.integers(1, 8), st.integers(0, 60))
def test_a_log_axis_has_two_ticks_that_keep_apart_wherever_it_lies(
    low: float, span: float, gap: int, more: int
) -> None:
    cells = 2 * gap + 1 + more
    axis = log_axis(low, low + span, cells, gap, short_number)
    at = cells_of_ticks(axis, cells)
    assert len(at) >= 2
    assert min(b - a for a, b in pairwise(at)) >= gap - 1e-6
    assert -1e-6 <= at[0] <= at[-1] <= cells - 1 + 1e-6


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(3, 120), st.integers(1, 8))
def test_a_linear_axis_covers_its_range_with_ticks_in_cells(
    low: float, span: float, cells: int, gap: int
) -> None:
    axis = linear_axis(low, low + span, cells, gap, short_number)
    room = 1e-6 * max(abs(low), span)
    assert axis.low <= low + room
    assert axis.high >= low + span - room
    # Beside numbers a million times their distance, rounding moves them.
    at = cells_of_ticks(axis, cells) if span > 1e-3 * abs(low) else []
    np.testing.assert_allclose(at, np.rint(at), atol=1e-3)


# ── curves ────────────────────────────────────────────────────────────────────────────────────


@given(
    arrays(np.float64, st.integers(0, 300), elements=any_number),
    st.tuples(st.integers(12, 80), st.integers(4, 20)),
)
def test_plot_survives_anything(y: FloatArray, size: tuple[int, int]) -> None:
    with np.errstate(all="ignore"):
        finite = y[np.isfinite(y)]
        axis = Axis(float(finite.min(initial=0)), float(finite.max(initial=1)), ((0.0, "0"),))
        curve = Curve(np.arange(y.size, dtype=float), y, Ink.LANE)
        plot = plot_of(Axis(0, max(y.size, 1), ((0, "0"),)), axis, *size)
        cells = plot.draw([curve], [curve])
    assert (cells.width, cells.height) == size


def test_a_gap_stays_a_gap() -> None:
    y = np.full(100, 0.5)
    y[40:60] = np.nan
    curve = Curve(np.arange(100.0), y, Ink.LANE)
    cells = plot_of(Axis(0, 99, ()), NO_TICKS, 52, 8).draw([curve])
    inked = np.flatnonzero((cells.inks == Ink.LANE).any(axis=0))
    gaps = np.diff(inked)
    assert gaps.max() >= 9
    assert (gaps > 1).sum() == 1


def test_plotting_twice_gives_the_same_picture() -> None:
    curve = Curve(np.arange(50.0), np.sin(np.arange(50.0)), Ink.LANE)
    plot = plot_of(Axis(0, 49, ((0, "0"), (49, "49"))), Axis(-1, 1, ((-1, "-1"), (1, "1"))))
    first, second = (plot.draw([curve]) for _ in range(2))
    assert first.text() == second.text()
    assert np.array_equal(first.inks, second.inks)


def test_curves_go_down_where_data_go_down() -> None:
    y = np.linspace(1, 0, 60)
    cells = plot_of(Axis(0, 59, ()), NO_TICKS).draw([Curve(np.arange(60.0), y, Ink.LANE)])
    tops = [np.flatnonzero(column)[0] for column in (cells.inks == Ink.LANE).T if column.any()]
    assert tops == sorted(tops)
    assert tops[-1] - tops[0] >= 8


def test_a_curve_meets_the_ticks_of_its_axis() -> None:
    axis = log_axis(-4, 0, 13, 1, short_number)
    for decade in range(-4, 1):
        plot = plot_of(NO_TICKS, axis)
        cells = plot.draw([level(decade)])
        (row,) = np.flatnonzero((cells.inks == Ink.LANE).any(axis=1))
        assert cells.row_text(int(row)).split("┤")[0].strip() == short_number(10.0**decade)
        assert plot.row_of(decade) == row
        assert plot.position_at(plot.area.left, int(row))[1] == pytest.approx(decade)


def test_curves_that_cross_stay_whole() -> None:
    """Every dot of each is there; a cell that they share has the ink of the one with more."""
    up = Curve(np.array([0.0, 1.0]), np.array([0.1, 0.9]), ONE)
    down = Curve(np.array([0.0, 1.0]), np.array([0.9, 0.1]), OTHER)
    plot = plot_of(NO_TICKS, NO_TICKS)
    both, alone = plot.draw([up, down, level(0, FOCUSED)]), plot.draw([up])
    crossing = cells_of(plot, up) & cells_of(plot, down)
    assert 1 <= crossing.sum() <= 4
    assert dots(both) >= dots(plot.draw([up])) + dots(plot.draw([down])) - crossing.sum() * 2
    inks = both.inks[:-2, plot.area.left :]
    assert (inks[cells_of(plot, up) & ~crossing] == ONE).all()
    assert (inks[cells_of(plot, down) & ~crossing] == OTHER).all()
    assert dots(alone) > 50


def test_the_last_curve_is_on_top_everywhere() -> None:
    plot = plot_of(NO_TICKS, NO_TICKS)
    cells = plot.draw([level(0.5, ONE), level(0.49, OTHER), level(0.5, FOCUSED)])
    inks = cells.inks[:-2, plot.area.left :]
    assert (inks[cells_of(plot, level(0.5, FOCUSED))] == FOCUSED).all()


def test_lines_behind_fill_only_free_cells() -> None:
    plot = plot_of(NO_TICKS, NO_TICKS)
    curve, behind = level(0.5, ONE), level(0.51, OTHER)
    vertical = Curve(np.full(2, 0.5), np.array([0.0, 1.0]), FOCUSED)
    cells = plot.draw([curve], [behind, vertical])
    (row,) = np.flatnonzero((cells.inks == ONE).any(axis=1))
    assert dots(plot.draw([curve])) == dots(
        Cells(cells.glyphs[row : row + 1], cells.inks[:1], cells.grounds[:1])
    )
    assert not (cells.inks[row] == FOCUSED).any()
    assert (cells.inks == FOCUSED).any(axis=1).sum() == plot.area.rows - 1


def test_finite_pieces_are_the_stretches_between_gaps() -> None:
    y = np.array([np.nan, 1, 2, np.inf, 3, np.nan])
    assert finite_pieces(np.arange(6.0), y) == [slice(1, 3), slice(4, 5)]
