"""Windows on a matrix, and where its entries, numbers and bias are drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from superpos_core.arrays import FloatArray
from superpos_core.geometry.blocks import strongest_of_blocks
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.matrix_layout import MatrixLayout
from superpos_tui.drawing.palette import Palette, diverging_inks
from superpos_tui.drawing.span import MIN_SHOWN
from superpos_tui.drawing.squares import draw_square
from superpos_tui.drawing.window import Window

features_and_entry = st.integers(1, 300).flatmap(
    lambda n: st.tuples(st.just(n), st.integers(0, n - 1), st.integers(0, n - 1))
)


@st.composite
def windows(draw: st.DrawFn) -> tuple[Window, int]:
    """A window on a matrix, and the matrix's number of features."""
    features = draw(st.integers(1, 300))
    side = draw(st.integers(1, features))
    start = st.integers(0, features - side)
    return Window(draw(start), draw(start), side), features


layouts = st.builds(
    MatrixLayout.numbered,
    windows().map(lambda each: each[0]),
    st.integers(1, 90),
    st.integers(1, 50),
    st.booleans(),
    st.booleans(),
)


# ── windows ───────────────────────────────────────────────────────────────────────────────────


@given(windows(), st.integers(-3, 3), st.integers(1, 60), st.data())
def test_a_zoomed_window_keeps_the_entry_that_it_is_zoomed_around(
    window_of_features: tuple[Window, int], steps: int, unmerged: int, data: st.DataObject
) -> None:
    window, features = window_of_features
    entry = data.draw(st.sampled_from(window.rows)), data.draw(st.sampled_from(window.columns))
    zoomed = window.zoomed(steps, entry, features, unmerged)
    assert zoomed.has(*entry)
    assert zoomed == zoomed.within(features)
    if steps > 0:
        assert zoomed.side <= max(window.side, MIN_SHOWN)
    if steps < 0:
        assert zoomed.side >= window.side


def test_zooming_fills_the_room_and_stops_where_every_entry_has_its_square() -> None:
    window, sides = Window.whole(200), []
    for steps in (1, 1, 1, 1, -1, -1, -1, -1):
        window = window.zoomed(steps, (100, 100), 200, unmerged=46)
        sides.append(window.side)
    assert sides == [92, 46, 23, 12, 24, 46, 92, 184]


@given(windows(), st.data())
def test_a_window_moves_no_further_than_needed_to_show_an_entry(
    window_of_features: tuple[Window, int], data: st.DataObject
) -> None:
    window, features = window_of_features
    entry = data.draw(st.integers(0, features - 1)), data.draw(st.integers(0, features - 1))
    moved = window.around(*entry)
    assert moved.has(*entry)
    assert moved == moved.within(features)
    assert (moved == window) == window.has(*entry)


@pytest.mark.parametrize(
    ("entry", "moved"), [((7, 0), Window(0, 0, 10)), ((14, 9), Window(5, 5, 10))]
)
def test_on_the_diagonal_both_features_are_shown(entry: tuple[int, int], moved: Window) -> None:
    assert Window(5, 3, 10).on_diagonal(*entry) == moved


def test_an_entry_far_from_the_diagonal_keeps_its_window() -> None:
    window = Window(10, 0, 10)
    assert window.on_diagonal(19, 0) is window


@given(features_and_entry, features_and_entry)
def test_what_is_dragged_over_is_shown(
    first: tuple[int, int, int], second: tuple[int, int, int]
) -> None:
    features = max(first[0], second[0])
    blocks = [
        (range(row, row + 1), range(column, column + 1)) for _, row, column in (first, second)
    ]
    window = Window.spanning(blocks[0], blocks[1], features)
    assert window.has(*first[1:])
    assert window.has(*second[1:])
    assert window == window.within(features)


# ── layouts ───────────────────────────────────────────────────────────────────────────────────


