"""The probe's hidden vector: bars, and a picture in two dimensions."""

import numpy as np
from tests.tui.pictures import scene_of
from tests.tui.views.probe.probed import LOSSES, PENTAGON, pair_scene

from superpos_tui.drawing.bars import NEGATIVE_BAR, POSITIVE_BAR
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.selection import Options
from superpos_tui.views.probe import hidden


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
