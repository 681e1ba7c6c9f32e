"""A reference in another run, which may have other sizes."""

import numpy as np
import pytest
from tests.tui.pictures import options_with, scene_of, selected_by

from superpos_core.experiments import Trial
from superpos_tui.drawing.palette import FULL_COLOURS
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, Focus
from superpos_tui.views.compare import norms
from superpos_tui.views.compare.panel import draw
from superpos_tui.views.compare.pointing import pick
from superpos_tui.views.compare.state import CompareState, PinnedRun

LOSSES = np.full((100, 2), 0.01)


def scene(features: int, reference: Scene, cursor: Cursor | None = None) -> Scene:
    """A run beside a lane of the reference's run."""
    run = PinnedRun("sweep/other", Trial(reference.config), reference.snapshot)
    state = CompareState(Focus("tied", step=reference.step), run)
    return scene_of(np.eye(features, 2), LOSSES, options=options_with(state, cursor=cursor))


@pytest.mark.parametrize("size", [(1, 1), (40, 10), (78, 16), (118, 34), (198, 55)])
@pytest.mark.parametrize("features", [3, 6, 9])
def test_runs_of_any_sizes_are_compared(features: int, size: tuple[int, int]) -> None:
    other = scene_of(np.eye(6, 2) / 2, LOSSES)
    now = scene(features, other, Cursor(features - 1, 0))
    cells = draw(now, *size, FULL_COLOURS)
    assert (cells.width, cells.height) == size
    if size[0] >= 118:
        assert "pinned: tied S 0" in cells.text()
        assert "sweep/other · step 100" in cells.text()
        has_change = "‖difference‖" in cells.text()
        assert has_change == (features == 6)
        assert (f"none: n = 6 and {features}" in cells.text()) == (not has_change)


def test_the_difference_is_that_of_the_two_runs() -> None:
    now = scene(6, scene_of(np.eye(6, 2) / 2, LOSSES))
    # W·Wᵀ is 1 and 1/4 for two features: the difference is ‖(3/4, 3/4)‖.
    assert "‖difference‖ 1.06" in draw(now, 118, 34, FULL_COLOURS).text()


def test_only_features_of_this_run_can_be_pointed_at() -> None:
    now = scene(3, scene_of(np.eye(9, 2), LOSSES))
    found = {
        max(cursor.feature, cursor.other)
        for x in range(118)
        for y in range(34)
        if (change := pick(now, 118, 34, x, y)) is not None
        for cursor in [selected_by(change)]
    }
    assert found
    assert max(found) == 2


def test_bars_of_features_that_only_the_reference_has_are_numbered_and_read() -> None:
    """They cannot be selected: the cursor is among the features of this run."""
    now, size = scene(3, scene_of(np.eye(9, 2), LOSSES)), (81, 12)
    numbers = norms.draw(now, *size, FULL_COLOURS).row_text(11).split()
    assert numbers == [str(feature) for feature in range(9)]
    assert norms.read(now, *size, 0, 5).endswith(" · pinned: 1.00")
    assert norms.read(now, *size, 80, 5) == "feature 8 · pinned: 0.00"
    assert norms.pick(now, *size, 80, 5) is None