@given(layouts, st.data())
def test_a_cell_shows_the_entries_that_are_drawn_there(
    layout: MatrixLayout | None, data: st.DataObject
) -> None:
    if layout is None:
        return
    row = data.draw(st.sampled_from(layout.window.rows))
    column = data.draw(st.sampled_from(layout.window.columns))
    x, y = layout.column_of(column), layout.row_of(row)
    assert x < layout.width
    assert y < layout.height
    shown = [layout.entries_at(x, y, lower) for lower in (False, True)]
    assert any(each and each[1] and row in each[0] and column in each[1] for each in shown)


@given(layouts, st.data())
def test_every_number_stands_beside_what_it_names(
    layout: MatrixLayout | None, data: st.DataObject
) -> None:
    if layout is None or not layout.header:
        return
    window = layout.window
    cursor = data.draw(
        st.none() | st.tuples(st.sampled_from(window.rows), st.sampled_from(window.columns))
    )
    cells = _drawn(layout, cursor)
    named = [(int(word), x) for word, x in _words(cells.row_text(0)) if word != "b"]
    assert named or layout.zoom * layout.squares < 4
    for feature, x in named:
        middle = x + (len(str(feature)) - 1) // 2
        assert feature in window.columns
        at_edge = middle != layout.column_of(feature)
        assert not at_edge or x + len(str(feature)) == layout.gutter + layout.zoom * layout.squares
    for y in range(1, cells.height) if layout.gutter else ():
        for word, _ in _words(cells.row_text(y)[: layout.gutter - 1]):
            assert layout.row_of(int(word)) == y
    if cursor is not None and layout.gutter:
        assert cells.row_text(layout.row_of(cursor[0]))[: layout.gutter].split() == [
            f"{cursor[0]}▸"
        ]


@pytest.mark.parametrize(
    ("window", "numbers"),
    [
        (Window.whole(20), ["0", "5", "10", "15", "b"]),
        (Window.whole(5), ["0", "1", "2", "3", "4", "b"]),
        (Window(40, 40, 40), ["40", "50", "60", "70", "b"]),
    ],
)
def test_few_round_numbers_stand_at_the_columns(window: Window, numbers: list[str]) -> None:
    layout = MatrixLayout.numbered(window, 60, 25, half_blocks=True)
    assert layout is not None
    assert _drawn(layout, None).row_text(0).split() == numbers


def test_numbers_give_way_to_entries() -> None:
    """With numbers, 20 rows would not fit into 10 rows of cells."""
    both, columns, none = (
        MatrixLayout.numbered(Window.whole(20), width, height, half_blocks=True)
        for width, height in ((30, 11), (22, 11), (30, 10))
    )
    assert [
        each and (each.gutter > 0, each.header, each.block) for each in (both, columns, none)
    ] == [
        (True, 1, 1),
        (False, 1, 1),
        (False, 0, 1),
    ]


def test_a_window_shows_its_entries_and_its_part_of_the_bias() -> None:
    matrix, bias = np.zeros((9, 9)), np.zeros(9)
    matrix[4, 6], bias[5] = 1.3, -1.3
    window = Window(4, 5, 4)
    layout = MatrixLayout.numbered(window, 30, 12, half_blocks=True)
    assert layout is not None
    part = matrix[window.row : window.rows.stop, window.column : window.columns.stop]
    cells = draw_square(layout, part, bias, Palette("truecolor"))
    x, y = layout.column_of(6), layout.row_of(4)
    assert cells.grounds[y, x] == diverging_inks(np.array([1.3]), 1.3)[0]
    assert cells.grounds[layout.row_of(5), layout.bias_left] == diverging_inks(bias[5:6], 1.3)[0]


def _drawn(layout: MatrixLayout, cursor: tuple[int, int] | None) -> Cells:
    entries: FloatArray = np.zeros((layout.window.side, layout.window.side))
    bias = np.zeros(max(layout.window.rows.stop, layout.window.columns.stop))
    return draw_square(layout, strongest_of_blocks(entries, layout.block), bias, Palette(), cursor)


def _words(text: str) -> list[tuple[str, int]]:
    """Each word, and the column in which it starts."""
    found, x = [], 0
    for word in text.split():
        x = text.index(word, x)
        found.append((word, x))
        x += len(word)
    return found
