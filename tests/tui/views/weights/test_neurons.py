"""The neurons panel: stacks as high as the weights, and what each unit represents, or why not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tui.pictures import scene_of, selected_by
from tests.tui.strategies import depths, matrices, sizes

from superpos_core.arrays import FloatArray
from superpos_core.task.models import MODELS
from superpos_tui.drawing.palette import Palette, superposition_inks
from superpos_tui.drawing.shades import Depth
from superpos_tui.measures.geometry import superposition
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, Options
from superpos_tui.views.weights.neurons import PANEL

any_weights = matrices(40)
AXIS = "─" * 10


def scene(neurons: FloatArray, model: str = "mlp", selected: int | None = None) -> Scene:
    """``neurons`` has shape (m, n)."""
    cursor = None if selected is None else Cursor(selected, 1)
    options = Options(cursor=cursor)
    return scene_of(neurons.T, np.ones((1, 1)), model=model, options=options)


def axis_row(text: str) -> int:
    return next(y for y, line in enumerate(text.splitlines()) if AXIS in line)


@given(any_weights, sizes, depths, st.sampled_from(list(MODELS)), st.data())
def test_any_weights_fill_exactly_the_size_asked_for(
    neurons: FloatArray, size: tuple[int, int], depth: Depth, model: str, data: st.DataObject
) -> None:
    n = neurons.shape[1]
    selected = data.draw(st.none() | st.integers(0, n - 1))
    drawn = scene(neurons, model, selected)
    cells = PANEL.draw(drawn, *size, Palette(depth))
    assert (cells.width, cells.height) == size
    x, y = data.draw(st.integers(0, size[0] - 1)), data.draw(st.integers(0, size[1] - 1))
    pick = PANEL.pick(drawn, *size, x, y)
    if pick is not None:
        cursor = selected_by(pick)
        assert 0 <= cursor.feature < n


def test_stacks_are_as_high_as_the_weights_and_negative_ones_hang() -> None:
    cells = PANEL.draw(scene(np.array([[1.0, 1, 0, 0], [0, 0, 1, -1]])), 40, 30, Palette())
    lines = cells.text().splitlines()
    axis = axis_row(cells.text())
    above = [sum(line[x] in "█▇" for line in lines[:axis]) for x in range(5, 40)]
    below = [sum(line[x] in "█▇" for line in lines[axis + 1 : 26]) for x in range(5, 40)]
    heights = sorted({height for height in above if height > 2})
    assert len(heights) == 2
    assert heights[1] == pytest.approx(2 * heights[0], abs=1)
    assert max(below) == pytest.approx(heights[0], abs=1)


def test_monosemantic_and_polysemantic_neurons_are_marked_and_counted() -> None:
    neurons = [[1, 0.5, 0], [0, 0, 1], [0, 1, 0.05], [0, 0, 0]]
    text = PANEL.draw(scene(np.array(neurons)), 60, 20, Palette()).text()
    assert "● 2 monosemantic · ◐ 1 polysemantic · ○ 1 dead of 4" in text
    marks = next(
        line for line in text.splitlines() if line.strip()[:1] in "●◐" and "unit" not in line
    )
    units = next(line for line in text.splitlines() if line.startswith("unit"))
    assert marks.split() == ["◐", "●", "●", "○"]
    assert units.split() == ["unit", "0", "2", "1", "3"]


def test_parts_are_labelled_coloured_and_can_be_clicked() -> None:
    neurons = np.array([[1, 0.6, 0, 0], [0, 0, 0.9, -0.7]])
    drawn = scene(neurons, selected=3)
    cells = PANEL.draw(drawn, 40, 24, Palette())
    expected = superposition_inks(drawn.of(superposition))
    seen = set()
    for y in range(cells.height):
        for x in range(cells.width):
            pick = PANEL.pick(drawn, 40, 24, x, y)
            cursor = None if pick is None else selected_by(pick)
            if cursor is not None:
                feature = cursor.feature
                seen.add(feature)
                assert cursor.other == 1
                if cells.glyphs[y, x] in "█▇▀":
                    assert cells.inks[y, x] == expected[feature]
                if str(cells.glyphs[y, x]).isdigit():
                    assert int(cells.glyphs[y, x]) == feature
    assert seen == {0, 1, 2, 3}
    axis = axis_row(cells.text())
    assert PANEL.pick(drawn, 40, 24, 10, axis) is None


def test_equal_neighbours_in_a_stack_are_separated_by_a_gap() -> None:
    alike = PANEL.draw(scene(np.array([[1.0, 1, 1]])), 30, 30, Palette())
    one = PANEL.draw(scene(np.array([[3.0, 0, 0]])), 30, 30, Palette())
    assert alike.text().count("▇") > one.text().count("▇")


@pytest.mark.parametrize("model", ["tied", "untied", "linear"])
def test_hidden_directions_are_not_called_neurons(model: str) -> None:
    angle = np.pi / 4
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    drawn = scene(rotation @ np.array([[1.0, 0, 0.01], [0, 1.0, 0.01]]), model)
    text = PANEL.draw(drawn, 60, 20, Palette()).text()
    assert PANEL.title(drawn) == "hidden directions"
    assert "Not neurons" in text
    assert "any rotation of it gives the same model" in " ".join(text.split())
    assert "● 0 mono · ◐ 2 poly of 2" in text  # as trained
    assert "● 2 mono · ◐ 0 poly of 2" in text  # turned: the same W·Wᵀ


def test_neurons_that_do_not_fit_are_said_to_be_left_out() -> None:
    text = PANEL.draw(scene(np.eye(100)), 60, 20, Palette()).text()
    assert "of 100, 55 shown" in text


def test_weights_that_are_not_finite_are_unknown() -> None:
    text = PANEL.draw(scene(np.array([[np.nan, 1], [1, 0]])), 70, 20, Palette()).text()
    assert "● 1 monosemantic · ◐ 0 polysemantic · ? 1 unknown of 2" in text


@given(st.floats(0.1, 1))
def test_the_scale_of_a_neuron_with_a_free_decoder_is_not_seen(scale: float) -> None:
    neurons = np.array([[1, 0.6, 0, 0], [0, 0, 0.9, 0.7]])
    scaled = neurons * np.array([[scale], [1 / scale]])
    first, second = (
        PANEL.draw(scene_of(each.T, np.ones((1, 1)), model="mlp"), 40, 20, Palette())
        for each in (neurons, scaled)
    )
    rows = slice(0, 16)
    np.testing.assert_array_equal(first.glyphs[rows], second.glyphs[rows])
