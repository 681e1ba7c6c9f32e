"""The norms: bars that use the width and the height that they have."""

import numpy as np
import pytest
from tests.tui.pictures import after, options_with, scene_of

from superpos_tui.drawing.palette import Palette
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor
from superpos_tui.views.live.norms import PANEL
from superpos_tui.views.live.state import LiveState

FEATURES = 20
SIZES = [(60, 12), (72, 21), (116, 33), (196, 53)]


def scene(*, split: bool) -> Scene:
    """Every feature has a norm of 1.5, with which a bar is full."""
    options = options_with(LiveState(split_norms=split), cursor=Cursor(0, 0))
    encoder = np.full((FEATURES, 1), 1.5)
    return scene_of(encoder, np.full((3, 1), 0.1), options=options)


@pytest.mark.parametrize("size", SIZES)
def test_bars_use_the_width(size: tuple[int, int]) -> None:
    cells = PANEL.draw(scene(split=False), *size, Palette())
    bars = (cells.glyphs == "▇") | (cells.glyphs == "█")
    assert bars[0].sum() >= 0.6 * size[0]


@pytest.mark.parametrize(
    ("width", "totals"),
    [
        (60, "100 of 100 represented · D* 1.00 · ΣD 100.00 ≤ 100"),
        (46, "100 of 100 represented · D* 1.00 · ΣD 100.00"),
        (40, "100 of 100 represented · D* 1.00"),
    ],
)
def test_no_total_is_cut(width: int, totals: str) -> None:
    cells = PANEL.draw(scene_of(np.eye(100), np.ones((1, 1))), width, 12, Palette())
    assert cells.row_text(11).rstrip() == totals


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_a_click_selects_the_feature_whose_number_stands_there(
    size: tuple[int, int], split: bool
) -> None:
    shown = scene(split=split)
    cells = PANEL.draw(shown, *size, Palette())
    found = set()
    for y in range(size[1] - 1):
        for x in range(size[0] - 1):
            if (number := cells.row_text(y)[x : x + 3].split(" ")[0]).isdigit():
                change = PANEL.pick(shown, *size, x, y, Palette())
                picked = None if change is None else after(change).options.cursor
                if picked is not None and number == str(picked.feature):
                    found.add(picked.feature)
    assert found == set(range(FEATURES))


def test_in_a_high_panel_bars_are_thick_and_keep_a_gap() -> None:
    cells = PANEL.draw(scene(split=False), 196, 53, Palette())
    column = "".join(cells.glyphs[:40, 10])
    assert column == "▇█" * 20
