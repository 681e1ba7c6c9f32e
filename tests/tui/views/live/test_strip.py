"""The strip: a thumbnail of every setting, the one in focus always visible and framed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tui.pictures import after, scene_of_settings
from tests.tui.strategies import depths, encoders
from tests.tui.views.many_settings import drawn_and_computed

from superpos_core.arrays import FloatArray
from superpos_core.experiments import experiment_named
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.drawing.shades import DIVERGING_LEVELS, Depth
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, Options
from superpos_tui.views.live.strip import PANEL
from superpos_tui.views.live.strip_layout import StripLayout

STRONGEST_POSITIVE = Ink.POSITIVE + DIVERGING_LEVELS - 1
STRONGEST_NEGATIVE = Ink.NEGATIVE + DIVERGING_LEVELS - 1
LIVE_VIEW, NARROW_VIEW = (118, 7), (33, 6)
any_encoders = encoders(25)


def scene_of_equals(
    settings: int, features: int, setting: int, selected: int | None = None
) -> Scene:
    """Every feature in the same direction, so that every entry of the square is 1."""
    options = Options(cursor=None if selected is None else Cursor(selected, selected))
    encoders = np.ones((settings, features, 1))
    return scene_of_settings(encoders, setting=setting, options=options)


def picked(scene: Scene, width: int, height: int, x: int, y: int) -> int | None:
    pick = PANEL.pick(scene, width, height, x, y, Palette())
    return None if pick is None else after(pick).focus.setting


def columns_of(cells: Cells, ink: int) -> list[int]:
    """The columns that contain an ink, as a glyph's ink or as a ground."""
    there = (cells.inks == ink) & (cells.glyphs != " ") | (cells.grounds == ink)
    return np.flatnonzero(there.any(axis=0)).tolist()


@given(
    any_encoders,
    st.integers(0, 11),
    st.tuples(st.integers(1, 90), st.integers(1, 14)),
    depths,
    st.booleans(),
)
def test_any_data_fill_exactly_the_size_asked_for_and_a_click_names_a_setting(
    encoders: FloatArray, setting: int, size: tuple[int, int], depth: Depth, select: bool
) -> None:
    setting %= len(encoders)
    cursor = Cursor(encoders.shape[1] - 1, 0) if select else None
    options = Options(cursor=cursor)
    scene = scene_of_settings(encoders, setting=setting, options=options)
    cells = PANEL.draw(scene, *size, Palette(depth))
    assert (cells.width, cells.height) == size
    names = {picked(scene, *size, x, y) for x in range(size[0]) for y in range(size[1])} - {None}
    assert names <= set(range(len(encoders)))


