"""The loss panel: steady axes, labels at curves, the optimum, reading, clicking and zooming."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tui.pictures import after, options_with, scene_of

from superpos_core.arrays import FloatArray
from superpos_core.record.timeline import Moment, Timeline
from superpos_tui.drawing.cells import Cells
from superpos_tui.drawing.palette import Ink, Palette, lane_ink
from superpos_tui.scene import Scene
from superpos_tui.selection import Change, Focus, Selection
from superpos_tui.views.live.loss import PANEL
from superpos_tui.views.live.loss_chart import DASH, LossChart, apart
from superpos_tui.views.live.state import LOSS_SCALES, LiveState, LossScale, LossWindow

SIZE = (60, 14)
STEPS = 5000
LEVELS = np.array([0.1, 0.02, 0.004, 0.0013])


def losses(steps: int) -> FloatArray:
    """Four lanes that fall to ``LEVELS``, with noise: the same first steps for any count."""
    step = np.arange(1, steps + 1)[:, None]
    noise = np.random.default_rng(0).uniform(0.8, 1.2, (STEPS, 4))[:steps]
    falling: FloatArray = LEVELS * (1 + 4 * np.exp(-step / 200)) * noise
    return falling


def scene_at(
    steps: int,
    scale: LossScale = "log-log",
    *,
    focus: int = 1,
    of: FloatArray | None = None,
    known: bool = True,
) -> Scene:
    options = options_with(LiveState(scale))
    scene = scene_of(np.eye(8, 2), losses(steps) if of is None else of, options=options)
    record = scene.lanes
    record = replace(record, config=replace(record.config, steps=STEPS))
    snapshot = replace(scene.snapshot, record=record, has_known_length=known)
    return Scene(snapshot, Focus("tied", focus), options)


def drawn(scene: Scene, size: tuple[int, int] = SIZE) -> Cells:
    return PANEL.draw(scene, *size, Palette())


def chart(scene: Scene) -> LossChart:
    found = LossChart.of(scene, *SIZE)
    assert found is not None
    return found


def changed(scene: Scene, change: Change | None) -> Scene:
    assert change is not None
    options = change(Selection("live", scene.focus, scene.options)).options
    return Scene(scene.snapshot, scene.focus, options)


# ── axes ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scale", LOSS_SCALES)
def test_axes_stay_while_the_run_trains(scale: LossScale) -> None:
    charts = [chart(scene_at(steps, scale)) for steps in (2, 10, 88, 700, 2500, STEPS)]
    assert len({(each.plot.x_axis, each.plot.y_axis, each.plot.area) for each in charts}) == 1
    assert "5k" in drawn(scene_at(2, scale)).row_text(SIZE[1] - 1)


def test_the_loss_axis_grows_by_whole_decades_only() -> None:
    lower = losses(STEPS) * np.logspace(0, -4, STEPS)[:, None]
    lows = [chart(scene_at(each, of=lower[:each])).curves.whole.bottom for each in (10, 900, 5000)]
    assert lows == sorted(lows, reverse=True)
    assert lows[0] > lows[-1]
    assert all(low == round(low) for low in lows)


def test_the_axis_of_a_run_of_unknown_length_grows_in_jumps() -> None:
    ends = [chart(scene_at(each, "log", known=False)).curves.last_step for each in (3, 150, 999)]
    assert ends == [10, 200, 1000]
    beyond = scene_of(np.eye(8, 2), losses(700), options=options_with(LiveState()))
    assert beyond.config.steps >= 700
    short = replace(beyond.lanes, config=replace(beyond.config, steps=600))
    scene = Scene(replace(beyond.snapshot, record=short), beyond.focus, beyond.options)
    assert chart(scene).curves.last_step == 1000


def test_the_scales_are_a_cycle_and_outlast_a_run_but_a_window_does_not() -> None:
    state = LiveState(window=LossWindow(0, 1, 0, 1))
    scales = [state.with_next_scale()]
    for _ in range(3):
        scales.append(scales[-1].with_next_scale())
    assert [each.loss_scale for each in scales] == ["log", "linear", "log-log", "log"]
    assert state.with_next_scale().window is None
    assert state.within(scene_at(5).config).window is None


@pytest.mark.parametrize("scale", LOSS_SCALES)
def test_a_diverging_loss_leaves_the_panel_and_does_not_flatten_the_others(
    scale: LossScale,
) -> None:
    values = losses(3000)
    values[1000:, 0] *= np.exp(np.minimum(np.arange(2000.0), 80))
    values[2000:, 0] = np.nan
    top = chart(scene_at(3000, scale, of=values)).curves.whole.top
    assert top <= (10 if scale == "linear" else 1)


def test_before_the_first_loss_the_axes_stand_and_only_a_run_that_waits_says_so() -> None:
    scene = scene_at(0, of=np.zeros((0, 4)))
    assert "no step taken yet" not in drawn(scene).text()
    assert "10⁻²" in drawn(scene).text()
    paused = Scene(replace(scene.snapshot, phase="paused"), scene.focus, scene.options)
    assert "no step taken yet" in drawn(paused).text()
    assert "no step taken yet" not in drawn(scene_at(1)).text()


# ── what is drawn ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scale", LOSS_SCALES[:2])
def test_labels_stand_at_the_ends_of_their_curves(scale: LossScale) -> None:
    scene = scene_at(STEPS, scale)
    cells = drawn(scene)
    for setting, name in enumerate(("S 0 ", "S 0.25", "S 0.5", "S 0.75")):
        (row,) = [y for y in range(SIZE[1]) if name in cells.row_text(y)[45:]]
        assert chart(scene).plot.row_of(math.log10(LEVELS[setting])) == pytest.approx(row, abs=1)
        assert chart(scene).setting_at(SIZE[0] - 5, row) == setting
        change = PANEL.pick(scene, *SIZE, SIZE[0] - 5, row)
        assert change is not None
        assert after(change).focus.setting == setting


@pytest.mark.parametrize("focus", range(0, 12, 3))
def test_with_more_curves_than_rows_the_one_in_focus_and_the_optimum_keep_their_labels(
    focus: int,
) -> None:
    scene = scene_at(STEPS, of=np.geomspace(0.1, 0.001, 12) * np.ones((STEPS, 1)), focus=focus)
    text = drawn(scene, (60, 8)).text()
    assert text.count("◀") == 1
    assert "linear" in text
    assert 2 < text.count(" S 0") <= 6


def test_the_curve_in_focus_is_whole() -> None:
    for focus in range(4):
        scene = scene_at(STEPS, of=np.tile(losses(STEPS)[:, :1], 4), focus=focus)
        cells, area = drawn(scene), chart(scene).plot.area
        inks = cells.inks[: area.rows, area.left : area.left + area.columns]
        bright = (inks == lane_ink(focus, 4, focused=True)).any(axis=0)
        assert bright[: area.columns - 3].all()


@pytest.mark.parametrize(("width", "label"), [(60, "linear"), (80, "linear 8.2·10⁻²")])
def test_the_optimum_is_labelled_and_never_over_a_curve(width: int, label: str) -> None:
    scene = scene_at(STEPS)
    optimum = chart(scene).curves.optimum(scene.focus.setting)
    found = LossChart.of(scene, width, SIZE[1])
    assert found is not None
    row = found.plot.row_of(math.log10(optimum))
    cells = drawn(scene, (width, SIZE[1]))
    assert any(f"{DASH}{label} " in f"{cells.row_text(y)} " for y in (row - 1, row, row + 1))
    # Where all curves lie on the optimum, nothing of it is left but a dash and its label.
    on_it = scene_at(STEPS, of=np.full((STEPS, 4), optimum))
    assert f"{DASH}linear" in drawn(on_it).text()
    area = chart(on_it).plot.area
    covered = drawn(on_it).inks[: area.rows, area.left : area.left + area.columns - 3]
    assert not (covered[chart(on_it).plot.row_of(math.log10(optimum))] == Ink.TEXT).any()


@given(st.lists(st.integers(0, 30)), st.integers(1, 31))
def test_labels_keep_their_order_and_have_one_row_each(wanted: list[int], rows: int) -> None:
    wanted = sorted(min(row, rows - 1) for row in wanted)
    placed = apart(wanted, rows)
    assert len(placed) == min(len(wanted), rows)
    assert placed == sorted(set(placed))
    assert all(0 <= row < rows for row in placed)
    if len(set(wanted)) == len(wanted):
        assert placed == wanted


# ── the pointer ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scale", LOSS_SCALES)
def test_the_losses_at_a_step_are_read_out(scale: LossScale) -> None:
    scene = scene_at(4000, scale)
    plot = chart(scene).plot
    x = next(x for x in range(SIZE[0]) if chart(scene).curves.step_at(
        plot.position_at(x, 0)[0]) > 3000)  # fmt: skip
    text = PANEL.read(scene, *SIZE, x, 3)
    assert text.startswith("step 3,")
    assert "S 0.25 loss 0.0" in text
    assert "× linear) · S 0 0.1" in text
    assert PANEL.read(scene, *SIZE, plot.area.left + plot.area.columns - 1, 3).endswith(
        "not reached yet"
    )
    assert PANEL.read(scene, *SIZE, 0, 3) == ""


def test_a_click_goes_to_the_nearest_kept_moment() -> None:
    scene = scene_at(STEPS)
    cohort = scene.cohort
    moments = tuple(Moment(step, cohort.parameters) for step in (10, 300, 5000))
    cohorts = {"tied": replace(cohort, timeline=Timeline(moments))}
    record = replace(scene.lanes, cohorts=cohorts)
    kept = Scene(replace(scene.snapshot, record=record), scene.focus, scene.options)
    plot = chart(kept).plot
    found = set()
    for x in range(plot.area.left, plot.area.left + plot.area.columns):
        change = PANEL.pick(kept, *SIZE, x, 5)
        assert change is not None
        found.add(after(change).focus.step)
    assert found == {10, 300, 5000}
    assert PANEL.pick(scene, *SIZE, plot.area.left, 5) is None


@pytest.mark.parametrize("scale", LOSS_SCALES)
def test_the_wheel_zooms_around_the_pointer_and_back_to_everything(scale: LossScale) -> None:
    scene, zoom = scene_at(STEPS, scale), PANEL.zoom
    assert zoom is not None
    cell = (20, 4)
    before = chart(scene).plot.position_at(*cell)
    closer = changed(scene, zoom.at(scene, *SIZE, cell, 3, Palette()))
    plot = chart(closer).plot
    whole, now = chart(scene).curves.whole, chart(closer).window
    assert now.right - now.left == pytest.approx((whole.right - whole.left) / 1.5**3)
    x, y = plot.position_at(*cell)
    assert x == pytest.approx(before[0], abs=0.15 * (now.right - now.left))
    assert y == pytest.approx(before[1], abs=0.3 * (now.top - now.bottom))
    farther = changed(closer, zoom.at(closer, *SIZE, cell, -3, Palette()))
    assert farther.options.of(LiveState).window is None
    assert zoom.at(scene, *SIZE, None, -1, Palette()) in (None, zoom.whole(closer))


@given(
    st.sampled_from(LOSS_SCALES),
    st.lists(st.tuples(st.sampled_from(["at", "pan", "onto"]), st.integers(-3, 3),
                       st.integers(0, 59), st.integers(0, 13)), max_size=6),
)  # fmt: skip
def test_windows_stay_within_the_whole(
    scale: LossScale, moves: list[tuple[str, int, int, int]]
) -> None:
    scene, zoom = scene_at(300, scale), PANEL.zoom
    assert zoom is not None
    assert zoom.onto is not None
    for move, steps, x, y in moves:
        if move == "at":
            change = zoom.at(scene, *SIZE, (x, y), steps, Palette())
        elif move == "pan":
            change = zoom.pan(scene, steps, -steps)
        else:
            change = zoom.onto(scene, *SIZE, (x, y), (59 - x, 13 - y), Palette())
        scene = scene if change is None else changed(scene, change)
        cells, window, whole = drawn(scene), chart(scene).window, chart(scene).curves.whole
        assert (cells.width, cells.height) == SIZE
        assert whole.left - 1e-9 <= window.left < window.right <= whole.right + 1e-9
        assert whole.bottom - 1e-9 <= window.bottom < window.top <= whole.top + 1e-9


def test_dragging_shows_what_was_framed() -> None:
    scene, zoom = scene_at(STEPS), PANEL.zoom
    assert zoom is not None
    assert zoom.onto is not None
    plot = chart(scene).plot
    framed = changed(scene, zoom.onto(scene, *SIZE, (40, 9), (20, 3), Palette()))
    window = chart(framed).window
    assert (window.left, window.top) == pytest.approx(plot.position_at(20, 3))
    assert (window.right, window.bottom) == pytest.approx(plot.position_at(40, 9))
    assert "zoomed" in PANEL.title(framed)
