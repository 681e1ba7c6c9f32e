"""Beyond three dimensions, each shape is a small graph: five digons are five pictures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.polytopes import DIGON, direct_sum, random_orthogonal, regular_polygon
from tests.tui.pictures import options_with, scene_of, selected_by
from tests.tui.strategies import depths, sizes

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Palette, diverging_inks
from superpos_tui.drawing.shades import Depth
from superpos_tui.drawing.squares import LIMIT
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, ViewState
from superpos_tui.views.geometry.graph_layout import GraphLayout
from superpos_tui.views.geometry.space import draw, pick, read

WIDTH, HEIGHT = 74, 34
SIZES = [(41, 17), (74, 34), (120, 54)]


def scene(encoder: FloatArray, *states: ViewState, cursor: Cursor | None = None) -> Scene:
    return scene_of(encoder, np.ones((1, 1)), options=options_with(*states, cursor=cursor))


def digons(count: int) -> FloatArray:
    return direct_sum(*[DIGON] * count)


def words(cells: Cells) -> list[str]:
    """All words, without those of the legend."""
    return [word for y in range(cells.height - 1) for word in cells.row_text(y).split()]


@pytest.mark.parametrize("size", SIZES)
def test_five_digons_are_five_pictures_with_all_numbers(size: tuple[int, int]) -> None:
    ignored = np.vstack([digons(5), np.zeros((10, 5))])
    shown = words(draw(scene(ignored @ random_orthogonal(0, 5)), *size, Palette()))
    assert shown.count("digon") == 5
    assert [shown.count(str(feature)) for feature in range(11)] == [*[1] * 10, 0]


def test_lines_have_the_colour_of_the_product() -> None:
    cells = draw(scene(digons(4)), WIDTH, HEIGHT, Palette())
    (negative,) = diverging_inks(np.array([-1.0]), LIMIT)
    assert (cells.inks == negative).sum() > 4 * 5


def test_larger_shapes_come_first() -> None:
    looked_at = scene(direct_sum(DIGON, DIGON, regular_polygon(5)))
    names = [box.picture.shape.name for box in GraphLayout.of(looked_at, WIDTH, HEIGHT).boxes]
    assert names == ["pentagon", "digon", "digon"]


@pytest.mark.parametrize("size", SIZES)
def test_a_click_at_a_dot_selects_its_feature_and_beside_all_none(size: tuple[int, int]) -> None:
    looked_at = scene(direct_sum(DIGON, DIGON, regular_polygon(5)))
    for box in GraphLayout.of(looked_at, *size).boxes:
        for feature, (x, y) in zip(box.picture.shape.features, box.nodes, strict=True):
            picked = pick(looked_at, *size, int(x) // DOTS_ACROSS, int(y) // DOTS_DOWN)
            assert picked is not None
            assert selected_by(picked).feature == feature
    assert pick(looked_at, *size, size[0] - 1, size[1] - 1) is None


@pytest.mark.parametrize("feature", [0, 60, 119])
@pytest.mark.parametrize("size", SIZES)
def test_of_many_shapes_as_many_as_fit_are_drawn_with_that_of_the_cursor(
    feature: int, size: tuple[int, int]
) -> None:
    looked_at = scene(digons(60), cursor=Cursor(feature, feature))
    cells = draw(looked_at, *size, Palette())
    layout = GraphLayout.of(looked_at, *size)
    assert len(layout.boxes) + layout.more == 60
    assert layout.more == 0 or f"and {layout.more} more" in cells.row_text(size[1] - 1)
    assert f"▸{feature}" in cells.text()
    rows = {box.top + box.height for box in layout.boxes}
    assert max(rows) < size[1]


def test_the_selected_feature_and_its_shape_are_marked_and_keep_their_colour() -> None:
    plain = draw(scene(digons(4)), WIDTH, HEIGHT, Palette())
    marked = draw(scene(digons(4), cursor=Cursor(3, 3)), WIDTH, HEIGHT, Palette())
    assert "▸ digon" in marked.text()
    assert "▸3" in marked.text()
    dots = np.vectorize(lambda glyph: ord(glyph) > 0x2800)(plain.glyphs)
    np.testing.assert_array_equal(marked.inks[dots], plain.inks[dots])


def test_what_is_under_the_pointer_is_read() -> None:
    looked_at = scene(np.vstack([digons(4), np.zeros((1, 4))]))
    (box, *_) = GraphLayout.of(looked_at, WIDTH, HEIGHT).boxes
    x, y = (int(each) for each in box.nodes[0] // [DOTS_ACROSS, DOTS_DOWN])
    text = read(looked_at, WIDTH, HEIGHT, x, y)
    assert text == "feature 0 · ‖W_0‖ 1.00 · D 0.50 · digon 0 1"
    assert read(looked_at, WIDTH, HEIGHT, 0, HEIGHT - 1) == ""
    plane = scene(np.array([[1.0, 0], [0.1, 0]]))
    assert read(plane, WIDTH, HEIGHT, WIDTH // 2 + 1, HEIGHT // 2).endswith("D 0.01 · ignored")


@given(sizes, depths, st.integers(0, 40), st.integers(4, 9), st.integers(0, 99))
def test_any_weights_fill_exactly_the_size(
    size: tuple[int, int], depth: Depth, features: int, hidden: int, seed: int
) -> None:
    encoder = np.random.default_rng(seed).standard_normal((features + 1, hidden))
    cells = draw(scene(encoder), *size, Palette(depth))
    assert (cells.width, cells.height) == size


def test_without_any_shape_it_says_why() -> None:
    assert "no feature is represented" in draw(scene(np.zeros((5, 4))), 60, 20, Palette()).text()
    assert "not finite" in draw(scene(np.full((5, 4), np.nan)), 60, 20, Palette()).text()
