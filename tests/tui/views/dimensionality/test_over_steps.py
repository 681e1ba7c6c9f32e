"""Dimensionality over steps: lines, kept steps and gaps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.core.polytopes import regular_polygon
from tests.tui.pictures import scene_of_settings
from tests.tui.views.dimensionality.shapes import (
    MIXTURE,
    SEQUENTIAL,
    dots_of,
    scene_of_encoder,
)

from superpos_core.arrays import FloatArray
from superpos_core.geometry import measures
from superpos_tui.drawing.palette import Ink, Palette
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, Options, SelectStep
from superpos_tui.views.dimensionality import over_steps as dimensions_over_steps
from superpos_tui.views.dimensionality.axis import LABEL_WIDTH, DimensionAxis
from superpos_tui.views.shared.feature_colours import feature_inks

STEPS = (0, 1, 10, 100, 1000)


def over_steps(encoders: FloatArray, selected: int | None = None, step: int | None = None) -> Scene:
    options = Options(cursor=None if selected is None else Cursor(selected, selected))
    return scene_of_settings(encoders[:, None], steps=STEPS, step=step, options=options)


@given(
    arrays(np.float64, (5, 4, 2), elements=st.floats(-1.5, 1.5)),
    st.integers(0, 3),
    st.sampled_from([(40, 9), (70, 15), (120, 30)]),
)
def test_a_line_goes_through_the_values_of_its_feature_on_a_log_scale(
    encoders: FloatArray, feature: int, size: tuple[int, int]
) -> None:
    encoders = encoders.astype(np.float32)
    scene = over_steps(encoders, feature)
    cells = dimensions_over_steps.PANEL.draw(scene, *size, Palette())
    dots = dots_of(cells, {int(feature_inks(scene)[feature])})
    axis = DimensionAxis(size[0], size[1] - 1)
    values = measures.feature_dimensionality(encoders)[:, feature]
    places = np.log1p(STEPS) / np.log1p(STEPS[-1]) * (axis.dots_across - 1)
    expected = axis.rows_of(np.interp(np.arange(axis.dots_across), places, values))
    for column, row in enumerate(expected.tolist()):
        drawn = np.flatnonzero(dots[: 4 * axis.height, column])
        assert np.abs(drawn - row).min() <= 0.5 + 1e-6
        # Each column continues the line of the previous one.
        before = expected[max(column - 1, 0)]
        assert drawn.min() >= min(row, before) - 0.5 - 1e-6
        assert drawn.max() <= max(row, before) + 0.5 + 1e-6


def test_a_line_has_a_gap_where_weights_are_not_finite() -> None:
    encoders = np.repeat(regular_polygon(5)[None], 5, axis=0)
    encoders[3:] = np.nan
    cells = dimensions_over_steps.PANEL.draw(over_steps(encoders), 64, 15, Palette())
    drawn = np.flatnonzero(dots_of(cells, SEQUENTIAL | {Ink.NOT_FINITE}).any(axis=0))
    end = np.log1p(10) / np.log1p(1000) * (2 * (64 - LABEL_WIDTH) - 1)
    assert drawn.tolist() == list(range(drawn.size))
    assert drawn.size == pytest.approx(end, abs=2)


def test_other_features_are_faint_below_the_selected_one() -> None:
    encoders = np.repeat(MIXTURE[None], 5, axis=0)
    free = dimensions_over_steps.PANEL.draw(over_steps(encoders), 64, 30, Palette())
    assert not dots_of(free, {Ink.FAINT})[:, ::2].all(axis=0).any()
    scene = over_steps(encoders, 0)
    one = dimensions_over_steps.PANEL.draw(scene, 64, 30, Palette())
    own = {int(feature_inks(scene)[0])}
    assert dots_of(one, own).any(axis=0).all()
    assert not dots_of(one, SEQUENTIAL - own).any()


def test_of_many_features_some_have_lines_and_the_selected_one_always() -> None:
    random = np.random.default_rng(0)
    encoders = random.normal(size=(5, 100, 20))
    scene = over_steps(encoders, 33)
    assert "0, 5, 10" in dimensions_over_steps.PANEL.title(scene)
    cells = dimensions_over_steps.PANEL.draw(scene, 64, 30, Palette())
    assert dots_of(cells, SEQUENTIAL).any(axis=0).all()
    assert dimensions_over_steps.PANEL.title(over_steps(encoders[:, :20])) == "D_i over training"


@pytest.mark.parametrize("step", STEPS)
def test_a_click_goes_to_the_nearest_kept_step_and_an_upright_marks_it(step: int) -> None:
    scene = over_steps(np.repeat(regular_polygon(5)[None], 5, axis=0), step=step)
    cells = dimensions_over_steps.PANEL.draw(scene, 64, 15, Palette())
    label = "".join(cells.glyphs[14, cells.inks[14] == Ink.ACCENT])
    assert label == f"{step:,}"
    faint = dots_of(cells, {Ink.FAINT})[: 4 * 14]
    column = int(faint.sum(axis=0).argmax())
    assert faint[:, column].sum() >= 12
    pick = dimensions_over_steps.PANEL.pick(scene, 64, 15, LABEL_WIDTH + column // 2, 3, Palette())
    assert pick == SelectStep(step)


def test_without_a_timeline_the_panel_says_so() -> None:
    scene = scene_of_encoder(MIXTURE)
    assert "no moment" in dimensions_over_steps.PANEL.draw(scene, 64, 15, Palette()).text()
    assert dimensions_over_steps.PANEL.pick(scene, 64, 15, 20, 3, Palette()) is None
