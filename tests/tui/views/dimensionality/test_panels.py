"""Dimensionality now, over steps and over sparsity: dots stand where the closed forms say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.tui.pictures import after, options_with, scene_of_settings

from superpos_core.arrays import BoolArray, FloatArray
from superpos_core.geometry import measures
from superpos_core.task.config import ExperimentConfig
from superpos_tui.drawing.canvas import BITS, BRAILLE, Canvas
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Depth, Ink, Palette
from superpos_tui.looking import LookAtSetting, LookAtStep, Options, Select, Selection
from superpos_tui.scene import Scene
from superpos_tui.views.dimensionality import now as dimensions
from superpos_tui.views.dimensionality import over_lanes as dimensions_over_lanes
from superpos_tui.views.dimensionality import over_steps as dimensions_over_steps
from superpos_tui.views.dimensionality.axis import LABEL_WIDTH, DimensionAxis, scatter
from superpos_tui.views.panel import Panel
from superpos_tui.views.shared.colouring import ColouredBy, Colouring

PANELS = (dimensions.PANEL, dimensions_over_steps.PANEL, dimensions_over_lanes.PANEL)
SIZE = (60, 33)
any_number = st.one_of(st.floats(-2, 2, width=32), st.sampled_from([0.0, np.inf, -np.inf, np.nan]))
shapes = st.tuples(st.integers(1, 5), st.integers(1, 6), st.integers(1, 30), st.integers(1, 3))
any_moments = shapes.flatmap(lambda shape: arrays(np.float32, shape, elements=any_number))


def polygon(corners: int) -> FloatArray:
    angles = 2 * np.pi * np.arange(corners) / corners
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def padded(features: int, *blocks: FloatArray) -> FloatArray:
    """Shapes in dimensions of their own, and ignored features after them."""
    hidden = sum(block.shape[1] for block in blocks)
    encoder = np.zeros((features, hidden))
    row = column = 0
    for block in blocks:
        encoder[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return encoder


DEDICATED, DIGON = np.ones((1, 1)), np.array([[1.0], [-1.0]])
MIXTURE = padded(10, DEDICATED, DIGON, polygon(5))
"""D is 1, then 1/2 twice, then 2/5 five times, then 0 twice."""


def scene_of_encoder(encoder: FloatArray, selected: int | None = None) -> Scene:
    options = Options(selection=None if selected is None else Selection(selected, selected))
    return scene_of_settings(encoder[None], options=options)


def dots_of(cells: Cells, inks: set[int]) -> BoolArray:
    """The braille dots with one of these inks, (4 · height, 2 · width), labels left out."""
    codes = np.vectorize(ord)(cells.glyphs) - BRAILLE
    codes[(codes < 0) | (codes > 255) | ~np.isin(cells.inks, list(inks))] = 0
    dots = (codes[:, None, :, None] & BITS[None, :, None, :]) > 0
    flat: BoolArray = dots.reshape(4 * cells.height, 2 * cells.width)
    return flat[:, 2 * LABEL_WIDTH :]


SEQUENTIAL = set(range(Ink.SEQUENTIAL, Ink.SEQUENTIAL + 8))


def row_of_label(cells: Cells, label: str) -> int:
    starts = [y for y in range(cells.height) if cells.row_text(y)[:LABEL_WIDTH].strip() == label]
    (row,) = starts
    return row


# ── all three ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.name)
@given(
    moments=any_moments,
    size=st.tuples(st.integers(1, 90), st.integers(1, 40)),
    depth=st.sampled_from(["full", "16", "none"]),
    place=st.integers(0, 100),
    colouring=st.sampled_from(["superposition", "importance", "group"]),
    select=st.booleans(),
)
def test_any_data_fill_exactly_the_size_asked_for_and_clicks_name_what_is_there(
    panel: Panel,
    moments: FloatArray,
    size: tuple[int, int],
    depth: Depth,
    place: int,
    colouring: ColouredBy,
    select: bool,
) -> None:
    count, settings, features, _ = moments.shape
    selection = Selection(place % features, 0) if select else None
    steps = [10 * moment for moment in range(count)]
    scene = scene_of_settings(
        moments,
        setting=place % settings,
        steps=steps,
        step=steps[place % count],
        options=options_with(Colouring(colouring), selection=selection),
    )
    cells = panel.draw(scene, *size, Palette(depth))
    assert (cells.width, cells.height) == size
    for x, y in [(0, 0), (size[0] // 2, size[1] // 2), (size[0] - 1, size[1] - 1)]:
        pick = panel.pick(scene, *size, x, y, Palette())
        if pick is not None:
            seen = after(pick)
            assert seen.focus.setting in range(settings)
            assert seen.focus.step is None or seen.focus.step in steps
            assert seen.options.selection is None or seen.options.selection.feature in range(
                features
            )


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
    scatter(canvas, x, y, inks.astype(np.uint8))
    cells = canvas.cells()
    codes = np.vectorize(ord)(cells.glyphs)
    inside = {(x, y, ink) for x, y, ink in points if 0 <= x < 20 and 0 <= y < 20}
    assert sum(int(code - BRAILLE).bit_count() for code in codes.ravel() if code > BRAILLE) == len(
        {(x, y) for x, y, _ in inside}
    )
    for column, row in {(x // 2, y // 4) for x, y, _ in inside}:
        there = [ink for x, y, ink in inside if (x // 2, y // 4) == (column, row)]
        assert cells.inks[row, column] == max(there)


# ── now ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("encoder", "label"),
    [
        (np.eye(3), "1"),
        (np.concatenate([np.eye(4), -np.eye(4)]), "1/2"),
        (polygon(3), "2/3"),
        (polygon(5), "2/5"),
        (np.zeros((6, 2)), "0"),
    ],
)
def test_the_features_of_a_shape_stand_on_its_line(encoder: FloatArray, label: str) -> None:
    cells = dimensions.PANEL.draw(scene_of_encoder(encoder), *SIZE, Palette())
    rows = np.flatnonzero(dots_of(cells, SEQUENTIAL).any(axis=1))
    assert abs(rows.mean() / 4 - row_of_label(cells, label) - 0.4) < 0.6
    assert np.ptp(rows) <= 2


def test_every_feature_has_a_dot_of_its_own_in_order() -> None:
    cells = dimensions.PANEL.draw(scene_of_encoder(MIXTURE), *SIZE, Palette())
    dots = dots_of(cells, SEQUENTIAL)
    columns = dots.any(axis=0)
    edges = np.diff(np.concatenate([[0], columns.astype(int)]))
    starts = np.flatnonzero(edges > 0)
    assert starts.size == 10
    heights = [int(np.flatnonzero(dots[:, start]).mean()) for start in starts]
    assert heights == sorted(heights)
    assert len(set(heights)) == 4


def test_shapes_are_named_where_no_dot_stands() -> None:
    text = dimensions.PANEL.draw(scene_of_encoder(MIXTURE), *SIZE, Palette()).text()
    for name in ("dedicated dimension", "tetrahedron", "triangle", "antipodal pair", "pentagon"):
        assert name in text
    full = dimensions.PANEL.draw(scene_of_encoder(polygon(5)), 24, 20, Palette())
    dots = dots_of(full, SEQUENTIAL).any(axis=0).reshape(-1, 2).any(axis=1)
    assert dots.sum() >= 5
    assert "pentagon" not in full.text()


def test_the_sum_of_all_dimensionalities_and_d_star_stand_below() -> None:
    text = dimensions.PANEL.draw(scene_of_encoder(MIXTURE), *SIZE, Palette()).text()
    # Four dimensions for eight features of norm 1.
    assert "D* 0.50 · ΣD 4.00 ≤ 4" in text


def test_the_sum_cannot_exceed_the_number_of_features_where_dimensions_are_more() -> None:
    text = dimensions.PANEL.draw(scene_of_encoder(np.eye(3, 6)), *SIZE, Palette()).text()
    assert "ΣD 3.00 ≤ 3" in text


@pytest.mark.parametrize("selected", [0, 2, 5, 9])
@pytest.mark.parametrize("depth", ["full", "none"])
def test_the_selected_dot_stands_out_and_a_click_on_it_selects_it(
    selected: int, depth: Depth
) -> None:
    scene = scene_of_encoder(MIXTURE, selected)
    cells = dimensions.PANEL.draw(scene, *SIZE, Palette(depth))
    accents = np.argwhere(dots_of(cells, {Ink.ACCENT}))
    assert len(accents) > 12
    y, x = accents.mean(axis=0)
    pick = dimensions.PANEL.pick(scene, *SIZE, LABEL_WIDTH + int(x) // 2, int(y) // 4, Palette())
    assert pick == Select(Selection(selected, selected))
    ticks = cells.inks[30] == Ink.ACCENT
    assert "".join(cells.glyphs[30, ticks]) == str(selected)


def test_weights_that_are_not_finite_are_named() -> None:
    scene = scene_of_encoder(np.full((4, 2), np.nan))
    assert "not finite" in dimensions.PANEL.draw(scene, *SIZE, Palette()).text()
    assert dimensions.PANEL.pick(scene, *SIZE, 20, 10, Palette()) is None


# ── over steps ────────────────────────────────────────────────────────────────────────────────

STEPS = (0, 1, 10, 100, 1000)


def over_steps(encoders: FloatArray, selected: int | None = None, step: int | None = None) -> Scene:
    options = Options(selection=None if selected is None else Selection(selected, selected))
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
    cells = dimensions_over_steps.PANEL.draw(over_steps(encoders, feature), *size, Palette())
    dots = dots_of(cells, {Ink.ACCENT})
    axis = DimensionAxis(size[0], size[1] - 1)
    values = measures.feature_dimensionality(encoders)[:, feature]
    places = np.log1p(STEPS) / np.log1p(STEPS[-1]) * (axis.dots_across - 1)
    expected = axis.rows_of(np.interp(np.arange(axis.dots_across), places, values))
    for column, row in enumerate(expected.tolist()):
        drawn = np.flatnonzero(dots[: 4 * axis.height, column])
        assert np.abs(drawn - row).min() <= 0.5 + 1e-6
        # The line of a column begins where that of the one before it ended.
        before = expected[max(column - 1, 0)]
        assert drawn.min() >= min(row, before) - 0.5 - 1e-6
        assert drawn.max() <= max(row, before) + 0.5 + 1e-6


def test_where_weights_are_not_finite_a_line_has_a_gap() -> None:
    encoders = np.repeat(polygon(5)[None], 5, axis=0)
    encoders[3:] = np.nan
    cells = dimensions_over_steps.PANEL.draw(over_steps(encoders), 64, 15, Palette())
    drawn = np.flatnonzero(dots_of(cells, SEQUENTIAL | {Ink.NOT_FINITE}).any(axis=0))
    end = np.log1p(10) / np.log1p(1000) * (2 * (64 - LABEL_WIDTH) - 1)
    assert drawn.tolist() == list(range(drawn.size))
    assert drawn.size == pytest.approx(end, abs=2)


def test_other_features_lie_faint_below_the_selected_one() -> None:
    encoders = np.repeat(MIXTURE[None], 5, axis=0)
    free = dimensions_over_steps.PANEL.draw(over_steps(encoders), 64, 30, Palette())
    assert not (free.inks == Ink.ACCENT)[:29].any()
    one = dimensions_over_steps.PANEL.draw(over_steps(encoders, 0), 64, 30, Palette())
    accents = dots_of(one, {Ink.ACCENT})
    assert accents.any(axis=0).all()
    assert not dots_of(one, SEQUENTIAL).any()


def test_of_many_features_some_have_lines_and_the_selected_one_always() -> None:
    random = np.random.default_rng(0)
    encoders = random.normal(size=(5, 100, 20))
    scene = over_steps(encoders, 33)
    assert "0, 5, 10" in dimensions_over_steps.PANEL.title(scene)
    cells = dimensions_over_steps.PANEL.draw(scene, 64, 30, Palette())
    assert dots_of(cells, {Ink.ACCENT}).any(axis=0).all()
    assert dimensions_over_steps.PANEL.title(over_steps(encoders[:, :20])) == "D_i over training"


@pytest.mark.parametrize("step", STEPS)
def test_a_click_goes_to_the_nearest_kept_step_and_an_upright_marks_it(step: int) -> None:
    scene = over_steps(np.repeat(polygon(5)[None], 5, axis=0), step=step)
    cells = dimensions_over_steps.PANEL.draw(scene, 64, 15, Palette())
    label = "".join(cells.glyphs[14, cells.inks[14] == Ink.ACCENT])
    assert label == f"{step:,}"
    faint = dots_of(cells, {Ink.FAINT})[: 4 * 14]
    column = int(faint.sum(axis=0).argmax())
    assert faint[:, column].sum() >= 12
    pick = dimensions_over_steps.PANEL.pick(scene, 64, 15, LABEL_WIDTH + column // 2, 3, Palette())
    assert pick == LookAtStep(step)


def test_without_a_timeline_the_panel_says_so() -> None:
    scene = scene_of_encoder(MIXTURE)
    assert "no moment" in dimensions_over_steps.PANEL.draw(scene, 64, 15, Palette()).text()
    assert dimensions_over_steps.PANEL.pick(scene, 64, 15, 20, 3, Palette()) is None


# ── over settings ─────────────────────────────────────────────────────────────────────────────


def over_sparsities(encoders: FloatArray, sparsities: tuple[float, ...], setting: int = 0) -> Scene:
    _, n, m = encoders.shape
    config = ExperimentConfig(
        "test", features=n, hidden=m, models=("tied",), sparsities=sparsities, importance=1
    )
    return scene_of_settings(encoders, setting=setting, config=config)


def test_settings_stand_by_density_on_a_log_scale_whatever_their_order() -> None:
    scene = over_sparsities(np.zeros((3, 5, 2)), (0.99, 0.0, 0.9))
    cells = dimensions_over_lanes.PANEL.draw(scene, 64, 15, Palette())
    ticks = cells.row_text(14)
    assert ticks.split() == ["1", "10", "100"]
    first, middle, last = ticks.index("1 "), ticks.index("10 "), ticks.index("100")
    assert middle - first == pytest.approx(last + 1 - middle, abs=1)
    for x, setting in ((first, 1), (middle, 2), (last + 1, 0)):
        assert dimensions_over_lanes.PANEL.pick(scene, 64, 15, x, 5, Palette()) == LookAtSetting(
            setting
        )
    assert "".join(cells.glyphs[14, cells.inks[14] == Ink.ACCENT]) == "100"


def test_the_line_is_d_star_and_the_dots_are_features() -> None:
    encoders = np.stack([np.eye(8, 4), np.concatenate([np.eye(4), -np.eye(4)])])
    scene = over_sparsities(encoders, (0.0, 0.9))
    cells = dimensions_over_lanes.PANEL.draw(scene, 64, 33, Palette())
    line = np.argwhere(dots_of(cells, {Ink.TEXT})[: 4 * 32])
    rows = {label: row_of_label(cells, label) for label in ("1", "1/2", "0")}
    assert line[:, 0].min() // 4 == rows["1"]
    # Dots lie over its end.
    assert rows["1/2"] - line[:, 0].max() // 4 in (0, 1)
    dots = dots_of(cells, SEQUENTIAL)[: 4 * 32]
    half = dots.shape[1] // 2
    dense = set((np.flatnonzero(dots[:, :half].any(axis=1)) // 4).tolist())
    sparse = set((np.flatnonzero(dots[:, half:].any(axis=1)) // 4).tolist())
    assert {rows["1"], rows["0"]} <= dense
    assert rows["1/2"] not in dense
    assert rows["1/2"] in sparse
    assert rows["0"] not in sparse


def test_a_sweep_is_shown_along_its_own_axis_at_the_sparsity_in_focus() -> None:
    config = ExperimentConfig(
        "test", features=2, hidden=1, models=("tied",), sparsities=(0.0, 0.9), importance=1,
        sweep="last-importance", sweep_values=(0.1, 1.0, 10.0),
    )  # fmt: skip
    scene = scene_of_settings(np.zeros((6, 2, 1)), setting=4, config=config)
    cells = dimensions_over_lanes.PANEL.draw(scene, 64, 15, Palette())
    assert cells.row_text(14).split() == ["0.1", "1", "10"]
    assert "importance of the last feature" in dimensions_over_lanes.PANEL.title(scene)
    picks = [dimensions_over_lanes.PANEL.pick(scene, 64, 15, x, 5, Palette()) for x in (0, 34, 63)]
    assert picks == [LookAtSetting(3), LookAtSetting(4), LookAtSetting(5)]


def test_of_more_settings_than_columns_the_one_in_focus_is_shown() -> None:
    sparsities = tuple(place / 200 for place in range(200))
    scene = over_sparsities(np.ones((200, 3, 1)), sparsities, setting=101)
    cells = dimensions_over_lanes.PANEL.draw(scene, 30, 10, Palette())
    assert "".join(cells.glyphs[9, cells.inks[9] == Ink.ACCENT]) == f"{1 / (1 - 101 / 200):.3g}"
