"""The weights panel: the right entries in the right colours, and the row at the cursor visible."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tui.pictures import scene_of, selected_by
from tests.tui.strategies import depths, matrices, sizes

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.drawing.shades import DIVERGING_LEVELS, Depth
from superpos_tui.drawing.squares import POSITIVE_GLYPHS
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, Options
from superpos_tui.views.weights.matrices import PANEL
from superpos_tui.views.weights.zoom import layout_of

any_weights = matrices(40)


def scene(encoder: FloatArray, selected: int | None = None, model: str = "tied") -> Scene:
    cursor = None if selected is None else Cursor(selected, 0)
    bias = np.zeros(len(encoder))
    bias[0] = -1.3
    return scene_of(
        encoder, np.ones((1, 1)), bias=bias, model=model, options=Options(cursor=cursor)
    )


@given(any_weights, sizes, depths, st.sampled_from(["tied", "untied", "mlp"]), st.data())
def test_any_weights_fill_exactly_the_size_asked_for(
    encoder: FloatArray, size: tuple[int, int], depth: Depth, model: str, data: st.DataObject
) -> None:
    selected = data.draw(st.none() | st.integers(0, len(encoder) - 1))
    drawn = scene(encoder, selected, model)
    cells = PANEL.draw(drawn, *size, Palette(depth))
    assert (cells.width, cells.height) == size
    for y in range(size[1]):
        pick = PANEL.pick(drawn, *size, 0, y)
        assert pick is None or 0 <= selected_by(pick).feature < len(encoder)


def test_rows_are_features_and_columns_are_units_then_the_bias() -> None:
    encoder = np.zeros((6, 3))
    encoder[2, 1], encoder[5, 0] = 1.3, -1.3
    cells = PANEL.draw(scene(encoder), 40, 17, Palette())
    assert cells.row_text(0).split() == ["W", "b"]
    assert cells.row_text(1).split() == ["0", "1", "2"]
    strongest_up, strongest_down = (
        Ink.POSITIVE + DIVERGING_LEVELS - 1,
        Ink.NEGATIVE + DIVERGING_LEVELS - 1,
    )
    left = cells.row_text(0).index("W")
    bias = cells.row_text(0).index("b")
    top = next(y for y in range(17) if cells.row_text(y).split()[:1] == ["0"] and y > 1)
    zoom = (bias - left - 2) // 3
    ups = np.argwhere(cells.grounds == strongest_up)
    assert set(ups[:, 1]) >= set(range(left + zoom, left + 2 * zoom))
    row = next(y for y in range(17) if cells.row_text(y).split()[:1] == ["2"])
    assert cells.grounds[row, left + zoom] == strongest_up
    row = next(y for y in range(17) if cells.row_text(y).split()[:1] == ["5"])
    assert cells.grounds[row, left] == strongest_down
    assert cells.grounds[top, bias] == strongest_down


@pytest.mark.parametrize("depth", ["truecolor", "none"])
def test_few_features_grow_with_the_panel_as_far_as_they_stay_square(depth: Depth) -> None:
    encoder = np.full((5, 2), 1.3)
    for height in (38, 53):
        cells = PANEL.draw(scene(encoder), 50, height, Palette(depth))
        is_row = (cells.grounds != Ink.NONE) | (cells.glyphs == POSITIVE_GLYPHS[-1])
        shown = np.flatnonzero(is_row[2 : height - 2].any(axis=1)).size
        assert shown == 5 * min((height - 5) // 5, 7)


def test_two_matrices_are_named_as_the_model_has_them() -> None:
    cells = PANEL.draw(scene(np.eye(4, 2), model="untied"), 40, 17, Palette())
    assert cells.row_text(0).split() == ["W₁", "W₂ᵀ", "b"]
    assert PANEL.title(scene(np.eye(4, 2), model="untied")) == "W₁, W₂ᵀ and b"


@given(st.integers(1, 60), st.integers(1, 30), st.integers(20, 80), st.integers(3, 30), st.data())
def test_the_feature_at_the_cursor_is_in_sight_and_can_be_clicked(
    n: int, m: int, width: int, height: int, data: st.DataObject
) -> None:
    feature = data.draw(st.integers(0, n - 1))
    drawn = scene(np.ones((n, m)), feature)
    cells = PANEL.draw(drawn, width, height, Palette())
    marked = [y for y in range(height) if f"▸{feature:>{len(str(n - 1))}}" in cells.row_text(y)]
    assert marked
    layout = layout_of(drawn, width, height, Palette())
    assert layout is not None
    # A click takes what is drawn in that row: its feature, or one of the square below it.
    pick = PANEL.pick(drawn, width, height, 0, marked[0])
    assert pick is not None
    assert abs(selected_by(pick).feature - feature) < 2 * layout.merged_features
    assert selected_by(pick).other == 0


def test_every_feature_can_be_reached_by_clicks_though_two_share_a_row() -> None:
    encoder = np.ones((20, 5))
    reached = set()
    for selected in [None, *range(20)]:
        for y in range(17):
            pick = PANEL.pick(scene(encoder, selected), 36, 17, 20, y)
            if pick is not None:
                reached.add(selected_by(pick).feature)
    assert reached == set(range(20))


def test_a_click_leaves_the_other_feature_of_the_cursor_alone() -> None:
    drawn = scene_of(np.eye(4, 2), np.ones((1, 1)), options=Options(cursor=Cursor(3, 1)))
    picks = {PANEL.pick(drawn, 40, 17, 20, y) for y in range(17)} - {None}
    assert {selected_by(pick).other for pick in picks if pick} == {1}
    assert {selected_by(pick).feature for pick in picks if pick} == {0, 1, 2, 3}


@pytest.mark.parametrize("model", ["tied", "untied"])
def test_the_row_at_the_cursor_is_shown_in_numbers(model: str) -> None:
    encoder = np.array([[0.25, -0.5], [1.0, 0.0], [0.0, np.inf]])
    text = PANEL.draw(scene(encoder, 0, model), 44, 17, Palette()).text()
    assert "feature 0" in text
    # With two matrices the norm is what comes back, and so low a bias keeps the output closed.
    assert ("0.56 · b −1.30" if model == "tied" else "0.00 · b −1.30") in text
    assert "+0.25 −0.50" in text
    assert "inf" in PANEL.draw(scene(encoder, 2, model), 44, 17, Palette()).text()


@pytest.mark.parametrize("width", range(14, 60))
def test_no_number_of_the_row_at_the_cursor_is_cut(width: int) -> None:
    """``b −0`` of −0.02 was read as another number."""
    row = PANEL.draw(scene(np.eye(10, 5), 0), width, 33, Palette()).text()
    (line,) = (each for each in row.split("\n") if each.startswith("▸ feature 0"))
    assert "b" not in line or "b −1.30" in line
    assert "‖" not in line or " 1.00" in line
    assert width < 31 or "‖W" in line


def test_if_not_all_weights_fit_the_strongest_are_shown_with_their_units() -> None:
    encoder = np.full((3, 40), 0.1)
    encoder[1, 17], encoder[1, 30] = -0.9, 0.5
    text = PANEL.draw(scene(encoder, 1), 36, 17, Palette()).text()
    assert "17 −0.90  30 +0.50" in text


@given(st.integers(1, 40), st.integers(0, 39))
def test_a_cursor_moves_nothing_that_fits(n: int, feature: int) -> None:
    """Only the marker, the numbers and the value line change: every entry stays in its cell."""
    encoder = np.random.default_rng(0).uniform(-1, 1, (min(n, 20), 4))
    without = PANEL.draw(scene(encoder), 60, 30, Palette())
    with_cursor = PANEL.draw(scene(encoder, feature % len(encoder)), 60, 30, Palette())
    np.testing.assert_array_equal(without.grounds, with_cursor.grounds)


@pytest.mark.parametrize("depth", ["16", "none"])
def test_without_colours_sign_and_size_are_glyphs(depth: Depth) -> None:
    encoder = np.array([[1.3, -1.3], [0.0, np.nan]])
    text = PANEL.draw(scene(encoder), 40, 20, Palette(depth)).text()
    for glyph in "█#·?":
        assert glyph in text
