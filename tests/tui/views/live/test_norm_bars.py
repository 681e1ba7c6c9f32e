"""Bars of norms: what one bar for several features shows."""

import numpy as np
import pytest

from superpos_core.geometry.blocks import greatest_in_blocks
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Palette, superposition_inks
from superpos_tui.views.live.norm_bars import write_standing_bars


def test_the_greatest_of_each_block_is_found() -> None:
    values = np.array([1.0, 3.0, 2.0, 0.0, np.nan, 5.0, 4.0])
    assert greatest_in_blocks(values, 3).tolist() == [1, 4, 6]
    assert greatest_in_blocks(values[:4], 1).tolist() == [0, 1, 2, 3]


def test_a_merged_bar_has_the_colour_of_its_longest_feature() -> None:
    """A dedicated feature stays so beside an ignored one, whose direction says nothing."""
    norms, superposition = np.array([1.0, 0.01, 0.02, 0.9]), np.array([0.0, 1.5, 1.9, 1.0])
    cells = Cells.blank(2, 6)
    write_standing_bars(cells, 6, norms, superposition, Palette())
    assert cells.inks[5].tolist() == superposition_inks(superposition[[0, 3]]).tolist()


@pytest.mark.parametrize("rows", [6, 9, 12, 30])
def test_a_line_is_where_a_norm_of_one_ends(rows: int) -> None:
    cells = Cells.blank(12, rows)
    norms = np.array([1.0, 1.4, 0.2, 0.0])
    write_standing_bars(cells, rows, norms, np.zeros(4), Palette())
    full = np.flatnonzero(cells.glyphs[:, 0] == "█")
    assert cells.row_text(full[0]) == "██┈██┈┈┈┈┈┈1"
    assert "┈" not in cells.row_text(full[0] - 1) + cells.row_text(full[0] + 1)


def test_a_few_rows_have_no_line() -> None:
    cells = Cells.blank(12, 5)
    write_standing_bars(cells, 5, np.array([1.0, 0.0]), np.zeros(2), Palette())
    assert "┈" not in cells.text()
