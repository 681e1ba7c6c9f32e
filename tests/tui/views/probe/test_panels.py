"""The probe's panels: clicks, sizes and colours."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tui.pictures import options_with, scene_of
from tests.tui.strategies import depths, matrices
from tests.tui.views.probe.probed import LOSSES, drawn, with_input

from superpos_core.arrays import FloatArray
from superpos_core.task.models import MODELS
from superpos_tui.drawing.bars import ZERO_LINE, SignedBars
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Palette
from superpos_tui.drawing.shades import Depth
from superpos_tui.selection import Cursor
from superpos_tui.views.probe import hidden
from superpos_tui.views.probe import table as probe
from superpos_tui.views.probe.state import ProbeState, Switch

weights = matrices(40)
inputs = st.lists(st.tuples(st.integers(0, 45), st.floats(-1.5, 1.5)), max_size=4)


@given(st.integers(1, 60), st.integers(1, 40), st.floats(0, 1))
@settings(max_examples=40)
def test_a_click_selects_the_feature_of_that_row(n: int, height: int, attack: float) -> None:
    scene = scene_of(np.ones((n, 1)), LOSSES, options=with_input((n - 1, 1.0), attack=attack))
    cells = drawn(scene, 60, height)
    digits = len(str(n - 1))
    picked: set[object] = set()
    for y in range(height):
        pick = probe.pick(scene, 60, height, 5, y)
        label = cells.row_text(y)[2 : 2 + digits].strip()
        if pick is None:
            assert ZERO_LINE not in cells.row_text(y)
        elif label:  # in the middle row of a thick bar
            assert pick == Switch(int(label))
            picked.add(pick)
        else:
            picked.add(pick)
    labels = {row[2 : 2 + digits].strip() for row in cells.text().splitlines() if ZERO_LINE in row}
    assert len(picked) == len(labels - {""})
    assert probe.pick(scene, 60, height, 0, height) is None


@given(
    weights,
    inputs,
    st.tuples(st.integers(1, 110), st.integers(1, 40)),
    depths,
    st.sampled_from(sorted(MODELS)),
    st.sampled_from([0.0, 0.3]),
)
@settings(max_examples=150)
def test_any_weights_and_input_fill_any_size(
    encoder: FloatArray,
    values: list[tuple[int, float]],
    size: tuple[int, int],
    depth: Depth,
    model: str,
    attack: float,
) -> None:
    made = ProbeState(tuple(dict(values).items()), attack)
    options = options_with(made, cursor=Cursor(0, 0))
    scene = scene_of(encoder, LOSSES, model=model, options=options)
    for panel in (probe.PANEL, hidden.PANEL):
        cells = panel.draw(scene, *size, Palette(depth))
        assert (cells.width, cells.height) == size
        assert all(len(glyph) == 1 for glyph in cells.glyphs.ravel().tolist())
        assert panel.title(scene)


def test_weights_that_are_not_finite_are_said_to_be_so() -> None:
    cells = drawn(scene_of(np.array([[np.nan], [1.0]]), LOSSES))
    assert "weights are not finite" in cells.text()
    assert "?" in cells.row_text(1)


@given(st.floats(-3, 3), st.integers(1, 20))
def test_bars_grow_to_their_side_and_stay_within_limits(value: float, unit: int) -> None:
    cells = Cells.blank(2 * unit + 1, 1)
    SignedBars(zero=unit, left=unit, right=unit, limit=1.5).write(cells, 0, value)
    inked = np.flatnonzero(cells.glyphs[0] != " ")
    assert cells.glyphs[0, unit] == ZERO_LINE
    assert (inked >= unit).all() if value >= 0 else (inked <= unit).all()
    assert abs(len(inked) - 1 - min(abs(value) / 1.5, 1) * unit) < 1
