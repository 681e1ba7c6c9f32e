"""The sweep: squares of all settings, as large as lets all be seen, else scrolled to the focus."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tui.pictures import after, scene_of_settings
from tests.tui.strategies import depths, encoders
from tests.tui.views.many_settings import drawn_and_computed

from superpos_core.arrays import FloatArray
from superpos_core.geometry import measures
from superpos_core.task.setting_names import sparsity_text
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.glyphs import BEYOND
from superpos_tui.drawing.palette import Ink, Palette, diverging_inks, superposition_inks
from superpos_tui.drawing.shades import Depth
from superpos_tui.drawing.squares import LIMIT
from superpos_tui.measures.loss import loss_over_linear
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, Options
from superpos_tui.views.sweep.layout import SweepLayout
from superpos_tui.views.sweep.overview import Overview
from superpos_tui.views.sweep.panel import PANEL

WIDE_VIEW, MEDIUM_VIEW, LARGE_VIEW = (118, 33), (78, 17), (196, 54)
any_encoders = encoders(40)


def noise(settings: int, features: int) -> FloatArray:
    return np.random.default_rng(0).normal(scale=0.6, size=(settings, features, 3))


def picked(scene: Scene, width: int, height: int, x: int, y: int) -> int | None:
    pick = PANEL.pick(scene, width, height, x, y, Palette())
    return None if pick is None else after(pick).focus.setting


def heading_places(cells: Cells, settings: int) -> dict[int, tuple[int, int]]:
    """The position of the heading of each shown setting: where it is named first."""
    found = {
        index: (row.index(f" S {sparsity_text(index / settings)} "), y)
        for y in reversed(range(cells.height))
        for index in range(settings)
        if f" S {sparsity_text(index / settings)} " in (row := cells.row_text(y))
    }
    return dict(sorted(found.items()))


def corner_of_entries(scene: Scene, x: int, y: int) -> tuple[int, int]:
    """The first cell of the matrix itself in the box with a corner at (x, y)."""
    layout = SweepLayout.of(scene, *WIDE_VIEW)
    assert layout.matrix is not None
    return layout.matrix_left(x) + layout.matrix.gutter, y + 1 + layout.matrix.header


def pixels(cells: Cells) -> FloatArray:
    """The ink of each half cell, (2 · height, width)."""
    upper = np.where(cells.glyphs == "▀", cells.inks, cells.grounds)
    return np.stack([upper, cells.grounds], axis=1).reshape(-1, cells.width)


@given(
    any_encoders,
    st.integers(0, 11),
    st.tuples(st.integers(1, 130), st.integers(1, 40)),
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
    corners = [(0, 0), (size[0] - 1, 0), (size[0] // 2, size[1] // 2), (size[0] - 1, size[1] - 1)]
    names = {picked(scene, *size, x, y) for x, y in corners} - {None}
    assert names <= set(range(len(encoders)))


@given(
    st.integers(1, 60),
    st.integers(0, 59),
    st.sampled_from([2, 5, 20, 80]),
    st.tuples(st.integers(26, 200), st.integers(8, 60)),
)
def test_the_focus_is_always_visible_and_hidden_settings_are_counted(
    settings: int, setting: int, features: int, size: tuple[int, int]
) -> None:
    setting %= settings
    scene = scene_of_settings(np.zeros((settings, features, 1)), setting=setting)
    cells = PANEL.draw(scene, *size, Palette())
    shown = heading_places(cells, settings)
    assert setting in shown
    assert list(shown) == list(range(min(shown), max(shown) + 1))
    last_row = cells.row_text(cells.height - 1)
    before, after = re.search(r"‹ (\d+)", last_row), re.search(r"(\d+) more ›", last_row)
    assert (int(before[1]) if before else 0) == min(shown)
    assert (int(after[1]) if after else 0) == settings - 1 - max(shown)


@pytest.mark.parametrize("size", [WIDE_VIEW, MEDIUM_VIEW, LARGE_VIEW])
@pytest.mark.parametrize("settings", [1, 5, 12])
def test_every_setting_shown_can_be_clicked(size: tuple[int, int], settings: int) -> None:
    scene = scene_of_settings(noise(settings, 20), setting=settings // 2)
    for setting, (x, y) in heading_places(PANEL.draw(scene, *size, Palette()), settings).items():
        for down in range(10):
            assert picked(scene, *size, x + 3, y + down) == setting


@pytest.mark.parametrize(
    ("size", "settings", "features", "rows"),
    [
        (WIDE_VIEW, 5, 20, [5]),
        (LARGE_VIEW, 5, 20, [3, 2]),
        (WIDE_VIEW, 6, 5, [3, 3]),
        (WIDE_VIEW, 7, 80, [4, 3]),
        (MEDIUM_VIEW, 5, 20, [3]),
    ],
)
def test_settings_are_arranged_in_even_rows(
    size: tuple[int, int], settings: int, features: int, rows: list[int]
) -> None:
    cells = PANEL.draw(scene_of_settings(noise(settings, features)), *size, Palette())
    heights = [y for _, y in heading_places(cells, settings).values()]
    assert [heights.count(y) for y in sorted(set(heights))] == rows


@pytest.mark.parametrize(("features", "zoom"), [(20, 1), (5, 4)])
def test_entries_are_square_and_coloured_by_the_product(features: int, zoom: int) -> None:
    encoders = noise(6 if features == 5 else 5, features)
    scene = scene_of_settings(encoders)
    cells = PANEL.draw(scene, *WIDE_VIEW, Palette())
    shown = pixels(cells)
    for setting, place in heading_places(cells, len(encoders)).items():
        expected = diverging_inks(encoders[setting] @ encoders[setting].T, LIMIT)
        expected = expected.repeat(zoom, axis=0).repeat(zoom, axis=1)
        left, top = corner_of_entries(scene, *place)
        rows, columns = slice(2 * top, 2 * top + features * zoom), slice(left, left + len(expected))
        np.testing.assert_array_equal(shown[rows, columns], expected)


def test_the_bar_below_each_column_is_as_high_as_the_norm() -> None:
    encoders = np.zeros((5, 20, 5))
    encoders[1, 3, 0], encoders[1, 4, 0] = 1.5, 0.75
    cells = PANEL.draw(scene_of_settings(encoders), *WIDE_VIEW, Palette())
    x, y = heading_places(cells, 5)[1]
    bars = cells.glyphs[y + 11 :, x : x + 20]
    heights = (bars == "▉").sum(axis=0)
    assert heights[3] > 4
    assert heights[4] == pytest.approx(heights[3] / 2, abs=1)
    assert heights.sum() == heights[3] + heights[4]
    shared = measures.superposition(encoders[1])
    inks = cells.inks[y + 11 :, x : x + 20][bars == "▉"]
    assert set(inks.tolist()) == set(superposition_inks(shared[3:5]).tolist())


@pytest.mark.parametrize("size", [WIDE_VIEW, LARGE_VIEW])
def test_bars_show_superposition_without_colours_too(size: tuple[int, int]) -> None:
    """Feature 0 has a dimension of its own; 1, 2 and 3 share one: superposition 0 and 2."""
    encoders = np.zeros((5, 20, 5))
    encoders[:, 0, 0] = encoders[:, 1:4, 1] = 1
    shaded = PANEL.draw(scene_of_settings(encoders), *size, Palette("none")).text()
    assert "█" in shaded
    assert "░░" in shaded
    alone = PANEL.draw(scene_of_settings(encoders * 0), *size, Palette("none")).text()
    assert shaded.count("░") > alone.count("░") + 20, "more than those of the scales"


def test_measures_are_below_each_square() -> None:
    encoders = np.zeros((5, 20, 5))
    encoders[0] = np.eye(20, 5)
    encoders[1, :10] = np.concatenate([np.eye(5), -np.eye(5)])
    cells = PANEL.draw(scene_of_settings(encoders), *WIDE_VIEW, Palette())
    lines = cells.text().replace("│", " ").splitlines()
    represented = next(line for line in lines if "represented" in line)
    assert re.findall(r"(\d+) of 20", represented) == ["5", "10", "0", "0", "0"]
    dimensions = next(line for line in lines if "D*" in line)
    assert dimensions.split()[1::2] == ["1.00", "0.50", "—", "—", "—"]
    scene = scene_of_settings(encoders)
    ratios = next(line for line in lines if "L/L_linear" in line).split()[1::2]
    expected = [scene.at_setting(setting).of(loss_over_linear) for setting in range(5)]
    assert [float(ratio) for ratio in ratios] == pytest.approx(expected, abs=6e-4)


@pytest.mark.parametrize(("features", "words"), [(5, "kept"), (20, "represented")])
def test_no_measure_lacks_its_name(features: int, words: str) -> None:
    cells = PANEL.draw(scene_of_settings(noise(10, features)), *MEDIUM_VIEW, Palette())
    (row,) = (row for row in cells.text().splitlines() if f" of {features} " in row)
    assert len(re.findall(rf"{words} +\d+ of {features}", row)) == row.count(" of ")


@pytest.mark.parametrize("setting", [0, 2, 4])
def test_a_frame_goes_around_the_focus_and_around_nothing_else(setting: int) -> None:
    cells = PANEL.draw(scene_of_settings(noise(5, 20), setting=setting), *WIDE_VIEW, Palette())
    assert [cells.text().count(corner) for corner in "╭╮╰╯"] == [1, 1, 1, 1]
    x, y = heading_places(cells, 5)[setting]
    assert cells.row_text(y)[x - 1] == "╭"
    assert (cells.inks[y, x - 1 : x + 20] == Ink.ACCENT).all()


@pytest.mark.parametrize("depth", ["truecolor", "none"])
def test_the_selected_feature_is_marked_beside_every_square(depth: Depth) -> None:
    options = Options(cursor=Cursor(19, 19))
    scene = scene_of_settings(np.zeros((5, 20, 5)), options=options)
    cells = PANEL.draw(scene, *WIDE_VIEW, Palette(depth))
    rows, _ = np.nonzero(cells.glyphs == "▸")
    assert rows.tolist() == [11] * 5


def test_of_thousands_of_settings_only_those_in_sight_are_computed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cells, computed = drawn_and_computed(PANEL, WIDE_VIEW, monkeypatch)
    assert 8 < computed == cells.text().count(" S 0.") < 40
    assert " S 0.5, I₁ ×6 " in cells.text()


def test_bars_stand_below_the_matrices_or_else_lie_beside_them_in_the_rows_of_their_features() -> (
    None
):
    """Five settings of 20 features: bars below at 118×33, beside at 196×54, where 3 + 2 fit."""
    encoders = np.zeros((5, 20, 20))
    encoders[:, range(20), range(20)] = np.linspace(0, 1.4, 20)
    scene = scene_of_settings(encoders)
    below, beside = (SweepLayout.of(scene, *size) for size in (WIDE_VIEW, LARGE_VIEW))
    assert (below.bar_rows > 0, below.side_columns) == (True, 0)
    assert (beside.bar_rows, beside.side_columns > 0) == (0, True)
    assert beside.matrix is not None
    cells = PANEL.draw(scene, *LARGE_VIEW, Palette())
    for _, left, top in beside.grid.boxes():
        x = beside.side_left(left)
        lengths = []
        for feature in range(20):
            y = top + 1 + beside.matrix.row_of(feature)
            bar = cells.row_text(y)[x : left + beside.grid.box_width].split("│")[0].rstrip()
            lengths.append(len(bar))
            assert beside.feature_of_bar(x, y) == feature
        assert lengths == sorted(lengths)
        assert lengths[-1] > 3 * lengths[5] > 0


def test_a_place_that_no_setting_takes_shows_the_numbers_of_all_as_bars() -> None:
    """Five settings of 20 features, in 3 + 2 boxes at 196×54: of setting k, 4·k features."""
    encoders = np.zeros((5, 20, 20))
    for setting in range(5):
        encoders[setting, range(4 * setting), range(4 * setting)] = 1
    scene = scene_of_settings(encoders, setting=3)
    overview = Overview.beside(SweepLayout.of(scene, *LARGE_VIEW).grid, scene)
    assert overview is not None
    assert overview.parts == 3
    cells = PANEL.draw(scene, *LARGE_VIEW, Palette())
    first, *_ = overview.rows()
    right = slice(overview.left, overview.left + overview.width)
    assert cells.row_text(first)[right].strip() == "features represented"
    bars = [cells.row_text(first + 1 + setting)[right].count("▇") for setting in range(5)]
    assert bars == [round(overview.bars * 4 * setting / 20) for setting in range(5)]
    for setting in range(5):
        y = first + 1 + setting
        assert f"{4 * setting} of 20" in cells.row_text(y)[right]
        assert picked(scene, *LARGE_VIEW, overview.left + 2, y) == setting
        read = PANEL.read(scene, *LARGE_VIEW, overview.left + 2, y, Palette())
        assert read.startswith(f"S {setting / 5:g} · represented {4 * setting} of 20")
    focused = cells.inks[first + 4, overview.left : overview.left + overview.names - 1]
    assert set(focused.tolist()) == {Ink.ACCENT}


@pytest.mark.parametrize(("settings", "size"), [(4, LARGE_VIEW), (6, LARGE_VIEW), (5, MEDIUM_VIEW)])
def test_no_numbers_are_repeated_where_boxes_take_all_places(
    settings: int, size: tuple[int, int]
) -> None:
    scene = scene_of_settings(noise(settings, 20))
    assert Overview.beside(SweepLayout.of(scene, *size).grid, scene) is None


def test_bars_beside_a_matrix_end_in_an_arrow_if_they_do_not_fit() -> None:
    encoders = np.zeros((5, 20, 20))
    encoders[:, 3, 3] = 5
    cells = PANEL.draw(scene_of_settings(encoders), *LARGE_VIEW, Palette())
    assert cells.text().count(BEYOND) == 5
