"""Properties common to the three dimensionality panels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.tui.pictures import after, options_with, scene_of_settings
from tests.tui.strategies import any_number, depths
from tests.tui.views.dimensionality.shapes import MIXTURE, scene_of_encoder

from superpos_core.arrays import FloatArray
from superpos_tui.drawing.canvas import BRAILLE, Canvas
from superpos_tui.drawing.palette import Palette
from superpos_tui.drawing.shades import Depth
from superpos_tui.selection import Cursor
from superpos_tui.views.dimensionality import now as dimensions
from superpos_tui.views.dimensionality import over_lanes as dimensions_over_lanes
from superpos_tui.views.dimensionality import over_steps as dimensions_over_steps
from superpos_tui.views.dimensionality.axis import LABEL_WIDTH, scatter
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colouring import ColouredBy, Colouring

PANELS = (dimensions.PANEL, dimensions_over_steps.PANEL, dimensions_over_lanes.PANEL)
shapes = st.tuples(st.integers(1, 5), st.integers(1, 6), st.integers(1, 30), st.integers(1, 3))
any_moments = shapes.flatmap(lambda shape: arrays(np.float32, shape, elements=any_number))


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.name)
@given(
    moments=any_moments,
    size=st.tuples(st.integers(1, 90), st.integers(1, 40)),
    depth=depths,
    index=st.integers(0, 100),
    colouring=st.sampled_from(["superposition", "importance", "group"]),
    select=st.booleans(),
)
def test_any_data_fill_exactly_the_requested_size_and_clicks_are_valid(
    panel: Panel,
    moments: FloatArray,
    size: tuple[int, int],
    depth: Depth,
    index: int,
    colouring: ColouredBy,
    select: bool,
) -> None:
    count, settings, features, _ = moments.shape
    cursor = Cursor(index % features, 0) if select else None
    steps = [10 * moment for moment in range(count)]
    scene = scene_of_settings(
        moments,
        setting=index % settings,
        steps=steps,
        step=steps[index % count],
        options=options_with(Colouring(colouring), cursor=cursor),
    )
    cells = panel.draw(scene, *size, Palette(depth))
    assert (cells.width, cells.height) == size
    for x, y in [(0, 0), (size[0] // 2, size[1] // 2), (size[0] - 1, size[1] - 1)]:
        pick = panel.pick(scene, *size, x, y, Palette())
        if pick is not None:
            seen = after(pick)
            assert seen.focus.setting in range(settings)
            assert seen.focus.step is None or seen.focus.step in steps
            assert seen.options.cursor is None or seen.options.cursor.feature in range(features)


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.name)
def test_the_marks_of_the_paper_are_labelled(panel: Panel) -> None:
    text = panel.draw(scene_of_encoder(MIXTURE), 60, 60, Palette()).text()
    labels = [line[:LABEL_WIDTH].strip() for line in text.splitlines()]
    assert [label for label in labels if label][:7] == ["1", "3/4", "2/3", "1/2", "2/5", "3/8", "0"]


points = st.lists(
    st.tuples(st.integers(-3, 25), st.integers(-3, 25), st.integers(40, 47)), max_size=60
)


@given(points)
def test_scattered_dots_all_show_and_a_cell_takes_the_greatest_ink(
    points: list[tuple[int, int, int]],
) -> None:
    canvas = Canvas(10, 5)
    x, y, inks = np.array(points, dtype=float).reshape(-1, 3).T
    scatter(canvas, x, y, inks.astype(np.uint16))
    cells = canvas.cells()
    codes = np.vectorize(ord)(cells.glyphs)
    inside = {(x, y, ink) for x, y, ink in points if 0 <= x < 20 and 0 <= y < 20}
    assert sum(int(code - BRAILLE).bit_count() for code in codes.ravel() if code > BRAILLE) == len(
        {(x, y) for x, y, _ in inside}
    )
    for column, row in {(x // 2, y // 4) for x, y, _ in inside}:
        there = [ink for x, y, ink in inside if (x // 2, y // 4) == (column, row)]
        assert cells.inks[row, column] == max(there)
