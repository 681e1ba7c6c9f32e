"""Dimensionality now: dots are at the values of the closed forms."""

import numpy as np
import pytest
from tests.core.polytopes import regular_polygon
from tests.tui.views.dimensionality.shapes import (
    MIXTURE,
    SEQUENTIAL,
    SIZE,
    dots_of,
    row_of_label,
    scene_of_encoder,
)

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.drawing.shades import Depth
from superpos_tui.selection import Cursor, MoveCursor
from superpos_tui.views.dimensionality import now as dimensions
from superpos_tui.views.dimensionality.axis import LABEL_WIDTH


@pytest.mark.parametrize(
    ("encoder", "label"),
    [
        (np.eye(3), "1"),
        (np.concatenate([np.eye(4), -np.eye(4)]), "1/2"),
        (regular_polygon(3), "2/3"),
        (regular_polygon(5), "2/5"),
        (np.zeros((6, 2)), "0"),
    ],
)
def test_the_features_of_a_shape_are_on_its_line(encoder: FloatArray, label: str) -> None:
    cells = dimensions.PANEL.draw(scene_of_encoder(encoder), *SIZE, Palette())
    rows = np.flatnonzero(dots_of(cells, SEQUENTIAL).any(axis=1))
    assert abs(rows.mean() / 4 - row_of_label(cells, label) - 0.4) < 0.6
    assert np.ptp(rows) <= 2


def test_every_feature_has_its_own_dot_in_order() -> None:
    cells = dimensions.PANEL.draw(scene_of_encoder(MIXTURE), *SIZE, Palette())
    dots = dots_of(cells, SEQUENTIAL)
    columns = dots.any(axis=0)
    edges = np.diff(np.concatenate([[0], columns.astype(int)]))
    starts = np.flatnonzero(edges > 0)
    assert starts.size == 10
    heights = [int(np.flatnonzero(dots[:, start]).mean()) for start in starts]
    assert heights == sorted(heights)
    assert len(set(heights)) == 4


def test_shapes_are_named_where_there_are_no_dots() -> None:
    text = dimensions.PANEL.draw(scene_of_encoder(MIXTURE), *SIZE, Palette()).text()
    for name in ("dedicated dimension", "tetrahedron", "triangle", "antipodal pair", "pentagon"):
        assert name in text


@pytest.mark.parametrize(("width", "height"), [(24, 14), (24, 20), (44, 33), (68, 53)])
def test_a_shape_whose_line_is_full_of_dots_is_named_beside_it(width: int, height: int) -> None:
    """And no other line lies between them."""
    cells = dimensions.PANEL.draw(scene_of_encoder(regular_polygon(5)), width, height, Palette())
    (named,) = (y for y in range(height) if "pentagon" in cells.row_text(y))
    own, next_above = row_of_label(cells, "2/5"), row_of_label(cells, "1/2")
    assert next_above < named < own or named == own + 1


def test_the_sum_of_all_dimensionalities_and_d_star_are_shown_below() -> None:
    text = dimensions.PANEL.draw(scene_of_encoder(MIXTURE), *SIZE, Palette()).text()
    # Four dimensions for eight features of norm 1.
    assert "D* 0.50 · ΣD 4.00 ≤ 4" in text


def test_the_sum_cannot_exceed_the_number_of_features_if_there_are_more_dimensions() -> None:
    text = dimensions.PANEL.draw(scene_of_encoder(np.eye(3, 6)), *SIZE, Palette()).text()
    assert "ΣD 3.00 ≤ 3" in text


@pytest.mark.parametrize("selected", [0, 2, 5, 9])
@pytest.mark.parametrize("depth", ["truecolor", "none"])
def test_the_selected_dot_is_highlighted_and_a_click_selects_it(
    selected: int, depth: Depth
) -> None:
    scene = scene_of_encoder(MIXTURE, selected)
    cells = dimensions.PANEL.draw(scene, *SIZE, Palette(depth))
    plain = dimensions.PANEL.draw(scene_of_encoder(MIXTURE), *SIZE, Palette(depth))
    grown = dots_of(cells, SEQUENTIAL) & ~dots_of(plain, SEQUENTIAL)
    assert grown.sum() > 3
    y, x = np.argwhere(grown).mean(axis=0)
    pick = dimensions.PANEL.pick(scene, *SIZE, LABEL_WIDTH + int(x) // 2, int(y) // 4, Palette())
    assert pick == MoveCursor(Cursor(selected, selected))
    ticks = cells.inks[30] == Ink.ACCENT
    assert "".join(cells.glyphs[30, ticks]) == str(selected)


def test_weights_that_are_not_finite_are_named() -> None:
    scene = scene_of_encoder(np.full((4, 2), np.nan))
    assert "not finite" in dimensions.PANEL.draw(scene, *SIZE, Palette()).text()
    assert dimensions.PANEL.pick(scene, *SIZE, 20, 10, Palette()) is None
