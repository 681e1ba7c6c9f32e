"""The geometry panel: spokes along the features, labels, colours, and clicks."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.polytopes import upright_polygon
from tests.tui.pictures import after, options_with, scene_of, selected_by
from tests.tui.strategies import depths, matrices, sizes

from superpos_core.arrays import FloatArray
from superpos_core.record.snapshot import Snapshot
from superpos_core.task.config import ExperimentConfig
from superpos_tui.drawing.canvas import DOTS_ACROSS, DOTS_DOWN
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Ink, Palette, category_ink
from superpos_tui.drawing.shades import SEQUENTIAL_LEVELS, Depth
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, ViewState
from superpos_tui.views.geometry.space import PANEL, draw, pick
from superpos_tui.views.geometry.spoke_layout import SpokeLayout
from superpos_tui.views.registry import VIEWS
from superpos_tui.views.shared.colouring import COLOURINGS, ColouredBy, Colouring
from superpos_tui.views.shared.feature_colours import feature_inks
from superpos_tui.views.shared.viewpoint import Viewpoint

WIDTH, HEIGHT = 80, 31
LOSSES = np.ones((1, 1))
BRAILLE = range(0x2801, 0x2900)


def scene(encoder: FloatArray, *states: ViewState, cursor: Cursor | None = None) -> Scene:
    return scene_of(encoder, LOSSES, options=options_with(*states, cursor=cursor))


def label_place(cells: Cells, text: str) -> tuple[int, int] | None:
    """The column and row of a separate number."""
    for y in range(cells.height - 1):
        row = "".join(glyph if glyph.isdigit() else " " for glyph in cells.row_text(y))
        if text in row.split():
            return f" {row} ".index(f" {text} "), y
    return None


def from_the_middle(place: tuple[int, int]) -> tuple[float, float]:
    """A cell as how far to the right and up it is, in units in which cells are square."""
    x, y = place
    return DOTS_ACROSS * (x - WIDTH / 2), -DOTS_DOWN * (y - (HEIGHT - 1) / 2)


@given(matrices(12), sizes, depths, st.sampled_from(COLOURINGS), st.data())
def test_any_weights_fill_exactly_the_size_and_a_click_finds_a_feature_that_is_there(
    encoder: FloatArray,
    size: tuple[int, int],
    depth: Depth,
    colouring: ColouredBy,
    data: st.DataObject,
) -> None:
    features = st.integers(0, len(encoder) - 1)
    chosen = data.draw(st.one_of(st.none(), st.builds(Cursor, features, features)))
    looked_at = scene(encoder, Colouring(colouring), cursor=chosen)
    cells = draw(looked_at, *size, Palette(depth))
    assert (cells.width, cells.height) == size
    x, y = data.draw(st.tuples(st.integers(0, size[0] - 1), st.integers(0, size[1] - 1)))
    picked = pick(looked_at, *size, x, y)
    if picked is not None:
        cursor = selected_by(picked)
        assert np.isfinite(encoder[cursor.feature]).all()


@pytest.mark.parametrize("corners", [3, 4, 5, 6, 8])
def test_every_corner_of_a_polygon_has_its_number_in_its_direction(corners: int) -> None:
    cells = draw(scene(upright_polygon(corners)), WIDTH, HEIGHT, Palette())
    for feature, (x, y) in enumerate(upright_polygon(corners)):
        place = label_place(cells, str(feature))
        assert place is not None
        across, up = from_the_middle(place)
        assert (across * x + up * y) / math.hypot(across, up) > math.cos(math.radians(20))


def test_a_spoke_of_length_1_ends_on_the_circle_and_a_spoke_of_length_15_at_the_edge() -> None:
    for length in (1.0, 1.5):
        layout = SpokeLayout.of(scene(np.array([[length, 0.0], [0.0, 1.0]])), WIDTH, HEIGHT)
        reach = math.hypot(layout.x[0] - layout.x0, layout.y[0] - layout.y0)
        assert reach == pytest.approx(length * layout.unit)
        assert layout.radius == 1
    assert 1.5 * layout.unit == pytest.approx(DOTS_DOWN * (HEIGHT - 1) / 2, abs=1)


def test_the_circle_is_a_circle() -> None:
    """It is as many dots high as wide; the features are too short to cover it."""
    cells = draw(scene(np.full((1, 2), 0.01)), WIDTH, HEIGHT, Palette())
    inked = np.array([[ord(glyph) in BRAILLE for glyph in row] for row in cells.glyphs])
    columns, rows = np.flatnonzero(inked.any(axis=0)), np.flatnonzero(inked.any(axis=1))
    across = DOTS_ACROSS * (columns[-1] - columns[0] + 1)
    down = DOTS_DOWN * (rows[-1] - rows[0] + 1)
    assert abs(across - down) <= DOTS_DOWN


def test_weights_that_turn_together_give_the_same_picture() -> None:
    turn = np.array([[math.cos(1), -math.sin(1)], [math.sin(1), math.cos(1)]])
    plain = draw(scene(upright_polygon(5)), WIDTH, HEIGHT, Palette())
    turned = draw(scene(upright_polygon(5) @ turn), WIDTH, HEIGHT, Palette())
    assert plain.text() == turned.text()


def test_longer_spokes_make_the_scale_coarser_by_powers_of_two() -> None:
    for longest, radius in ((1.4, 1), (1.6, 2), (3.1, 4), (1e30, 2.0**100)):
        layout = SpokeLayout.of(scene(np.diag([longest, 0.1])), WIDTH, HEIGHT)
        assert layout.radius == pytest.approx(radius)
        assert abs(layout.y - layout.y0).max() <= 1.5 * layout.unit
    cells = draw(scene(np.diag([1.6, 1.0])), WIDTH, HEIGHT, Palette())
    assert cells.row_text(HEIGHT - 1).endswith("circle: length 2")


def test_ignored_features_have_no_number_unless_they_are_selected() -> None:
    encoder = np.array([[0.0, 1.0], [0.3, 0.0]])
    cells = draw(scene(encoder), WIDTH, HEIGHT, Palette())
    assert label_place(cells, "0") is not None
    assert label_place(cells, "1") is None
    selected = draw(scene(encoder, cursor=Cursor(1, 0)), WIDTH, HEIGHT, Palette())
    assert "▸1" in selected.text()


def test_where_none_is_represented_all_but_the_shortest_have_spokes() -> None:
    """Dense features on a ring are all shorter than ½, and still the picture is the ring."""
    ring = 0.4 * upright_polygon(12)
    ring[5] *= 0.1
    layout = SpokeLayout.of(scene(ring), WIDTH, HEIGHT)
    assert np.flatnonzero(~layout.long).tolist() == [5]
    ring[0] *= 2
    layout = SpokeLayout.of(scene(ring), WIDTH, HEIGHT)
    assert np.flatnonzero(layout.long).tolist() == [0]


def test_weights_near_0_have_no_spokes() -> None:
    assert not SpokeLayout.of(scene(0.1 * upright_polygon(5)), WIDTH, HEIGHT).long.any()


@given(st.integers(0, 4), depths)
def test_the_selected_feature_is_highlighted_and_moves_nothing(feature: int, depth: Depth) -> None:
    pentagon = upright_polygon(5)
    plain = draw(scene(pentagon), WIDTH, HEIGHT, Palette(depth))
    selected = draw(scene(pentagon, cursor=Cursor(feature, 0)), WIDTH, HEIGHT, Palette(depth))
    assert f"▸{feature}" in selected.text()
    marks = selected.inks == Ink.ACCENT
    assert "".join(selected.glyphs[marks]) == f"▸{feature}"
    assert not (plain.inks == Ink.ACCENT).any()
    changed = (selected.glyphs != plain.glyphs) & ~marks
    # The larger end, the number moved by the marker, and cells in the middle shared by spokes.
    assert 0 < changed.sum() <= 12
    recoloured = selected.inks[(selected.inks != plain.inks) & ~marks]
    assert set(recoloured.tolist()) <= set(feature_inks(scene(pentagon)).tolist())


@pytest.mark.parametrize("encoder", [upright_polygon(5), np.vstack([np.eye(3), -np.eye(3)])])
def test_a_click_on_a_spokes_end_selects_its_feature(encoder: FloatArray) -> None:
    looked_at = scene(encoder)
    layout = SpokeLayout.of(looked_at, WIDTH, HEIGHT)
    for feature in range(len(encoder)):
        x, y = int(layout.x[feature]) // DOTS_ACROSS, int(layout.y[feature]) // DOTS_DOWN
        picked = pick(looked_at, WIDTH, HEIGHT, x, y)
        assert picked is not None
        assert selected_by(picked) == Cursor(feature, feature)
    again = pick(scene(encoder, cursor=Cursor(0, 3)), WIDTH, HEIGHT, x, y)
    assert again is not None
    assert selected_by(again) == Cursor(len(encoder) - 1, 3)
    assert pick(looked_at, WIDTH, HEIGHT, 10, HEIGHT - 1) is None


def test_a_turn_by_90_degrees_brings_the_sides_to_the_front() -> None:
    """Seen from the height of the equator, with no feature hidden behind another."""
    encoder = np.vstack([np.eye(3), -np.eye(3)])
    first = SpokeLayout.of(scene(encoder, Viewpoint(0.0, 0.0)), WIDTH, HEIGHT)
    turned = SpokeLayout.of(scene(encoder, Viewpoint(90.0, 0.0)), WIDTH, HEIGHT)
    unit, x0 = first.unit, first.x0
    # 0 and 3 lie on the upright, 1 and 4 on the horizontal, 2 behind and 5 in front of the origin.
    assert (first.x - x0) / unit == pytest.approx([0, 1, 0, 0, -1, 0])
    assert (turned.x - x0) / unit == pytest.approx([0, 0, -1, 0, 0, 1])
    assert first.y == pytest.approx(turned.y)
    assert first.behind.tolist() == [False, False, True, False, False, False]
    assert turned.behind.tolist() == [False, True, False, False, False, False]


def test_from_above_the_upright_points_at_the_viewer() -> None:
    encoder = np.vstack([np.eye(3), -np.eye(3)])
    layout = SpokeLayout.of(scene(encoder, Viewpoint(0.0, 90.0)), WIDTH, HEIGHT)
    assert (layout.x[0], layout.y[0]) == pytest.approx((layout.x0, layout.y0))
    assert layout.behind.tolist() == [False, False, False, True, False, False]
    # What was far stands above, what was near below.
    assert layout.y[2] < layout.y0 < layout.y[5]


@given(st.floats(-360, 360), st.floats(-90, 90))
def test_however_it_is_turned_opposite_features_stay_opposite(turn: float, tilt: float) -> None:
    encoder = np.vstack([np.eye(3), -np.eye(3)])
    layout = SpokeLayout.of(scene(encoder, Viewpoint(turn, tilt)), WIDTH, HEIGHT)
    across, down = layout.x - layout.x0, layout.y - layout.y0
    np.testing.assert_allclose(across[:3], -across[3:], atol=1e-9)
    np.testing.assert_allclose(down[:3], -down[3:], atol=1e-9)
    # The axes' places to the right are a row of a rotation: its length is 1.
    assert np.sum(across[:3] ** 2) == pytest.approx(layout.unit**2)
    assert np.sum(down[:3] ** 2) == pytest.approx(layout.unit**2)
    assert not (layout.behind[:3] & layout.behind[3:]).any()


def test_numbers_of_features_behind_are_dim() -> None:
    encoder = np.vstack([np.eye(3), -np.eye(3)])
    cells = draw(scene(encoder), WIDTH, HEIGHT, Palette())
    behind = SpokeLayout.of(scene(encoder), WIDTH, HEIGHT).behind
    for feature in range(6):
        place = label_place(cells, str(feature))
        assert place is not None
        x, y = place
        assert cells.inks[y, x] == (Ink.MUTED if behind[feature] else Ink.TEXT)


def test_without_colours_a_spoke_behind_is_dotted() -> None:
    """The same spoke, from above and from below: the sphere has as many dots either way."""
    dots = {}
    for tilt in (60.0, -60.0):
        cells = draw(scene(np.eye(1, 3), Viewpoint(tilt=tilt)), WIDTH, HEIGHT, Palette("none"))
        codes = [ord(glyph) - 0x2800 for glyph in cells.glyphs.ravel() if ord(glyph) in BRAILLE]
        dots[tilt] = sum(code.bit_count() for code in codes)
    unit = SpokeLayout.of(scene(np.eye(1, 3)), WIDTH, HEIGHT).unit
    assert dots[60.0] - dots[-60.0] > 0.5 * (2 / 3) * unit * math.cos(math.radians(60))


def test_the_title_says_how_many_dimensions_there_are() -> None:
    assert PANEL.title(scene(np.eye(5))) == "feature graphs in 5 dimensions"
    assert PANEL.title(scene(upright_polygon(5))) == "features in the hidden plane"
    assert PANEL.title(scene(np.eye(3))) == "features in hidden space"
    assert PANEL.title(scene(np.ones((2, 1)))) == "features on the hidden line"


def test_partners_share_a_colour_and_the_legend_names_their_shape() -> None:
    encoder = np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1], [0.1, 0.1]])
    looked_at = scene(encoder, Colouring("group"))
    first, second = category_ink(0), category_ink(1)
    assert feature_inks(looked_at).tolist() == [first, second, first, second, Ink.MUTED]
    legend = draw(looked_at, WIDTH, HEIGHT, Palette()).row_text(HEIGHT - 1)
    assert legend.split("  ")[:2] == ["■ digon", "■ digon"]


def with_config(snapshot: Snapshot, config: ExperimentConfig) -> Snapshot:
    return replace(snapshot, record=replace(snapshot.record, config=config))


@pytest.mark.parametrize("name", ["correlated", "anticorrelated"])
def test_sets_of_the_data_are_the_groups(name: str) -> None:
    plain = scene(upright_polygon(4), Colouring("group"))
    config = replace(plain.config, distribution=name, set_size=2)
    looked_at = Scene(with_config(plain.snapshot, config), plain.focus, plain.options)
    inks = feature_inks(looked_at)
    assert inks[0] == inks[1] != inks[2] == inks[3]
    legend = draw(looked_at, WIDTH, HEIGHT, Palette()).row_text(HEIGHT - 1)
    assert legend.startswith("■ set 0  ■ set 1 ")


def test_the_colour_is_the_superposition_or_the_importance() -> None:
    antipodal = scene(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]))
    inks = feature_inks(antipodal)
    assert inks[0] == inks[1] == Ink.SEQUENTIAL + SEQUENTIAL_LEVELS // 2
    assert inks[2] == Ink.SEQUENTIAL
    assert (
        draw(antipodal, WIDTH, HEIGHT, Palette()).row_text(HEIGHT - 1).startswith("superposition 0")
    )
    weighted = scene(np.eye(3), Colouring("importance"))
    config = replace(weighted.config, importance=0.5)
    weighted = Scene(with_config(weighted.snapshot, config), weighted.focus, weighted.options)
    assert (feature_inks(weighted) - Ink.SEQUENTIAL).tolist() == [63, 32, 16]


def test_weights_that_are_not_finite_are_said_to_be_so() -> None:
    looked_at = scene(np.array([[np.nan, 1.0], [1.0, 0.0]]))
    assert "not finite" in draw(looked_at, WIDTH, HEIGHT, Palette()).text()
    assert pick(looked_at, WIDTH, HEIGHT, 40, 15) is None


@given(st.integers(80, 400), st.integers(0, 3))
def test_of_many_features_few_are_numbered_and_no_numbers_touch(count: int, seed: int) -> None:
    encoder = np.random.default_rng(seed).normal(size=(count, 3))
    cells = draw(scene(encoder), WIDTH, HEIGHT, Palette())
    rows = [cells.row_text(y) for y in range(HEIGHT - 1)]
    words = ["".join(c if c.isdigit() else " " for c in row).split() for row in rows]
    numbers = [int(word) for row in words for word in row]
    assert 1 <= len(numbers) <= 12
    assert len(set(numbers)) == len(numbers)
    assert max(numbers) < count


def test_it_is_a_panel_that_can_be_turned() -> None:
    assert VIEWS["geometry"].panels["geometry"] is PANEL
    assert PANEL.drag is not None
    turned = after(PANEL.drag(3, -1)).options.of(Viewpoint)
    assert (turned.turn, turned.tilt) == (42, 12)
