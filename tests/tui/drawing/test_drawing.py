"""Drawing functions: any data, any size, exactly the requested cells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.tui.pictures import options_with, scene_of
from tests.tui.strategies import depths, matrices, sizes

from superpos_core.arrays import FloatArray
from superpos_core.geometry.blocks import strongest_of_blocks
from superpos_core.record.lanes import LanesRecord
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.matrix_layout import MatrixLayout
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.drawing.shades import DIVERGING_LEVELS, Depth
from superpos_tui.drawing.squares import draw_square
from superpos_tui.drawing.window import Window
from superpos_tui.views.live.state import LOSS_SCALES, LiveState, LossScale
from superpos_tui.views.registry import VIEWS

PANELS = {
    name: panel
    for view in VIEWS.values()
    for name, panel in view.panels.items()
    if panel.takes is LanesRecord
}

weights = matrices(30)
losses = arrays(
    np.float32,
    st.tuples(st.integers(0, 40), st.integers(1, 6)),
    elements=st.one_of(
        st.floats(0, 1, width=32), st.sampled_from([0.0, 1e-38, 1e30, np.inf, np.nan])
    ),
)


@given(weights, losses, sizes, depths, st.sampled_from(list(PANELS)), st.sampled_from(LOSS_SCALES))
def test_every_panel_has_exactly_the_requested_size(
    encoder: FloatArray,
    losses: FloatArray,
    size: tuple[int, int],
    depth: Depth,
    name: str,
    loss_scale: LossScale,
) -> None:
    scene = scene_of(encoder, losses, options=options_with(LiveState(loss_scale)))
    cells = PANELS[name].draw(scene, *size, Palette(depth))
    assert (cells.width, cells.height) == size
    assert cells.glyphs.shape == cells.inks.shape == cells.grounds.shape
    for y in range(cells.height):
        assert "".join(text for text, _, _ in cells.runs(y)) == cells.row_text(y)
        assert len(cells.row_text(y)) == size[0]


def draw_matrix(
    matrix: FloatArray, bias: FloatArray, width: int, height: int, palette: Palette
) -> Cells:
    window = Window.whole(len(matrix))
    layout = MatrixLayout.fitting(window, width, height, palette.has_scales)
    if layout is None:
        return Cells.blank(0, 0)
    return draw_square(layout, strongest_of_blocks(matrix, layout.block), bias, palette)


def test_the_matrix_is_square_and_its_signs_are_colours() -> None:
    matrix = np.array([[1.3, -1.3], [0.0, np.nan]])
    cells = draw_matrix(matrix, np.array([1.3, 0.0]), 60, 30, Palette("truecolor"))
    upper_left = cells.grounds[0, 0]
    n_columns = int((cells.grounds[0] == upper_left).sum())
    assert upper_left == Ink.POSITIVE + DIVERGING_LEVELS - 1
    assert Ink.NEGATIVE + DIVERGING_LEVELS - 1 in cells.grounds[0]
    assert {Ink.ZERO, Ink.NOT_FINITE} <= set(cells.grounds[-1].tolist())
    assert cells.height * 2 * 2 == cells.height * 4
    # Three squares' worth of positive ink: the entry and the bias below and beside it.
    assert n_columns == 2 * cells.height


@pytest.mark.parametrize("depth", ["16", "none"])
def test_without_colour_scales_the_sign_is_a_glyph(depth: Depth) -> None:
    cells = draw_matrix(np.array([[1.3, -1.3], [0.0, np.nan]]), np.zeros(2), 60, 3, Palette(depth))
    assert cells.row_text(0).split() == ["██##", "··"]
    assert cells.row_text(1).split() == ["··??", "··"]


def test_glyphs_fill_the_room_as_squares_do() -> None:
    cells = draw_matrix(np.array([[1.3, -1.3], [0.0, 0.0]]), np.zeros(2), 60, 6, Palette("none"))
    rows = [cells.row_text(y).split() for y in range(6)]
    assert rows == [["██████######", "······"]] * 3 + [["············", "······"]] * 3


@given(
    arrays(np.float64, st.tuples(st.integers(1, 50), st.just(1)), elements=st.floats(-2, 2)),
    st.integers(4, 20),
)
def test_a_matrix_that_does_not_fit_keeps_its_strongest_entries(
    column: FloatArray, width: int
) -> None:
    matrix = column @ column.T
    cells = draw_matrix(matrix, np.zeros(len(matrix)), width, 10, Palette("truecolor"))
    assert cells.width <= width
    assert cells.height <= 10
    if np.abs(matrix).max() > 0.3:
        strong = (cells.grounds >= Ink.POSITIVE) | (cells.inks >= Ink.POSITIVE)
        assert strong.any()


def test_bar_lengths_are_proportional_to_norms() -> None:
    encoder = np.diag([1.5, 0.75, 0.0])
    cells = PANELS["norms"].draw(scene_of(encoder, np.ones((1, 1))), 60, 4, Palette())
    lengths = [cells.row_text(y).count("▇") for y in range(3)]
    assert lengths[0] > 30
    assert 0 <= lengths[0] - 2 * lengths[1] <= 1
    assert lengths[2] == 0
    assert [cells.row_text(y).split()[-1] for y in range(3)] == ["1.50", "0.75", "0.00"]
    assert "2 of 3 represented" in cells.row_text(3)


def test_many_features_are_drawn_side_by_side() -> None:
    encoder = np.eye(200, 200)
    cells = PANELS["norms"].draw(scene_of(encoder, np.ones((1, 1))), 50, 7, Palette())
    assert cells.row_text(5) == "▉" * 50


def test_a_norm_beyond_the_end_of_its_bar_is_said_to_be_so() -> None:
    cells = PANELS["norms"].draw(scene_of(np.diag([1.5, 1.85]), np.ones((1, 1))), 60, 3, Palette())
    assert "►" not in cells.row_text(0)
    assert "▇► 1.85" in cells.row_text(1)
    many = PANELS["norms"].draw(scene_of(1.85 * np.eye(40), np.ones((1, 1))), 90, 7, Palette())
    assert many.row_text(0)[:6] == "▲ ▲ ▲ "
    assert many.row_text(5)[:6] == "█ █ █ "


@pytest.mark.parametrize("depth", ["truecolor", "none"])
def test_small_costs_of_interference_differ(depth: Depth) -> None:
    """Three pairs: the costs of the second and the third are 1/20 and 1/200 of the first's."""
    encoder = np.eye(6)
    for pair, cost in enumerate((1, 1 / 20, 1 / 200)):
        overlap = 0.8 * np.sqrt(cost)
        encoder[2 * pair + 1, 2 * pair : 2 * pair + 2] = overlap, np.sqrt(1 - overlap**2)
    options = options_with(LiveState(split_norms=True))
    scene = scene_of(encoder, np.ones((1, 1)), options=options)
    cells = PANELS["norms"].draw(scene, 50, 7, Palette(depth))
    bars = [cells.row_text(y)[2:].strip() for y in (0, 2, 4)]
    assert bars[1:] == (["▇▇", "▎"] if depth == "truecolor" else ["▒▒", "░"])
    assert len(bars[0]) > 40


# ── cells ─────────────────────────────────────────────────────────────────────────────────────


@given(st.integers(-9, 9), st.integers(-3, 5), st.text(st.characters(codec="ascii"), max_size=12))
def test_writing_never_leaves_the_grid(x: int, y: int, text: str) -> None:
    cells = Cells.blank(6, 3)
    cells.write(x, y, text)
    assert cells.glyphs.shape == (3, 6)
    for row in range(3):
        for column in range(6):
            inside = row == y and 0 <= column - x < len(text)
            assert cells.glyphs[row, column] == (text[column - x] if inside else " ")


def test_a_mark_above_a_letter_takes_no_cell() -> None:
    """Neither what follows x̂ in the row nor its colour moves."""
    cells = Cells.blank(9, 1)
    cells.write(0, 0, "x̂ = ", Ink.MUTED)
    cells.write(4, 0, "x", Ink.ACCENT)
    cells.write(5, 0, "·W", Ink.MUTED)
    texts = [(text, ink) for text, ink, _ in cells.runs(0)]
    assert texts == [("x̂ = ", Ink.MUTED), ("x", Ink.ACCENT), ("·W", Ink.MUTED), ("  ", Ink.TEXT)]
