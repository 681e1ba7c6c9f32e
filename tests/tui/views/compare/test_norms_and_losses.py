"""Below the squares: the norms of both lanes, and their losses relative to the linear model."""

import re

import numpy as np
import pytest
from hypothesis import given
from tests.tui.pictures import selected_by
from tests.tui.strategies import depths, matrices, sizes
from tests.tui.views.compare.compared import DEDICATED, DIGON, comparing

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.bars import NORM_OF_ONE
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.drawing.shades import Depth
from superpos_tui.measures.loss import loss_over_linear
from superpos_tui.selection import Focus
from superpos_tui.views.compare import losses, norms
from superpos_tui.views.compare.measures import reference_scene, relative_losses


@given(matrices(30), sizes, depths)
def test_any_weights_fill_exactly_the_size_asked_for(
    encoder: FloatArray, size: tuple[int, int], depth: Depth
) -> None:
    scene = comparing([encoder, encoder[::-1]], Focus("tied", 1))
    for panel in (norms.PANEL, losses.PANEL):
        cells = panel.draw(scene, *size, Palette(depth))
        assert (cells.width, cells.height) == size


def test_two_bars_per_feature_show_both_norms() -> None:
    """Feature 1 is represented now, but not in the reference; feature 2 in neither."""
    scene = comparing([DEDICATED, DIGON], Focus("tied", 1))
    cells = norms.PANEL.draw(scene, 9, 7, Palette())  # 3 columns per feature: 1 + 1 and a gap
    heights = np.isin(cells.glyphs[:6], [" ", NORM_OF_ONE, "1"], invert=True).sum(axis=0)
    assert (heights > 0).tolist() == [True, True, False, False, True, False, False, False, False]
    assert heights[0] == heights[1] == heights[4]
    assert cells.inks[5, 0] == Ink.MUTED != cells.inks[5, 1]
    assert cells.row_text(6).split() == ["0", "2"]


def test_thick_bars_are_solid() -> None:
    """Only the last column of a bar leaves a gap: no bar falls apart into several."""
    scene = comparing([DEDICATED, DIGON], Focus("tied", 1))
    cells = norms.PANEL.draw(scene, 21, 7, Palette())  # 7 columns per feature: 3 + 3 and a gap
    assert cells.row_text(5)[:7] == "██▉██▉ "


def test_a_click_on_a_bar_selects_its_feature() -> None:
    scene = comparing([DEDICATED, DIGON], Focus("tied", 1))
    change = norms.PANEL.pick(scene, 9, 7, 4, 3)
    assert change is not None
    assert selected_by(change).feature == 1
    assert norms.PANEL.pick(scene, 20, 7, 19, 3) is None
    assert "reference: 0.00" in norms.PANEL.read(scene, 9, 7, 4, 3, Palette())


def test_the_curves_end_at_the_ratio_that_the_table_shows() -> None:
    scene = comparing([DEDICATED, DIGON], Focus("tied", 1))
    steps, ratios = scene.of(relative_losses)
    assert steps[-1] == scene.step
    assert ratios[-1] == pytest.approx(scene.of(loss_over_linear), rel=1e-3)


def test_the_smaller_ratio_is_drawn_lower() -> None:
    """The losses of both lanes are constant; which ratio is smaller depends on the optima."""
    scene = comparing([DEDICATED, DIGON], Focus("tied", 1))
    ratios = [each.of(relative_losses)[1][-1] for each in (scene.of(reference_scene), scene)]
    assert ratios[0] > 2 * ratios[1]
    cells = losses.PANEL.draw(scene, 60, 20, Palette())
    is_dotted = (cells.glyphs > "\u2800") & (cells.glyphs < "\u2900")
    lowest_reference = np.nonzero(is_dotted & (cells.inks == Ink.MUTED))[0].max()
    assert lowest_reference < np.nonzero(is_dotted & (cells.inks == Ink.ACCENT))[0].min()


def test_the_reading_names_both_ratios() -> None:
    scene = comparing([DEDICATED, DIGON], Focus("tied", 1))
    reading = losses.PANEL.read(scene, 60, 20, 30, 5, Palette())
    assert re.fullmatch(r"step \d+ · reference [\d.]+ × linear · now [\d.]+ × linear", reading)
