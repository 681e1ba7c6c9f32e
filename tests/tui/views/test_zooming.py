"""The zoom into matrices: keys, wheel and drags, and how long a window is kept."""

from dataclasses import replace

import numpy as np
import pytest
from tests.tui.pictures import options_with, scene_of, scene_of_settings
from tests.tui.running import SMALL, panel, running, text_of, until, until_finished

from superpos_core.experiments import experiment_named
from superpos_tui.drawing.palette import Palette
from superpos_tui.drawing.window import Window
from superpos_tui.scene import Scene
from superpos_tui.selection import Cursor, Focus, Selection
from superpos_tui.views.panel import Panel
from superpos_tui.views.registry import VIEWS
from superpos_tui.views.shared.zoomed import MatrixZoom

PANELS = {
    "matrix": VIEWS["live"].panels["matrix"],
    "sweep": VIEWS["sweep"].panels["sweep"],
    "compare": VIEWS["compare"].panels["compare"],
}
SIZE = (116, 33)
each_panel = pytest.mark.parametrize("zoomed", PANELS.values(), ids=PANELS)


def large(window: Window | None = None, features: int = 200) -> Scene:
    """Two settings of random weights."""
    encoders = np.random.default_rng(0).normal(scale=0.1, size=(2, features, 3))
    return scene_of_settings(encoders, options=options_with(MatrixZoom(window)))


def reading(shown: Panel, scene: Scene) -> str:
    return shown.reading_within(SIZE[0], scene, SIZE, Palette())


@each_panel
def test_what_is_merged_is_said_and_zooming_in_ends_it(zoomed: Panel) -> None:
    assert zoomed.zoom is not None
    scene, sides = large(), [200]
    while reading(zoomed, scene).startswith("each cell: the largest of "):
        change = zoomed.zoom.at(scene, *SIZE, None, 1, Palette())
        assert change is not None
        window = change(_selection(scene)).options.of(MatrixZoom).window
        assert window is not None
        sides.append(window.side)
        assert f" · features {window.row}–{window.rows[-1]} of 200" in zoomed.title(large(window))
        scene = large(window)
    assert len(sides) > 2
    assert sides == sorted(sides, reverse=True)
    back = zoomed.zoom.whole(scene)
    assert back is not None
    assert back(_selection(scene)).options.of(MatrixZoom).window is None
    assert zoomed.zoom.whole(large()) is None
    assert zoomed.zoom.pan(large(), 1, 0) is None


@each_panel
def test_a_part_is_drawn_as_the_part_of_the_whole(zoomed: Panel) -> None:
    """A window on many features shows the same picture as a model of those features alone."""
    features = slice(40, 60)
    encoders = np.random.default_rng(0).normal(scale=0.6, size=(2, 80, 3))
    part = Window(features.start, features.start, 20)
    whole = scene_of_settings(encoders, options=options_with(MatrixZoom(part)))
    alone = scene_of_settings(encoders[:, features])
    size = (90, 33)
    grounds = [
        {tuple(row) for row in zoomed.draw(scene, *size, Palette("truecolor")).grounds.tolist()}
        for scene in (whole, alone)
    ]
    assert grounds[0] == grounds[1]
    shown, same = (
        zoomed.draw(scene, *size, Palette("truecolor")).text() for scene in (whole, alone)
    )
    assert "45" in shown
    assert "45" not in same.splitlines()[1]


@each_panel
def test_keys_zoom_around_the_cursor_with_both_its_features_on_the_diagonal(zoomed: Panel) -> None:
    encoders = np.zeros((2, 20, 3))
    options = options_with(MatrixZoom(), cursor=Cursor(7, 0))
    scene = scene_of_settings(encoders, options=options)
    assert zoomed.zoom is not None
    change = zoomed.zoom.at(scene, *SIZE, None, 1, Palette())
    assert change is not None
    assert change(_selection(scene)).options.of(MatrixZoom).window == Window(0, 0, 10)


def test_the_window_follows_the_cursor_and_fits_into_another_run() -> None:
    state = MatrixZoom(Window(100, 100, 40))
    selection = Selection("live", Focus("tied"), options_with(state))
    moved = selection.with_cursor(Cursor(99, 145)).options.of(MatrixZoom)
    assert moved == MatrixZoom(Window(99, 106, 40))
    along = selection.with_cursor(Cursor(145, 130)).options.of(MatrixZoom)
    assert along == MatrixZoom(Window(106, 106, 40))
    config = experiment_named("twenty").config
    many, few = replace(config, features=120), replace(config, features=30)
    assert state.within(many) == MatrixZoom(Window(80, 80, 40))
    assert state.within(few) == MatrixZoom()


async def test_a_window_stays_while_the_run_goes_on_and_esc_shows_everything_again() -> None:
    async with running(config=replace(SMALL, steps=50)) as (app, pilot):
        await until_finished(app, pilot)
        matrix = panel(app, "matrix")
        await pilot.press("plus")
        await until(pilot, lambda: "features 5–14 of 20" in matrix.title)
        assert "10" in text_of(app, "live-matrix")
        await pilot.press("r")
        await until_finished(app, pilot)
        await pilot.press("shift+down", "2")
        await until(pilot, lambda: "rows 7–16, columns 5–14" in str(
            panel(app, "sweep", "sweep").title
        ))  # fmt: skip
        await pilot.press("escape", "1")
        await until(pilot, lambda: matrix.title == "W·Wᵀ and b")


async def test_of_a_zoomed_picture_no_colour_is_left_over_from_the_one_before() -> None:
    """While a lane trains, a colour one level off stays; another picture has its own colours."""
    async with running(config=replace(SMALL, features=200)) as (app, pilot):
        await until_finished(app, pilot)
        matrix = panel(app, "matrix")
        for key in ("plus", "right_square_bracket", "plus", "escape"):
            await pilot.press(key)
            await pilot.pause()
            assert app.scene is not None
            exact = matrix.panel.draw(app.scene, *matrix.size, app.palette)
            assert np.array_equal(matrix._cells.inks, exact.inks)
            assert np.array_equal(matrix._cells.grounds, exact.grounds)


def test_captions_say_what_is_drawn() -> None:
    sweep, matrix = PANELS["sweep"], PANELS["matrix"]
    scene = large(features=20)
    assert "bars: " in sweep.reading_within(200, scene, (118, 33), Palette())
    assert "bars" not in sweep.reading_within(200, scene, (78, 14), Palette())
    assert "blue" not in matrix.reading_within(200, scene, SIZE, Palette("none"))
    behind_relu = scene_of(np.eye(4, 2), np.ones((1, 1)), model="mlp")
    caption = "what feature i at 1, alone, adds to output j"
    assert caption in matrix.reading_within(200, behind_relu, SIZE, Palette())
    of_both_signs = scene_of(np.eye(4, 2), np.ones((1, 1)), model="absolute")
    assert "what feature i at ±1 (mean), alone," in matrix.reading_within(
        200, of_both_signs, SIZE, Palette()
    )
    assert "alone" not in matrix.reading_within(200, scene, SIZE, Palette())


def _selection(scene: Scene) -> Selection:
    return Selection("live", scene.focus, scene.options)
