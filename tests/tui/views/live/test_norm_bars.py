"""Bars of norms: what one bar for several features shows."""

import numpy as np

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
