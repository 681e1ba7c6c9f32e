"""Legends say what colours mean, at every colour depth."""

import numpy as np
import pytest

from superpos_tui.drawing.bars import NEGATIVE_BAR, POSITIVE_BAR
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Ink, Palette, diverging_inks
from superpos_tui.drawing.shades import SEQUENTIAL_LEVELS, Depth
from superpos_tui.drawing.squares import (
    COLOUR_BAR_WIDTH,
    LIMIT,
    UPRIGHT_WIDTH,
    write_colour_bar,
    write_upright_colour_bar,
)
from superpos_tui.views.registry import VIEWS
from superpos_tui.views.shared.legends import importance_legend, sign_legend, superposition_legend


@pytest.mark.parametrize(
    ("depth", "bar"),
    [("truecolor", "▇▇▇▇ 1 ▇▇▇▇"), ("256", "▇▇▇▇ 1 ▇▇▇▇"), ("none", "██▓▓ 1 ▒▒░░")],
)
def test_superposition_has_a_mark_at_1(depth: Depth, bar: str) -> None:
    legend = superposition_legend(Palette(depth))
    assert legend.text() == f"superposition 0 {bar} ≥2"
    inks = [ink for text, ink, _ in legend.runs(0) if text in "▇█▓▒░"]
    levels = [ink - Ink.SEQUENTIAL for ink in inks]
    assert levels == sorted(levels)
    assert (levels[0], levels[-1]) == (0, SEQUENTIAL_LEVELS - 1)


@pytest.mark.parametrize(
    ("depth", "text"), [("truecolor", "▇ + ▇ −"), ("16", "█ + # −"), ("none", "█ + # −")]
)
def test_signs_are_shown_as_they_are_drawn(depth: Depth, text: str) -> None:
    legend = sign_legend(Palette(depth))
    assert legend.text() == text
    assert (legend.inks[0, 0], legend.inks[0, 4]) == (POSITIVE_BAR, NEGATIVE_BAR)


@pytest.mark.parametrize("depth", ["truecolor", "none"])
def test_the_ends_of_the_scale_of_signs_are_for_values_beyond_too(depth: Depth) -> None:
    lying, upright = Cells.blank(COLOUR_BAR_WIDTH, 1), Cells.blank(UPRIGHT_WIDTH, 9)
    write_colour_bar(lying, 0, Palette(depth))
    write_upright_colour_bar(upright, 0, Palette(depth))
    assert lying.text().startswith("≤−1.3 ")
    assert lying.text().endswith(" ≥+1.3")
    assert upright.row_text(0).endswith("≥+1.3")
    assert upright.row_text(8).endswith("≤−1.3")


@pytest.mark.parametrize("depth", ["truecolor", "none"])
def test_the_scale_of_what_has_bounds_ends_there(depth: Depth) -> None:
    """A cosine is never beyond ±1, whose colours are the same as in all matrices."""
    bounded = Cells.blank(COLOUR_BAR_WIDTH, 1)
    write_colour_bar(bounded, 0, Palette(depth), most=1.0)
    assert bounded.text().strip().startswith("−1 ")
    assert bounded.text().strip().endswith(" +1")
    end = bounded.text().rindex(" +1") - 1
    painted = bounded.grounds if Palette(depth).has_scales else bounded.inks
    assert painted[0, end] == diverging_inks(np.array([1.0]), LIMIT)[0]


def test_importance_ends_at_the_greatest() -> None:
    assert importance_legend("0.9", Palette()).text() == "importance 0 ▇▇▇▇▇▇▇▇ 0.9"


def test_no_reading_names_a_colour_which_a_terminal_may_lack() -> None:
    for view in VIEWS.values():
        for panel in view.panels.values():
            words = {word.strip(":,;") for reading in panel.readings for word in reading.split()}
            assert not words & {"blue", "red", "yellow", "violet", "colour", "coloured"}
