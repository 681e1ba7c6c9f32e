"""The probe's hidden vector: bars, and a picture in two dimensions."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.tui.pictures import scene_of
from tests.tui.strategies import matrices
from tests.tui.views.probe.probed import LOSSES, PENTAGON, pair_scene, with_input

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.bars import NEGATIVE_BAR, POSITIVE_BAR
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.selection import Options
from superpos_tui.views.probe import hidden
from superpos_tui.views.probe.hidden_picture import draw_fan, fan_rows


def test_each_hidden_dimension_has_its_bar_and_its_number() -> None:
    encoder = np.array([[0.6, 0.0, -0.8], [0.0, 1.0, 0.0]])
    cells = hidden.draw(scene_of(encoder, LOSSES, options=Options()), 40, 10, Palette())
    assert cells.row_text(0).startswith("h0")
    assert [cells.row_text(y).split()[-1] for y in (0, 2, 4)] == ["0.60", "0.00", "−0.80"]
    assert POSITIVE_BAR in cells.inks[0]
    assert NEGATIVE_BAR in cells.inks[4]
    assert "‖h‖  1.00" in cells.text()


def test_in_two_dimensions_the_hidden_vector_is_drawn_along_its_feature() -> None:
    """Feature 0 points up in the picture, so does h, and h leaves nothing below the middle."""
    scene = scene_of(PENTAGON, LOSSES, options=Options())
    cells = hidden.draw(scene, 36, 30, Palette())
    rows, columns = np.nonzero(cells.inks == Ink.ACCENT)
    picture_rows = 18
    assert rows.max() <= picture_rows // 2
    assert rows.min() < picture_rows // 4
    assert np.ptp(columns) <= 2
    assert all(str(feature) in cells.text() for feature in range(5))


def test_more_dimensions_than_rows_and_columns_are_joined() -> None:
    scene = scene_of(np.ones((1, 500)) / np.sqrt(500), LOSSES, options=Options())
    cells = hidden.draw(scene, 50, 6, Palette())
    assert (cells.inks[:5] == POSITIVE_BAR).any(axis=0).all()
    assert "‖h‖  1.00" in cells.row_text(5)


def test_the_title_has_the_formula_of_the_hidden_vector() -> None:
    titles = {model: hidden.PANEL.title(pair_scene(Options(), model)) for model in ("tied", "mlp")}
    assert titles["tied"].endswith("h = x·W")
    assert titles["mlp"].endswith("h = ReLU(x·W₁)")


def test_in_more_dimensions_features_stand_at_their_angles_to_the_hidden_vector() -> None:
    """Feature 0 is on: it lies along h, its opposite at 180°, and orthogonal ones at 90°."""
    encoder = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0]], dtype=float)
    scene = scene_of(encoder, LOSSES, options=with_input((0, 1.0)))
    width, rows = 40, 11
    cells = draw_fan(scene, width, rows)
    at = {
        name: next((x, y) for y in range(rows - 1) if (x := cells.row_text(y).find(name)) >= 0)
        for name in "012"
    }
    assert at["1"][0] < width // 4
    assert at["0"][0] > 3 * width // 4
    assert abs(at["2"][0] - width // 2) <= 1
    assert at["2"][1] <= 1
    assert "angle to h" in cells.row_text(rows - 1)


def test_labels_of_features_at_equal_angles_never_run_into_one_another() -> None:
    """5 beside 7 would read as feature 57; those that are on have a label in any case."""
    angles = np.linspace(np.radians(80), np.radians(95), 20)
    encoder = np.stack([np.cos(angles), np.sin(angles), np.zeros(20)], axis=1)
    encoder[0] = [1, 0, 0]
    scene = scene_of(encoder, LOSSES, options=with_input((0, 1.0), (19, 0.01)))
    for width, rows in ((40, 11), (60, 16), (90, 24)):
        cells = draw_fan(scene, width, rows)
        numbers = [
            int(number) for y in range(rows - 1) for number in re.findall(r"\d+", cells.row_text(y))
        ]
        assert len(set(numbers)) == len(numbers)
        assert set(numbers) <= set(range(20))
        assert {0, 19} <= set(numbers)


@given(matrices(12), st.integers(1, 80), st.integers(1, 40))
def test_the_fan_of_any_weights_is_drawn_and_fits(
    encoder: FloatArray, width: int, height: int
) -> None:
    rows = fan_rows(width, height)
    assert rows <= height
    if rows:
        cells = draw_fan(scene_of(encoder, LOSSES, options=Options()), width, rows)
        assert (cells.width, cells.height) == (width, rows)


def test_features_along_the_hidden_vector_are_listed_below_the_fan() -> None:
    """Nearest first, with what h adds to each; a feature at a right angle is left out."""
    encoder = np.array([[1, 0, 0], [-0.5, 0, 0], [0, 1, 0], [1, 1, 0]], dtype=float)
    scene = scene_of(encoder, LOSSES, options=with_input((0, 1.0)))
    rows = hidden.draw(scene, 40, 40, Palette()).text().splitlines()
    top = next(y for y, row in enumerate(rows) if "h adds" in row)
    listed = [row.split() for row in rows[top + 1 : top + 5] if row.strip()]
    assert listed == [["0", "0°", "+1.00"], ["1", "180°", "−0.50"], ["3", "45°", "+1.00"]]


def test_where_it_is_wide_the_list_stands_on_the_right() -> None:
    """Maximised, the panel shows all that it shows beside the table."""
    encoder = np.array([[1, 0, 0], [-0.5, 0, 0], [0, 1, 0], [1, 1, 0]], dtype=float)
    scene, size = scene_of(encoder, LOSSES, options=with_input((0, 1.0))), (116, 33)
    rows = hidden.draw(scene, *size, Palette()).text().splitlines()
    assert rows[0].split()[-4:] == ["feature", "angle", "h", "adds"]
    assert rows[3].split()[-3:] == ["3", "45°", "+1.00"]
    assert any("180°" in row[:80] for row in rows)
    assert hidden.PANEL.read(scene, *size, 110, 1, Palette()) == ""
    assert hidden.PANEL.read(scene, *size, 5, 0, Palette()).startswith("h0 =")