@given(st.integers(1, 40), st.integers(0, 39), st.integers(14, 120), st.integers(1, 9))
def test_the_focus_is_always_in_sight(count: int, setting: int, width: int, height: int) -> None:
    setting %= count
    scene = scene_of_equals(count, 6, setting)
    cells = PANEL.draw(scene, width, height, Palette())
    accents = columns_of(cells, Ink.ACCENT)
    assert accents
    assert picked(scene, width, height, accents[len(accents) // 2], 0) == setting


@pytest.mark.parametrize("setting", [0, 2, 4])
def test_a_frame_goes_around_the_focus_and_around_nothing_else(setting: int) -> None:
    cells = PANEL.draw(scene_of_equals(5, 20, setting), *LIVE_VIEW, Palette())
    text = cells.text()
    assert [text.count(corner) for corner in "╭╮╰╯"] == [1, 1, 1, 1]
    top = cells.row_text(0)
    framed = top[top.index("╭") : top.index("╮")]
    assert f" S {setting / 5:g} " in framed
    assert framed.count("S") == 1


@pytest.mark.parametrize("size", [LIVE_VIEW, NARROW_VIEW, (60, 3), (50, 1)])
def test_each_label_can_be_clicked(size: tuple[int, int]) -> None:
    scene = scene_of_equals(5, 20, 2)
    top = PANEL.draw(scene, *size, Palette()).row_text(0)
    seen = [index for index in range(5) if f" S {index / 5:g} " in top.replace("▸", " ") + " "]
    assert 2 in seen
    for index in seen:
        assert picked(scene, *size, top.index(f"S {index / 5:g}"), 0) == index


def test_if_not_all_fit_the_ends_lead_to_the_others() -> None:
    scene = scene_of_equals(9, 20, 4)
    width, height = NARROW_VIEW
    cells = PANEL.draw(scene, width, height, Palette())
    assert "‹" in cells.text()
    assert "›" in cells.text()
    shown = [index for index in range(9) if f" S {index / 9:.4g} " in cells.row_text(0)]
    assert 4 in shown
    assert picked(scene, width, height, 0, 3) == shown[0] - 1
    assert picked(scene, width, height, width - 1, 3) == shown[-1] + 1
    first = PANEL.draw(scene_of_equals(9, 20, 0), width, height, Palette()).text()
    assert "‹" not in first
    assert "›" in first
    everything = PANEL.draw(scene_of_equals(5, 20, 0), *LIVE_VIEW, Palette()).text()
    assert "‹" not in everything
    assert "›" not in everything


@pytest.mark.parametrize(
    ("size", "pixels", "numbers"),
    [
        (LIVE_VIEW, 10, "20 of 20"),
        ((136, 10), 20, "20/20"),
        ((172, 10), 20, "20 of 20"),
        ((116, 33), 20, "20 of 20"),
        ((196, 53), 40, "20 of 20"),
    ],
)
def test_the_more_room_the_larger_are_the_squares_of_all_settings(
    size: tuple[int, int], pixels: int, numbers: str
) -> None:
    scene = scene_of_settings(np.ones((5, 20, 1)))
    cells = PANEL.draw(scene, *size, Palette())
    matrix = StripLayout.of(scene, *size).matrix
    assert matrix is not None
    assert matrix.width == pixels
    assert cells.text().count(numbers) == 5
    assert all(f"{index / 5:g}" in cells.text() for index in range(5))
    assert "▉" in cells.text(), "bars of norms"
    reading = PANEL.reading_within(200, scene, size)
    assert ("largest of 2×2" in reading) == (pixels < 20)
    assert "bars: norms" in reading
    assert "above" not in reading


@pytest.mark.parametrize(("width", "on_one_line"), [(100, 5), (148, 5), (136, 0)])
def test_the_name_of_d_star_is_above_its_value_only_where_both_have_no_room(
    width: int, on_one_line: int
) -> None:
    text = PANEL.draw(scene_of_settings(np.ones((5, 20, 1))), width, 10, Palette()).text()
    assert text.count("20/20") == text.count("D*") == text.count("0.05") == 5
    assert text.count("D* 0.05") == on_one_line


def test_squares_are_as_wide_as_high_and_an_antipodal_pair_shows_both_signs() -> None:
    encoders = np.array([[[1.2], [-1.2]]])
    cells = PANEL.draw(scene_of_settings(encoders), 40, 7, Palette())
    positive, negative = (
        columns_of(cells, STRONGEST_POSITIVE),
        columns_of(cells, Ink.NEGATIVE + DIVERGING_LEVELS - 1),
    )
    assert positive == negative
    assert len(positive) == 2 * 5
    rows = (cells.grounds >= Ink.POSITIVE).any(axis=1)
    assert rows.sum() == 5


def test_the_numbers_are_those_of_the_measures() -> None:
    encoders = np.stack([np.eye(20, 5), np.zeros((20, 5))])
    text = PANEL.draw(scene_of_settings(encoders), *LIVE_VIEW, Palette()).text()
    assert " 5 of 20" in text
    assert "D* 1.00" in text
    assert " 0 of 20" in text
    assert "D*    —" in text


@pytest.mark.parametrize("depth", ["truecolor", "none"])
def test_the_selected_feature_is_marked_in_every_thumbnail(depth: Depth) -> None:
    marked = []
    for selected in (0, 3):
        cells = PANEL.draw(scene_of_equals(3, 4, 0, selected), 60, 10, Palette(depth))
        rows, _ = np.nonzero(cells.glyphs == "▸")
        assert rows.size == 3
        marked.append(set(rows.tolist()))
    assert max(marked[0]) < min(marked[1])


def test_of_thousands_of_settings_only_those_in_sight_are_computed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cells, computed = drawn_and_computed(PANEL, LIVE_VIEW, monkeypatch)
    assert 3 < computed == cells.row_text(0).count("S ") < 20
    assert "S 0.5, I₁ ×6" in cells.row_text(0)


def test_where_the_frame_has_no_room_brackets_enclose_the_focus() -> None:
    cells = PANEL.draw(scene_of_equals(5, 20, 2), 136, 10, Palette())
    text = cells.text()
    assert [text.count(corner) for corner in "╭╮╰╯"] == [1, 1, 1, 1]
    top = cells.row_text(0)
    assert "0.4" in top[top.index("╭") : top.index("╮")]
    assert cells.inks[0, top.index("0.4")] == Ink.ACCENT


@pytest.mark.parametrize("count", range(5, 13))
@pytest.mark.parametrize("size", [(116, 7), (74, 4), (180, 10)], ids=str)
def test_every_square_says_its_sparsity_and_how_many_features_it_represents(
    count: int, size: tuple[int, int]
) -> None:
    """The features only where a row is left for them: not at 80×24."""
    scene = scene_of_equals(count, 20, 2)
    cells = PANEL.draw(scene, *size, Palette())
    grid = StripLayout.of(scene, *size).grid
    for setting, x, y in grid.boxes():
        rows = range(y, y + grid.box_height)
        box = "\n".join(cells.row_text(row)[x : x + grid.box_width] for row in rows)
        assert f"{setting / count:g}"[:4] in box
        if size[1] > 4:
            assert any(text in box for text in ("20 of 20", "20/20"))
            assert "k of 20: features represented" in PANEL.reading_within(200, scene, size)


def test_its_title_says_what_a_swept_symbol_is() -> None:
    config = experiment_named("pentagon").config
    scene = scene_of_settings(np.ones((13, 5, 2)), config=replace(config, restarts=1))
    assert PANEL.title(scene) == "W·Wᵀ at every p₀ (density of feature 0)"
    assert PANEL.title(scene_of_equals(5, 20, 0)) == "W·Wᵀ at every sparsity"
